// What one request leaves on each side (Envoy's and Istio's facts, row by row), with everything varied that must not matter:
// services, hosts, ports, codes, protocols, clocks, formats with fewer keys, the order of the lines, lines that come twice.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultParties } from '#core/classify/classification.ts';
import type { RawLine } from '../../../test/support/exchanges.ts';
import { calls, decoded, identityKeys, without } from '../../../test/support/exchanges.ts';
import { linesOfFact, requestFacts } from '../../../test/support/request-facts.ts';
import { correlate } from './correlate.ts';

/** What may be missing: identity of any kind, the SNI (no mTLS), of HTTP any address; and hosts of their own. */
const missing = fc.record({
  host: fc.constantFrom(null, '127.0.0.1', '10.9.9.9'),
  identity: fc.subarray([...identityKeys, 'requested_server_name']),
  addresses: fc.subarray([
    'upstream_local_address',
    'downstream_remote_address',
    'downstream_local_address',
    'upstream_host',
  ]),
});

function failedOf(raw: readonly RawLine[]) {
  return correlate(raw.map(decoded)).map(({ fault }) => fault);
}

describe('what one request leaves on each side', () => {
  it.each(requestFacts)('$what: $fault', (fact) => {
    fc.assert(
      fc.property(calls, missing, fc.infiniteStream(fc.nat()), (call, drop, random) => {
        // All on one host, as in a laptop's mesh: it tells nothing then, so the addresses are needed.
        const host = drop.host === null ? {} : { host: drop.host };
        const ends = { caller: { ...call.caller, ...host }, callee: { ...call.callee, ...host } };
        const whole = linesOfFact(fact, { ...call, ...ends });
        // Lines without an id have their addresses alone.
        const needsAddresses = drop.host === '10.9.9.9' || whole.some((raw) => raw['request_id'] === null);
        const fewer = whole.map((raw) => without(raw, [...drop.identity, ...(needsAddresses ? [] : drop.addresses)]));
        const lines = shuffled([...fewer, ...fewer], random);
        const isFailed = fact.fault !== 'none' && fact.fault !== 'client_error';
        const failed = failedOf(lines);
        expect(failed.map(({ fault, party }) => ({ fault, party }))).toEqual(
          isFailed ? [{ fault: fact.fault, party: faultParties[fact.fault] }] : [],
        );
        for (const { evidence, hops } of failed) {
          expect(hops).toHaveLength(whole.length);
          const sides = [fact.source !== null, fact.arrivals.length > 0].join();
          expect(evidence).toBe(
            { 'true,true': 'both sides', 'true,false': 'source only', 'false,true': 'destination only' }[sides],
          );
        }
      }),
      { numRuns: 40 },
    );
  });
});

function shuffled<T>(items: readonly T[], random: fc.Stream<number>): readonly T[] {
  const keyed = items.map((item) => ({ item, key: random.next().value ?? 0 }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
