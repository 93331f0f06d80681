// A machine without a JDK that is new enough gets an error that says so, and how to help it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findJdk } from './jdk.ts';

function fakeJdk(version: string): string {
  const home = mkdtempSync(join(tmpdir(), 'flagwatch-jdk-'));
  mkdirSync(join(home, 'bin'));
  writeFileSync(join(home, 'bin', 'javac'), '');
  writeFileSync(join(home, 'release'), `IMPLEMENTOR="test"\nJAVA_VERSION="${version}"\n`);
  return home;
}

it('says what is missing, what was found and how to get it', () => {
  const home = fakeJdk('17.0.1');
  const find = (): unknown => findJdk('Elasticsearch', 900, { JAVA_HOME: home });
  expect(find).toThrow(/^Elasticsearch needs a JDK 900 or later/);
  expect(find).toThrow(`17 in ${home}`);
  expect(find).toThrow(/apt-get install .*ES_JAVA_HOME or JAVA_HOME/);
  rmSync(home, { recursive: true });
});

it('takes the one that the environment names where it is new enough', () => {
  const home = fakeJdk('99.0.2');
  expect(findJdk('Kafka', 17, { JAVA_HOME: home })).toEqual({ home, major: 99 });
  rmSync(home, { recursive: true });
});
