import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anEdge } from '../../../test/support/builders.ts';
import { noCounts } from './count-row.ts';
import { durationBucket } from './duration-sketch.ts';
import type { CountedLine } from './pane-table.ts';
import { EdgeCounter, mergeExamples } from './pane-table.ts';

const example = (atMs: number, requestId = `r${atMs}`) => ({ atMs, requestId });
const aLine = (changes: Partial<CountedLine> = {}): CountedLine => ({
  flags: [],
  isFailed: false,
  durationMs: 10,
  responseCode: 200,
  ...example(1),
  ...changes,
});

describe('EdgeCounter', () => {
  it('counts lines and flags by pane, a line with two flags for both', () => {
    const counter = new EdgeCounter(anEdge());
    counter.addHealthy(1000, 10);
    counter.add(1000, aLine({ flags: ['URX', 'UF'], isFailed: true, responseCode: 503, ...example(1500) }));
    counter.addHealthy(0, 900);
    expect(counter.take()).toEqual([
      { ...noCounts, paneStartAtMs: 0, edge: anEdge(), requestCount: 1, durations: [durationBucket(900), 1] },
      {
        ...noCounts,
        paneStartAtMs: 1000,
        edge: anEdge(),
        requestCount: 2,
        failedCount: 1,
        flagCounts: { URX: 1, UF: 1 },
        durations: [durationBucket(10), 2],
        examples: { failed: [example(1500)], URX: [example(1500)], UF: [example(1500)] },
      },
    ]);
  });

  it('is empty after take, and counts on', () => {
    const counter = new EdgeCounter(anEdge());
    counter.addHealthy(0, 1);
    counter.take();
    expect([counter.isEmpty, counter.take()]).toEqual([true, []]);
    counter.addHealthy(0, 1);
    expect(counter.take()).toMatchObject([{ requestCount: 1 }]);
  });

  it('counts a flag that a line repeats once, and a line without a request id without an example', () => {
    const counter = new EdgeCounter(anEdge());
    counter.add(0, aLine({ flags: ['UC', 'UC'], requestId: null }));
    expect(counter.take()).toMatchObject([{ requestCount: 1, flagCounts: { UC: 1 }, examples: {} }]);
  });

  it('counts no duration where nobody was answered: it is how long somebody waited', () => {
    const counter = new EdgeCounter(anEdge());
    counter.add(0, aLine({ flags: ['DC'], responseCode: 0, isFailed: true, requestId: null }));
    expect(counter.take()).toMatchObject([{ requestCount: 1, failedCount: 1, durations: [], examples: {} }]);
  });

  it('bounds the distinct flags of hostile lines and loses no count', () => {
    const counter = new EdgeCounter(anEdge());
    for (let i = 0; i < 1000; i += 1) counter.add(0, aLine({ flags: [`X${i}`], ...example(i) }));
    const [row] = counter.take();
    expect(Object.keys(row?.flagCounts ?? {}).length).toBeLessThanOrEqual(65);
    expect(Object.values(row?.flagCounts ?? {}).reduce((a, b) => a + b, 0)).toBe(1000);
  });
});

describe('mergeExamples', () => {
  const list = fc
    .array(fc.record({ atMs: fc.nat({ max: 5 }), requestId: fc.constantFrom('a', 'b', 'c') }), { maxLength: 8 })
    .map((examples) => mergeExamples([], examples));

  it('keeps the earliest three, and does not depend on order or grouping', () => {
    fc.assert(
      fc.property(list, list, list, (a, b, c) => {
        const all = mergeExamples(mergeExamples(a, b), c);
        expect(mergeExamples(mergeExamples([], c), mergeExamples(b, a))).toEqual(all);
        expect(all.length).toBeLessThanOrEqual(3);
      }),
    );
  });
});
