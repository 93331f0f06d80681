// `flagwatch replay`: the same alerts, byte for byte, whole, shuffled within the allowed lateness, and split over files.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/flagwatch-process.ts';
import { incidentLines } from './world.ts';

const folder = mkdtempSync(join(tmpdir(), 'flagwatch-replay-'));
afterAll(() => rmSync(folder, { recursive: true }));
const rules = join(import.meta.dirname, '..', '..', 'rules');
const lines = incidentLines(7);

function write(name: string, chosen: readonly { readonly line: string }[]): string {
  const file = join(folder, name);
  writeFileSync(file, `${chosen.map(({ line }) => line).join('\n')}\n`);
  return file;
}

const replay = (...files: string[]) => runCommand(['replay', '-r', rules, ...files]);

describe('flagwatch replay', () => {
  it('prints what each rule says of the bad deploy, in the order of event time, with its numbers', async () => {
    const { status, stdout, stderr } = await replay(write('whole.log', lines));
    expect([status, stderr.trim()]).toEqual([0, `${lines.length} lines counted, 0 late, 0 skipped, 0 unreadable`]);
    const transitions = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    // Where windows are cut differs from run to run, and with it who is first by some seconds.
    expect(transitions.map(({ alert, status: step }) => `${alert} ${step}`).sort()).toEqual([
      'NewVersionFails firing',
      'NewVersionFails resolved',
      'SustainedFailure firing',
      'SustainedFailure resolved',
      'UpstreamConnectionTermination firing',
      'UpstreamConnectionTermination resolved',
    ]);
    const times = transitions.map(({ at }) => String(at));
    expect(times).toEqual([...times].sort());
    expect(transitions[0]).toMatchObject({
      alert: 'UpstreamConnectionTermination',
      labels: {
        destination_service: 'payments',
        destination_version: 'v2',
        destination_deploy_id: 'd-2215',
        flag: 'UC',
      },
      summary: expect.stringContaining('payments v2 closes connections'),
    });
    expect(Number(transitions[0]?.['z'])).toBeGreaterThanOrEqual(5);
  });

  it('gives the same bytes whatever the order within the allowed lateness, and however the lines are split', async () => {
    const whole = await replay(write('whole.log', lines));
    expect([whole.status, whole.stdout.trim().split('\n').length]).toEqual([0, 6]);
    const shuffled = lines
      .map((line, i) => ({ ...line, at: line.atMs + ((i * 7919) % 4000) }))
      .sort((a, b) => a.at - b.at);
    const split = [0, 1, 2].map((part) =>
      write(
        `part-${part}.log`,
        lines.filter((_, i) => i % 3 === part),
      ),
    );
    const halves = [lines.slice(0, lines.length / 2), lines.slice(lines.length / 2)].map((half, i) =>
      write(`half-${i}.log`, half),
    );
    for (const files of [[write('shuffled.log', shuffled)], split, halves]) {
      expect((await replay(...files)).stdout).toBe(whole.stdout);
    }
  });

  it('says what is wrong with the rules, and with the files', async () => {
    const broken = join(folder, 'broken.yaml');
    writeFileSync(broken, 'groups:\n  - name: a\n    rules:\n      - alert: A\n        selct: { flags: [UC] }\n');
    const checked = await runCommand(['replay', '-r', broken, join(folder, 'whole.log')]);
    expect([checked.status, checked.stderr]).toEqual([3, expect.stringContaining(`${broken}:5:9: error:`)]);
    const missing = await replay(join(folder, 'no-such.log'));
    expect([missing.status, missing.stderr]).toEqual([1, expect.stringContaining('no such file')]);
  });
});
