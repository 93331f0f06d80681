import fc from 'fast-check';
import { quantileSorted } from 'simple-statistics';
import { expect, test } from 'vitest';
import {
  addSketch,
  durationBucket,
  durationBuckets,
  isSketch,
  sketchCount,
  sketchQuantile,
  toSketch,
} from './duration-sketch.ts';

const durations = fc.array(fc.oneof(fc.nat(1_200), fc.nat(3_600_000)), { minLength: 1, maxLength: 300 });

function sketchOf(values: readonly number[]) {
  const counts = new Uint32Array(durationBuckets);
  for (const value of values) counts[durationBucket(value)] = (counts[durationBucket(value)] ?? 0) + 1;
  return toSketch(counts);
}

test('every quantile is within 5 % of the value at its rank', () => {
  fc.assert(
    fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
      const sorted = [...values].sort((a, b) => a - b);
      const exact = sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] ?? 0;
      const found = sketchQuantile(sketchOf(values), q) ?? Number.NaN;
      expect(Math.abs(found - exact)).toBeLessThanOrEqual(0.05 * exact + 1e-6);
    }),
  );
});

test('the median agrees with simple-statistics on an odd number of values', () => {
  const values = [3, 8, 12, 90, 1000];
  const found = sketchQuantile(sketchOf(values), 0.5) ?? 0;
  expect(Math.abs(found - quantileSorted(values, 0.5))).toBeLessThan(0.05 * 12);
});

test('sketches merge by adding', () => {
  fc.assert(
    fc.property(durations, durations, (a, b) => {
      const counts = new Uint32Array(durationBuckets);
      addSketch(counts, sketchOf(a));
      addSketch(counts, sketchOf(b));
      expect(toSketch(counts)).toEqual(sketchOf([...a, ...b]));
      expect(sketchCount(toSketch(counts))).toBe(a.length + b.length);
    }),
  );
});

test('a sketch is a sketch, and what is none is told', () => {
  fc.assert(fc.property(durations, (values) => isSketch(sketchOf(values))));
  for (const bad of [null, {}, [1], [1, 0], [3, 1, 2, 1], [durationBuckets, 1], [0.5, 1], ['1', 1]]) {
    expect(isSketch(bad)).toBe(false);
  }
});

test('no requests have no quantile; what takes hours counts as an hour', () => {
  expect(sketchQuantile([], 0.5)).toBeNull();
  expect(durationBucket(86_400_000)).toBe(durationBucket(3_600_000));
});
