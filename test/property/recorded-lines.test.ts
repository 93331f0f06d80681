// Recorded Envoy lines in every format, and the records that they are. `vitest -u` writes test/golden/access-log/records.jsonl anew: read its diff.
import { describe, expect, it } from 'vitest';
import { decodeLine } from '#core/access-log/decode-line.ts';
import type { AccessLogRecord } from '#core/access-log/record.ts';
import { unknownWorkload } from '#core/access-log/record.ts';
import { type GoldenFormat, goldenFormats, goldenLines } from '../support/line-arbitraries.ts';

function records(format: GoldenFormat): readonly AccessLogRecord[] {
  return goldenLines(format).map((line) => {
    const outcome = decodeLine(new TextEncoder().encode(line));
    if (outcome.kind !== 'ok') throw new Error(`${format}: ${JSON.stringify(outcome)}`);
    return outcome.value;
  });
}

describe('recorded lines', () => {
  it('become these records', async () => {
    const text = records('extended-json').map((record) => `${JSON.stringify(record)}\n`);
    await expect(text.join('')).toMatchFileSnapshot('../golden/access-log/records.jsonl');
  });

  it('are the same requests in every format, and enough of them', () => {
    const counts = goldenFormats.map((format) => goldenLines(format).length);
    expect(new Set(counts).size).toBe(1);
    expect(counts[0]).toBeGreaterThan(50);
    const flags = new Set(records('extended-json').flatMap((record) => record.responseFlags));
    expect([...flags].sort()).toEqual(
      'DC DF DI DPE DR FI IH NC NR RL RLSE SI UAEX UC UDO UF UH UMSDR UO UPE UR URX UT'.split(' '),
    );
  });

  it('say in Istio’s own formats all but who called whom', () => {
    const bare = records('extended-json').map((record) => ({
      ...record,
      traceId: null,
      listenerDirection: null,
      node: unknownWorkload,
      isSidecar: false,
      pod: null,
      upstreamPeer: unknownWorkload,
      downstreamPeer: unknownWorkload,
      attemptCount: null,
    }));
    expect(records('istio-json')).toEqual(bare);
    expect(records('istio-text')).toEqual(bare);
  });

  it('name their writer in Filebeat’s envelope as well as on the line', () => {
    const extended = records('extended-json');
    expect(records('filebeat-istio-json')).toEqual(
      records('istio-json').map((record, i) => ({
        ...record,
        node: extended[i]?.node,
        pod: extended[i]?.pod,
        host: 'node-1',
      })),
    );
  });
});
