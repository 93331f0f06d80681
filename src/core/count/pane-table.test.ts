import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anEdge } from '../../../test/support/builders.ts';
import { EdgeCounter, mergeExamples } from './pane-table.ts';

const example = (atMs: number, requestId = `r${atMs}`) => ({ atMs, requestId });

describe('EdgeCounter', () => {
  it('counts lines and flags by pane, a line with two flags for both', () => {
    const counter = new EdgeCounter(anEdge());
    counter.addHealthy(1000);
    counter.addFlagged(1000, ['URX', 'UF'], example(1500));
    counter.addHealthy(0);
    expect(counter.take()).toEqual([
      { paneStartAtMs: 0, edge: anEdge(), requestCount: 1, flagCounts: {}, examples: {} },
      {
        paneStartAtMs: 1000,
        edge: anEdge(),
        requestCount: 2,
        flagCounts: { URX: 1, UF: 1 },
        examples: { URX: [example(1500)], UF: [example(1500)] },
      },
    ]);
  });

  it('is empty after take, and counts on', () => {
    const counter = new EdgeCounter(anEdge());
    counter.addHealthy(0);
    counter.take();
    expect([counter.isEmpty, counter.take()]).toEqual([true, []]);
    counter.addHealthy(0);
    expect(counter.take()).toMatchObject([{ requestCount: 1 }]);
  });

  it('counts a flag that a line repeats once, and a line without a request id without an example', () => {
    const counter = new EdgeCounter(anEdge());
    counter.addFlagged(0, ['UC', 'UC'], { atMs: 1, requestId: null });
    expect(counter.take()).toMatchObject([{ requestCount: 1, flagCounts: { UC: 1 }, examples: {} }]);
  });

  it('bounds the distinct flags of hostile lines and loses no count', () => {
    const counter = new EdgeCounter(anEdge());
    for (let i = 0; i < 1000; i += 1) counter.addFlagged(0, [`X${i}`], example(i));
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
