// Silences without Kafka: commands ask the flagwatch that runs, through its API, and it keeps quiet about what was silenced.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { eventually, runCommand } from '../support/flagwatch-process.ts';
import { incidentLines } from './world.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'flagwatch-silences-'));
const settings = join(folder, 'flagwatch.yaml');
const token = { FLAGWATCH_TOKEN: 's3cret' };
let running: ChildProcess | null = null;
afterAll(() => {
  running?.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** A flagwatch that reads what it is given; resolves to its address. */
async function start(): Promise<{
  url: string;
  feed(lines: readonly string[]): Promise<[status: number, out: string]>;
}> {
  const args = ['--conditions=source', join(root, 'src', 'main.ts'), 'run', '-c', settings];
  const child = spawn(process.execPath, args, { env: { ...process.env, NODE_OPTIONS: '', ...token } });
  running = child;
  let [out, log] = ['', ''];
  child.stdout.on('data', (piece: Buffer) => {
    out += piece.toString('utf8');
  });
  child.stderr.on('data', (piece: Buffer) => {
    log += piece.toString('utf8');
  });
  const url = await eventually(() => Promise.resolve(/"url":"([^"]+)"/.exec(log)?.[1] ?? null), {
    timeoutMs: 60_000,
    describe: () => log,
  });
  return {
    url,
    feed: async (lines) => {
      child.stdin.end(`${lines.join('\n')}\n`);
      const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
      return [status ?? -1, out];
    },
  };
}

it('are set, listed and ended over HTTP, and hold', async () => {
  writeFileSync(
    settings,
    `rules: ["${join(root, 'rules', '*.yaml')}"]\nhttp: { listen: "127.0.0.1:0", token: "\${FLAGWATCH_TOKEN}" }\nidle_timeout: 2s\n`,
  );
  const { url, feed } = await start();
  const yesterday = new Date(Date.now() - 86_400_000).toISOString();
  const silence = (...args: string[]) => runCommand(['silence', ...args, '--url', url, '-c', settings], token);
  const add = (matcher: string) =>
    silence('add', matcher, '--from', yesterday, '--for', '2d', '--author', 'mina', '--reason', 'load test');

  const held = await add('alertname =~ ".+"');
  expect(held).toMatchObject({ status: 0, stderr: `${url}: notify has taken it\n` });
  const other = await add('alertname = "Nothing"');
  const listed = await silence('list', '--json');
  const known = listed.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(known).toMatchObject([{ id: held.stdout.trim(), author: 'mina' }, { matchers: ['alertname="Nothing"'] }]);
  expect(await silence('end', other.stdout.trim())).toMatchObject({ status: 0 });
  expect((await silence('list')).stdout.trim().split('\n')).toHaveLength(1);
  expect(await silence('end', 'nobody')).toMatchObject({ status: 1 });

  const stranger = await runCommand(['silence', 'list', '--url', url]);
  expect([stranger.status, stranger.stderr]).toEqual([1, expect.stringContaining('HTTP 401')]);

  const [status, out] = await feed(incidentLines(6).map(({ line }) => line));
  expect([status, out]).toEqual([0, '']);

  const after = await silence('list');
  expect([after.status, after.stderr]).toEqual([1, expect.stringContaining(`nothing answers at ${url}`)]);
});
