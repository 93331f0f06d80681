// Finds the JDK that runs the real services of the tests. Where there is none the test fails; it is never skipped.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const homeVariables = ['ES_JAVA_HOME', 'JAVA_HOME'] as const;
const installFolders = ['/usr/lib/jvm', '/opt', '/Library/Java/JavaVirtualMachines'];

/** An installed JDK: its folder, and its feature version such as 21. */
export interface Jdk {
  readonly home: string;
  readonly major: number;
}

/**
 * The JDK to run `service` with: one named by the environment if it is new enough, else the oldest that is.
 * Throws an error that says what is missing and how to get it.
 */
export function findJdk(service: string, minMajor: number, env: NodeJS.ProcessEnv): Jdk {
  const named = homeVariables.flatMap((variable) => readJdk(env[variable] ?? ''));
  const installed = installFolders.flatMap(listJdks).sort((a, b) => a.major - b.major);
  const found = [...named, ...installed];
  const jdk = found.find((candidate) => candidate.major >= minMajor);
  if (jdk !== undefined) return jdk;
  const seen = found.map(({ home, major }) => `${major} in ${home}`).join(', ') || 'none at all';
  throw new Error(
    `${service} needs a JDK ${minMajor} or later (with javac), found: ${seen}. Looked at ${homeVariables.join(' and ')} ` +
      `and in ${installFolders.join(', ')}. Install one (Debian: apt-get install openjdk-21-jdk-headless; macOS: ` +
      'brew install --cask temurin; or unpack any JDK archive under /opt), or point ES_JAVA_HOME or JAVA_HOME at one.',
  );
}

function listJdks(folder: string): Jdk[] {
  if (!existsSync(folder)) return [];
  const homes = readdirSync(folder).map((name) => join(folder, name));
  return homes.flatMap((home) => [...readJdk(home), ...readJdk(join(home, 'Contents', 'Home'))]);
}

function readJdk(home: string): Jdk[] {
  const release = join(home, 'release');
  if (home === '' || !existsSync(join(home, 'bin', 'javac')) || !existsSync(release)) return [];
  const major = /^JAVA_VERSION="(\d+)/m.exec(readFileSync(release, 'utf8'))?.[1];
  return major === undefined ? [] : [{ home, major: Number(major) }];
}
