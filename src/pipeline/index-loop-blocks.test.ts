// Blocks of windows: every row is in a durable block before its offset is committed, wherever the loop stops and goes on.
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockRows, type ReusedRow } from '#core/count/count-block-reader.ts';
import type { WindowCount } from '#core/count/count-row.ts';
import { noCounts } from '#core/count/count-row.ts';
import { encodeWindowCounts } from '#core/count/window-count-wire.ts';
import type { StoreDocument } from '#ports/document-store.ts';
import { metrics } from '#telemetry/metrics.ts';
import { anEdge, inTime } from '../../test/support/builders.ts';
import type { FakeDocumentStore } from '../../test/support/fake-document-store.ts';
import type { IndexOwner } from '../../test/support/index-harness.ts';
import { names, nowMs, setUpIndex } from '../../test/support/index-harness.ts';
import { RecordedPartition, toBatch } from '../../test/support/loop-harness.ts';
import { windowBlockDefaults } from './documents/window-blocks.ts';

const windowMs = 10_000;
const slotMs = windowBlockDefaults.slotMs;
const startAtMs = Math.floor(nowMs / slotMs) * slotMs - 10 * slotMs;

function record(n: number, service: string, changes: Partial<WindowCount> = {}): string {
  const span = { windowStartAtMs: startAtMs + n * windowMs, windowEndAtMs: startAtMs + (n + 1) * windowMs };
  const row = { ...noCounts, ...inTime, requestCount: 1 + n, durations: [3, 1 + n], ...span, ...changes };
  return encodeWindowCounts(
    ['v1', 'v2'].map((version) => ({
      ...row,
      edge: anEdge({ destination_service: service, source_version: version }),
    })),
  );
}

interface BlockSource {
  readonly '@timestamp': string;
  readonly flagwatch: {
    readonly destination: { readonly service: string };
    readonly block: {
      readonly window_ms: number;
      readonly rows: number;
      readonly counts: string;
      readonly durations: string;
    };
  };
}

const blocksOf = (store: FakeDocumentStore): readonly StoreDocument[] =>
  [...store.documents.values()].filter(({ index }) => index.startsWith('fw-window-blocks-'));

/** What is in all blocks together, each row once: `window service version requests`. */
function rowsOf(store: FakeDocumentStore): readonly string[] {
  const shared = new BlockRows();
  const opened = blocksOf(store).map(({ json }) => {
    const { counts, durations } = (JSON.parse(json) as BlockSource).flagwatch.block;
    return shared.open(Buffer.from(counts, 'base64'), Buffer.from(durations, 'base64'));
  });
  const starts = new Set(opened.flatMap(({ outline }) => outline.heads.map((head) => head.startAtMs)));
  return [...starts].flatMap((start) => {
    shared.beginWindow();
    const rows: ReusedRow[] = [];
    for (const block of opened) {
      for (const head of block.outline.heads) if (head.startAtMs === start) block.readRows(head, rows);
    }
    return rows.map(({ edge, requestCount }) => {
      return `${(start - startAtMs) / windowMs} ${edge.destination_service} ${edge.source_version} ${requestCount}`;
    });
  });
}

const wanted = (values: readonly (readonly [number, string])[]): readonly string[] =>
  values.flatMap(([n, service]) => ['v1', 'v2'].map((version) => `${n} ${service} ${version} ${n + 1}`));

/** The loop on a partition with some values, under owners that come and go. */
class InterruptedRun {
  readonly #values: readonly string[];
  readonly #index = setUpIndex();
  readonly store = this.#index.store;
  #partition = new RecordedPartition({ topic: names.windows });
  #owner: IndexOwner | null = null;
  #position = 0;

  constructor(values: readonly string[]) {
    this.#values = values;
  }

  get committedOffset(): number {
    return this.#partition.commits.at(-1)?.nextOffset ?? this.#partition.committedOffset ?? 0;
  }

  /** A new owner begins where the last has committed. */
  async open(): Promise<void> {
    const { committedOffset } = this;
    this.#partition = new RecordedPartition({ topic: names.windows, committedOffset });
    this.#position = committedOffset;
    this.#owner = await this.#index.open(this.#partition);
  }

  async readUntil(offset: number): Promise<void> {
    for (; this.#position < offset; this.#position += 1) {
      const value = this.#values[this.#position] ?? '';
      await this.#owner?.processor.process(toBatch([value], this.#position));
    }
  }

  async interrupt(how: 'nothing' | 'settle' | 'write' | 'kill' | 'drain'): Promise<void> {
    if (how === 'write') this.#index.clock.advance(windowBlockDefaults.writeIntervalMs);
    if (how === 'write' || how === 'settle') await this.#owner?.settle();
    if (how === 'drain') await this.#owner?.processor.drain();
    // What was on its way may arrive after the owner is gone.
    if (how === 'kill') await nextTurn();
    if (how === 'kill' || how === 'drain') await this.open();
  }
}

describe('blocks of windows', () => {
  it('are written once a minute and when the loop stops, and only then the offset is committed', async () => {
    const { store, open, clock, meter } = setUpIndex();
    const partition = new RecordedPartition({ topic: names.windows });
    const { processor, settle } = await open(partition);
    await processor.process(toBatch([record(0, 'a'), record(0, 'b'), record(1, 'a')]));
    await settle();
    expect([store.documents.size, partition.commits.length]).toEqual([6, 0]);
    clock.advance(windowBlockDefaults.writeIntervalMs);
    await settle();
    expect(partition.commits).toEqual([{ records: [], nextOffset: 3 }]);
    const [block] = blocksOf(store);
    expect(block?.revision).toBe(2);
    const { '@timestamp': at, flagwatch } = JSON.parse(block?.json ?? '') as BlockSource;
    expect([at, flagwatch.destination.service]).toEqual([new Date(startAtMs).toISOString(), 'a']);
    expect(flagwatch.block).toMatchObject({ window_ms: windowMs, rows: 4 });
    await processor.process(toBatch([record(2, 'a')], 3));
    await processor.drain();
    expect(partition.commits.at(-1)?.nextOffset).toBe(4);
    expect(blocksOf(store).map(({ revision }) => revision)).toEqual([3, 1]);
    expect(rowsOf(store)).toEqual(
      wanted([
        [0, 'a'],
        [0, 'b'],
        [1, 'a'],
        [2, 'a'],
      ]),
    );
    expect(meter.total(metrics.documents, { kind: 'window-blocks', outcome: 'created' })).toBe(3);
  });

  it('lose and double nothing, wherever the loop is killed or stopped and goes on', async () => {
    const step = fc.record({
      n: fc.nat(70),
      service: fc.constantFrom('a', 'b'),
      after: fc.constantFrom('nothing', 'nothing', 'nothing', 'settle', 'write', 'kill', 'drain'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const values = [...new Map(steps.map((one) => [`${one.n} ${one.service}`, one])).values()];
        const run = new InterruptedRun(values.map(({ n, service }) => record(n, service)));
        await run.open();
        for (const [i, { after }] of values.entries()) {
          await run.readUntil(i + 1);
          await run.interrupt(after);
        }
        await run.readUntil(values.length);
        await run.interrupt('drain');
        expect([...rowsOf(run.store)].sort()).toEqual(
          [...wanted(values.map(({ n, service }) => [n, service] as const))].sort(),
        );
        expect(run.committedOffset).toBe(values.length);
      }),
      { numRuns: 60 },
    );
  });

  it('are begun anew when there is too much to hold', async () => {
    const { store, open, meter } = setUpIndex({ blocks: { ...windowBlockDefaults, maxHeldBytes: 200 } });
    const partition = new RecordedPartition({ topic: names.windows });
    const { processor, settle } = await open(partition);
    for (let n = 0; n < 30; n += 1) await processor.process(toBatch([record(n, 'a')], n));
    await settle();
    expect(blocksOf(store).length).toBeGreaterThan(5);
    expect(meter.total(metrics.openBlockBytes)).toBeLessThan(1000);
    await processor.drain();
    expect(rowsOf(store)).toEqual(wanted(Array.from({ length: 30 }, (_, n) => [n, 'a'] as const)));
  });

  it('are set aside themselves where the store refuses them; what came late is kept beside its window', async () => {
    const { store, open, clock } = setUpIndex();
    const partition = new RecordedPartition({ topic: names.windows });
    const { processor, settle } = await open(partition);
    await processor.process(toBatch([record(0, 'a'), record(0, 'a', { late: '0/4711' })]));
    store.answer = ({ index }) => (index.includes('-window-blocks-') ? { kind: 'rejected', detail: 'no' } : null);
    clock.advance(windowBlockDefaults.writeIntervalMs);
    await settle();
    const [letter] = partition
      .written(names.deadLetters)
      .map(({ value }) => JSON.parse(String(value)) as Record<string, unknown>);
    expect(letter).toMatchObject({ reason: 'rejected_by_store', origin: { topic: names.windows, offset: 0 } });
    const block = (JSON.parse(String(letter?.['text'])) as BlockSource).flagwatch.block;
    const { outline } = new BlockRows().open(Buffer.from(block.counts, 'base64'), null);
    expect(outline.heads.map(({ late }) => late === null)).toEqual([true, false]);
  });

  it('hold what documents may hold: names are masked, and edges that masking makes equal are kept apart', async () => {
    const { store, open } = setUpIndex();
    const partition = new RecordedPartition({ topic: names.windows });
    const { processor } = await open(partition);
    const cards = ['4111111111111111', '5500005555555559'];
    await processor.process(toBatch(cards.map((card) => record(0, `gateway ${card}`))));
    await processor.drain();
    const texts = blocksOf(store).map(({ json }) => {
      const { flagwatch } = JSON.parse(json) as BlockSource;
      return `${flagwatch.destination.service} ${Buffer.from(flagwatch.block.counts, 'base64').toString('latin1')}`;
    });
    expect(texts).toHaveLength(2);
    for (const text of texts) expect(text).not.toMatch(/4111|5555/);
    expect(rowsOf(store)).toHaveLength(4);
  });
});
