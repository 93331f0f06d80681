// What has to be true in the end, whatever happened on the way: every document once, windows as recounted, one message for the one
// incident, edited until it is over.
import { expect } from 'vitest';
import type { MeshLine } from '#app/demo/recorded-mesh.ts';
import { eventually } from '../support/flagwatch-process.ts';
import { type Recount, recount, recountKey } from './recount.ts';
import { expectRequests } from './request-outcome.ts';
import { allDocuments, countDocuments, expectedLineIds, type World } from './world.ts';

interface WindowSource {
  readonly '@timestamp': string;
  readonly flagwatch: {
    readonly reporter: string;
    readonly source: { readonly service: string; readonly version: string };
    readonly destination: { readonly service: string; readonly version: string };
    readonly request_count: number;
    readonly flag_counts?: readonly { readonly flag: string; readonly count: number }[];
  };
}

/** Requests in the documents of windows. */
async function countedRequests(world: World): Promise<number> {
  if ((await countDocuments(world, 'windows')) === 0) return 0;
  const documents = await allDocuments<WindowSource>(world, 'windows');
  return documents.reduce((sum, { _source }) => sum + _source.flagwatch.request_count, 0);
}

/** Waits until all lines are documents and in windows, and the incident is told and over. */
export async function finished(world: World, lineCount: number, timeoutMs: number, log: () => string): Promise<void> {
  const state = async () => ({
    lines: await countDocuments(world, 'lines'),
    requests: await countedRequests(world),
    messages: world.slack
      .messages()
      .map((message) => ({ text: message.text.slice(0, 80), edits: message.edits.length })),
  });
  await eventually(
    async () => {
      const now = await state();
      const isOver = now.messages.length > 0 && now.messages.every(({ text }) => text.includes('✅'));
      return now.lines >= lineCount && now.requests >= lineCount && isOver ? now : null;
    },
    { timeoutMs, everyMs: 1000, describe: async () => `${JSON.stringify(await state())}\n${log().slice(-6000)}` },
  );
}

/** Checks documents, windows and messages. `others` is the number of records in the topic that are no documents. */
export async function expectOutcome(
  world: World,
  lines: readonly MeshLine[],
  { others }: { readonly others: number } = { others: 0 },
): Promise<void> {
  const documents = await allDocuments<unknown>(world, 'lines');
  const found = new Set(documents.map(({ _id }) => _id));
  const ids = new Set(await expectedLineIds(world));
  expect(ids.size).toBe(lines.length + others);
  expect(documents).toHaveLength(lines.length);
  expect(found.size).toBe(lines.length);
  expect(found.isSubsetOf(ids)).toBe(true);

  expect(await windowsInStore(world)).toEqual(
    recount(
      lines.map(({ line }) => line),
      10_000,
    ),
  );

  await expectRequests(world, lines);

  expectMessages(world);
  expect(world.slack.pings()).toEqual([]);
  expect(world.slack.violations()).toEqual([]);
}

/**
 * One message for the incident. What rules on faults say may be one of its own: lines that come all at once are judged to their end
 * before correlate has told the first request.
 */
function expectMessages(world: World): void {
  const messages = world.slack.messages();
  const [message, ...others] = messages.filter(
    ({ text }) => !text.includes('Resolved: SustainedFailure at payments\n'),
  );
  expect(others.map(({ text }) => text)).toEqual([]);
  expect(messages.length).toBeLessThanOrEqual(2);
  expect(message?.text).toContain('UC on checkout');
  expect(message?.text).toContain('✅');
  expect(message?.edits.length).toBeGreaterThan(0);
  expect(JSON.stringify(message?.blocks)).toContain('payments v2');
}

/** Windows by edge as the documents have them; a window that is there twice would count twice. */
async function windowsInStore(world: World): Promise<Recount> {
  const counts = new Map<string, Record<string, number>>();
  for (const { _source } of await allDocuments<WindowSource>(world, 'windows')) {
    const { reporter, source, destination, request_count, flag_counts } = _source.flagwatch;
    const edge = [reporter, source.service, source.version, destination.service, destination.version];
    const key = recountKey(Date.parse(_source['@timestamp']), edge);
    const row = counts.get(key) ?? { requests: 0 };
    counts.set(key, row);
    row['requests'] = (row['requests'] ?? 0) + request_count;
    for (const { flag, count } of flag_counts ?? []) row[flag] = (row[flag] ?? 0) + count;
  }
  return counts;
}
