// Generators of counts for property tests: few names, so that equal keys meet, and hostile ones among them.
import fc from 'fast-check';
import type { PartialCount } from '#core/count/count-row.ts';
import { durationBuckets } from '#core/count/duration-sketch.ts';
import { anEdge } from './builders.ts';

const name = fc.constantFrom('checkout', 'payments', 'ledger', 'unknown', '__proto__', 'a b"c\u001f');
const flag = fc.constantFrom('UC', 'DC', 'UF', 'XYZ', '__proto__', 'constructor');
const fault = fc.constantFrom('timeout', 'app_error', '__proto__');

/** Partial counts within `spanMs` of event time, with up to three flags each, every flag counted once with one example. */
export function partialCounts(spanMs: number): fc.Arbitrary<PartialCount> {
  return fc
    .record({
      pane: fc.integer({ min: 0, max: Math.floor(spanMs / 1000) - 1 }),
      source: name,
      destination: name,
      version: fc.constantFrom('v1', 'v2'),
      requestCount: fc.integer({ min: 1, max: 5 }),
      flags: fc.uniqueArray(flag, { maxLength: 3 }),
      faults: fc.uniqueArray(fault, { maxLength: 2 }),
      bucket: fc.nat(durationBuckets - 1),
      requestId: fc.string({ minLength: 1, maxLength: 6 }),
    })
    .map(({ pane, source, destination, version, requestCount, flags, faults, bucket, requestId }) => ({
      paneStartAtMs: pane * 1000,
      edge: anEdge({ source_service: source, destination_service: destination, destination_version: version }),
      requestCount,
      failedCount: flags.length > 0 ? 1 : 0,
      flagCounts: Object.fromEntries(flags.map((one) => [one, 1])),
      faultCounts: Object.fromEntries(faults.map((one) => [one, 1])),
      durations: [bucket, requestCount],
      examples: Object.fromEntries(flags.map((one) => [one, [{ atMs: pane * 1000 + 1, requestId }]])),
    }));
}
