// The embedded pipeline: the demo as a newcomer runs it, and files read to the end, a line beyond every bound among them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/flagwatch-process.ts';
import { incidentLines } from './world.ts';

const folder = mkdtempSync(join(tmpdir(), 'flagwatch-embedded-'));
afterAll(() => rmSync(folder, { recursive: true }));
const rules = join(import.meta.dirname, '..', '..', 'rules', '*.yaml');

describe('flagwatch demo', () => {
  it('shows the story, one message, its resolution, and what to try next', async () => {
    const { status, stdout } = await runCommand(['demo', '--seconds', '10']);
    expect(status).toBe(0);
    const story = [
      'payments v2 is deployed',
      'payments v2 closes connections',
      '🔴 UC on checkout -> payments v2',
      'Roll back deploy d-2215 of payments (v2)',
      '✅ NewVersionFails at payments v2',
      'What to try next',
    ];
    const places = story.map((text) => stdout.indexOf(text));
    expect(
      places.every((place) => place >= 0),
      stdout,
    ).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    // One message: what comes later edits it.
    expect(stdout.match(/flagwatch in the console$/gm)).toHaveLength(1);
    expect(stdout).toContain('d-2215');
  });
});

describe('flagwatch run on files', () => {
  it('stores every line once, tells the incident, and keeps an oversized line’s beginning, length and hash', async () => {
    const lines = incidentLines(6).map(({ line }) => line);
    const oversized = `{"never ends":"${'y'.repeat(2_000_000)}`;
    const half = Math.floor(lines.length / 2);
    writeFileSync(join(folder, 'a.log'), `${[...lines.slice(0, half), oversized].join('\n')}\n`);
    writeFileSync(join(folder, 'b.log'), `${lines.slice(half).join('\n')}\n`);
    writeFileSync(
      join(folder, 'flagwatch.yaml'),
      `files: ["*.log"]\nrules: ["${rules}"]\nhttp: { listen: "127.0.0.1:0" }\nidle_timeout: 2s\n`,
    );
    const run = () => runCommand(['run', '-c', join(folder, 'flagwatch.yaml')]);
    const first = await run();
    expect(first.status, first.stderr.slice(-2000)).toBe(0);
    expect(first.stdout).toContain('UC on checkout -> payments v2');

    const count = () => {
      const database = new DatabaseSync(join(folder, 'flagwatch.db'), { readOnly: true });
      const rows = database.prepare(`SELECT index_name AS name, json FROM documents`).all() as {
        name: string;
        json: string;
      }[];
      database.close();
      return {
        lines: rows.filter(({ name }) => name.includes('-lines-')).length,
        requests: rows.filter(({ name }) => name.includes('-requests-')).length,
        letters: rows.filter(({ name }) => name.includes('dead-letters')).map(({ json }) => JSON.parse(json) as object),
      };
    };
    expect(count().lines).toBe(lines.length);
    const correlated = await runCommand(['correlate', join(folder, 'a.log'), join(folder, 'b.log')]);
    const failed = correlated.stdout.trim().split('\n').length;
    expect(failed).toBeGreaterThan(100);
    expect(count().requests).toBe(failed);
    expect(count().letters).toMatchObject([
      {
        reason: 'too_long',
        bytes: oversized.length,
        cut: true,
        origin: { offset: half },
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);

    const { request_id: id } = JSON.parse(
      lines.find((line) => line.includes('"response_flags":"UC"')) ?? '{}',
    ) as Record<string, string>;
    const found = await runCommand(['search', '--request', String(id), '-c', join(folder, 'flagwatch.yaml')]);
    expect([found.status, found.stdout]).toEqual([0, expect.stringMatching(/✗ .*destination 503 UC/)]);
    const deploy = await runCommand(['search', '--deploy', 'd-2215', '-c', join(folder, 'flagwatch.yaml')]);
    expect(deploy.stdout).toMatch(/v2 \(d-2215\): requests \d+ seen by the destination.*UC \d+/);

    // The same files again: origins are the same, so nothing is there twice.
    expect((await run()).status).toBe(0);
    expect([count().lines, count().requests, count().letters.length]).toEqual([lines.length, failed, 1]);
  });
});
