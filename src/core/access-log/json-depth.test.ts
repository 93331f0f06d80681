import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exceedsDepth } from './json-depth.ts';

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('exceedsDepth', () => {
  it('is exact for any JSON', () => {
    const brackets = fc.string({ unit: fc.constantFrom('{', '[', ']', '}', '"', '\\', 'a'), maxLength: 6 });
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 7 }, brackets, fc.array(tie('tree')), fc.dictionary(brackets, tie('tree'))),
    }));
    fc.assert(
      fc.property(tree, fc.integer({ min: 1, max: 8 }), (value, maxDepth) => {
        expect(exceedsDepth(JSON.stringify(value), maxDepth)).toBe(depthOf(value) > maxDepth);
      }),
      { numRuns: 500 },
    );
  });

  it('takes brackets inside strings for text', () => {
    expect(exceedsDepth(JSON.stringify({ path: '{['.repeat(1000), quote: '"\\"' }), 2)).toBe(false);
  });

  it('stops at the bound, however deep', () => {
    expect(exceedsDepth('['.repeat(1_000_000), 32)).toBe(true);
    expect(exceedsDepth('"', 1)).toBe(false);
    expect(exceedsDepth('{"', 1)).toBe(false);
  });
});
