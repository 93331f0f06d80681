// On real files, as editors and Kubernetes change them.
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { systemClock } from '#adapters/system/clock.ts';
import { defaultSettings } from '#config/load-settings.ts';
import { silentLogger } from '#ports/logger.ts';
import { SummingMeter } from '../../../test/support/loop-harness.ts';
import { openRuleReload } from './open-rule-reload.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const rule = (alert: string) =>
  `groups: [{ name: g, rules: [{ alert: ${alert}, select: { flags: [UC] }, by: [destination_service], spike: {}, labels: { severity: critical } }] }]\n`;

function aFolder() {
  const root = mkdtempSync(join(tmpdir(), 'flagwatch-rules-'));
  folders.push(root);
  const settings = { ...defaultSettings(), rules: ['rules/*.yaml'] };
  const deps = { logger: silentLogger, meter: new SummingMeter(), clock: systemClock };
  const open = (texts: Readonly<Record<string, string>>) =>
    openRuleReload(
      settings,
      root,
      Object.entries(texts).map(([file, text]) => ({ file: join(root, file), text })),
      deps,
    );
  return { root, open };
}

async function looked({ look, current }: { look: () => Promise<void>; current: () => readonly string[] }) {
  await look();
  await look();
  return current();
}

it('sees a file written, renamed into place and deleted, and names files from the folder of the settings', async () => {
  const { root, open } = aFolder();
  mkdirSync(join(root, 'rules'));
  writeFileSync(join(root, 'rules/a.yaml'), rule('A'));
  const reload = open({ 'rules/a.yaml': rule('A') });
  const world = { look: () => reload.look(), current: () => reload.current.rules.map(({ alert }) => alert) };
  expect(await looked(world)).toEqual(['A']);
  expect(reload.current.files.map(({ file }) => file)).toEqual(['rules/a.yaml']);
  const { hash } = reload.current;
  writeFileSync(join(root, 'rules/.b.yaml.swp'), rule('B'));
  expect(await looked(world)).toEqual(['A']);
  renameSync(join(root, 'rules/.b.yaml.swp'), join(root, 'rules/b.yaml'));
  expect(await looked(world)).toEqual(['A', 'B']);
  rmSync(join(root, 'rules/b.yaml'));
  expect(await looked(world)).toEqual(['A']);
  expect(reload.current.hash).toBe(hash);
  rmSync(join(root, 'rules'), { recursive: true });
  expect(await looked(world)).toEqual(['A']);
  expect(reload.problem).toContain('rules/*.yaml');
});

it('sees a mounted ConfigMap change, whose files are links', async () => {
  const { root, open } = aFolder();
  mkdirSync(join(root, 'rules/..v1'), { recursive: true });
  mkdirSync(join(root, 'rules/..v2'));
  writeFileSync(join(root, 'rules/..v1/a.yaml'), rule('A'));
  writeFileSync(join(root, 'rules/..v2/a.yaml'), rule('B'));
  symlinkSync('..v1', join(root, 'rules/..data'));
  symlinkSync('..data/a.yaml', join(root, 'rules/a.yaml'));
  const reload = open({ 'rules/a.yaml': rule('A') });
  const world = { look: () => reload.look(), current: () => reload.current.rules.map(({ alert }) => alert) };
  expect(await looked(world)).toEqual(['A']);
  symlinkSync('..v2', join(root, 'rules/..data_tmp'));
  renameSync(join(root, 'rules/..data_tmp'), join(root, 'rules/..data'));
  expect(await looked(world)).toEqual(['B']);
});
