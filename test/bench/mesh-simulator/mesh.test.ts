// The simulated mesh is what it says: the same seed gives the same bytes, lines are read, both sides agree, faults are as planned.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decodeLine } from '#core/access-log/decode-line.ts';
import type { AccessLogRecord } from '#core/access-log/record.ts';
import type { RequestFault } from '#core/correlate/request-fault.ts';
import { toRequestLine } from '#core/correlate/request-line.ts';
import { defaultRequestTableSettings, RequestTable } from '#core/correlate/request-table.ts';
import { goldenLines } from '../../support/line-arbitraries.ts';
import type { Effect, FailEffect, Plan } from './incident.ts';
import type { MeshSettings } from './mesh.ts';
import { SimulatedMesh } from './mesh.ts';
import type { FailedCall } from './request.ts';
import { orderedShipping, usualShipping } from './shipped-lines.ts';

const minuteMs = 60_000;
/** Noon in Seoul. */
const startAtMs = Date.UTC(2026, 10, 18, 3);

function aPlan(minutes: number, parts: Partial<Plan> = {}): Plan {
  return { startAtMs, endAtMs: startAtMs + minutes * minuteMs, incidents: [], effects: [], deploys: [], ...parts };
}

const endless = { fromMs: startAtMs, untilMs: startAtMs + 60 * minuteMs, version: null };

function failing(source: string | null, destination: string, cause: FailEffect['cause'], share: number): FailEffect {
  return { kind: 'fail', source, destination, cause, share: { from: share, to: share }, ...endless };
}

/** Each cause somewhere. */
const everyCause: readonly Effect[] = [
  failing('gateway', 'accounts', 'caller_left', 0.05),
  failing('gateway', 'orders', 'no_route', 0.05),
  failing('storefront', 'search', 'circuit_open', 0.1),
  failing('storefront', 'basket', 'app_closed', 0.3),
  failing('storefront', 'accounts', 'app_error', 0.2),
  failing('basket', 'stock', 'app_down', 0.3),
  failing('orders', 'stock', 'unreachable', 0.1),
  failing('orders', 'delivery', 'no_endpoint', 0.4),
  { ...endless, kind: 'slow', source: null, destination: 'risk', share: 0.3, factor: 1, addMs: 2500 },
];

interface Heard {
  readonly partitions: readonly (readonly string[])[];
  readonly failures: readonly FailedCall[];
}

function hear(settings: Omit<MeshSettings, 'scale'> & { readonly scale?: number }): Heard {
  const failures: FailedCall[] = [];
  const mesh = new SimulatedMesh({
    scale: 1,
    shipping: orderedShipping,
    onFailure: (call) => failures.push(call),
    ...settings,
  });
  const partitions: string[][] = [];
  for (let second = mesh.nextSecond(); second !== null; second = mesh.nextSecond()) {
    second.chunks.forEach((chunks, i) => {
      partitions[i] ??= [];
      for (const chunk of chunks) partitions[i].push(...chunk.toString('utf8').trimEnd().split('\n'));
    });
  }
  return { partitions, failures };
}

function decode(line: string): AccessLogRecord {
  const outcome = decodeLine(Buffer.from(line));
  if (outcome.kind !== 'ok') throw new Error(`${JSON.stringify(outcome)}: ${line}`);
  return outcome.value;
}

type RawLine = Readonly<Record<string, unknown>>;
const parse = (line: string): RawLine => JSON.parse(line) as RawLine;
const shapeOf = (line: RawLine): string =>
  ['listener_direction', 'response_flags', 'response_code', 'response_code_details'].map((key) => line[key]).join(' ');

const hashOf = ({ partitions }: Heard): string =>
  createHash('sha256')
    .update(partitions.map((lines) => lines.join('\n')).join('\n\n'))
    .digest('hex');

describe('a quiet mesh', () => {
  const heard = hear({ seed: 7, plan: aPlan(2) });
  const records = heard.partitions.flat().map(decode);
  const outbound = records.filter(({ listenerDirection }) => listenerDirection === 'outbound');
  const inbound = records.filter(({ listenerDirection }) => listenerDirection === 'inbound');

  it('is the same for the same seed, and another for another', () => {
    expect(hashOf(hear({ seed: 7, plan: aPlan(2) }))).toBe(hashOf(heard));
    expect(hashOf(hear({ seed: 8, plan: aPlan(2) }))).not.toBe(hashOf(heard));
  });

  it('writes some lines a second, on all partitions, each pod on one', () => {
    expect(records.length / 120).toBeGreaterThan(15);
    expect(records.length / 120).toBeLessThan(80);
    const partitionOf = new Map<string | null, number>();
    heard.partitions.forEach((lines, partition) => {
      expect(lines.length).toBeGreaterThan(0);
      for (const { pod } of lines.map(decode)) {
        expect(partitionOf.get(pod) ?? partition).toBe(partition);
        partitionOf.set(pod, partition);
      }
    });
  });

  it('gives both sides of a call the same request, connection and trace, the callee inside the caller', () => {
    const key = (...parts: (string | null)[]): string => parts.join(' ');
    const callers = new Map(
      outbound.map((record) => [key(record.requestId, record.upstreamLocalAddress, record.upstreamHost), record]),
    );
    const lonely = inbound.filter((record) => {
      const caller = callers.get(key(record.requestId, record.downstreamRemoteAddress, record.downstreamLocalAddress));
      if (caller === undefined) return true;
      expect(record.traceId).toBe(caller.traceId);
      expect(record.node.service).toBe(caller.upstreamPeer.service);
      expect(record.node.version).toBe(caller.upstreamPeer.version);
      expect(record.downstreamPeer.service).toBe(caller.node.service);
      expect(record.startAtMs).toBeGreaterThanOrEqual(caller.startAtMs);
      expect(record.durationMs).toBeLessThanOrEqual(caller.durationMs);
      return false;
    });
    // Attempts before the last are known to the caller's line by their number alone.
    const retried = outbound.reduce((sum, { attemptCount }) => sum + Math.max(0, (attemptCount ?? 0) - 1), 0);
    expect(lonely.length).toBeLessThanOrEqual(retried);
  });

  it('fails now and then, as any mesh does', () => {
    const failed = heard.failures.filter(({ cause }) => cause !== 'client_error');
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length / outbound.length).toBeLessThan(0.01);
  });
});

describe('lines on their way', () => {
  it('are the same lines, shuffled within the allowed lateness but for a few', () => {
    const plan = aPlan(1.5);
    const ordered = hear({ seed: 3, plan });
    const shuffled = hear({ seed: 3, plan, shipping: { ...usualShipping, farShare: 0.005 } });
    expect(shuffled.partitions.map((lines) => [...lines].sort())).toEqual(
      ordered.partitions.map((lines) => [...lines].sort()),
    );
    let behind = 0;
    let late = 0;
    for (const lines of shuffled.partitions) {
      let newestMs = 0;
      for (const { startAtMs: start, durationMs } of lines.map(decode)) {
        if (start + durationMs < newestMs) behind += 1;
        if (start + durationMs < newestMs - 5000) late += 1;
        newestMs = Math.max(newestMs, start + durationMs);
      }
    }
    const share = late / shuffled.partitions.flat().length;
    expect(behind).toBeGreaterThan(100);
    expect(share).toBeGreaterThan(0.0002);
    expect(share).toBeLessThan(0.015);
  });
});

describe('an incident', () => {
  it('breaks the planned share of the planned version, and of no other', () => {
    const deploy = { service: 'search', version: 'v13', deployId: 'd-1', steps: [{ atMs: startAtMs, share: 0.2 }] };
    const effect = { ...failing(null, 'search', 'app_closed', 0.5), version: 'v13' };
    const plan = aPlan(1, { deploys: [deploy], effects: [effect] });
    const lines = hear({ seed: 5, plan, scale: 8 }).partitions.flat();
    const records = lines.filter((line) => line.includes('"node_service":"search"')).map(decode);
    const arrivals = records.filter(
      ({ node, listenerDirection }) => node.service === 'search' && listenerDirection === 'inbound',
    );
    const fresh = arrivals.filter(({ node }) => node.version === 'v13');
    const closed = (of: readonly AccessLogRecord[]): number =>
      of.filter(({ responseFlags }) => responseFlags.includes('UC')).length / of.length;
    expect(Math.abs(fresh.length / arrivals.length - 0.2)).toBeLessThan(0.05);
    expect(Math.abs(closed(fresh) - 0.5)).toBeLessThan(0.1);
    expect(closed(arrivals.filter(({ node }) => node.version === 'v12'))).toBeLessThan(0.01);
  });

  it('leaves lines of the form of recorded ones: the same keys in the same order, the same of them empty', () => {
    const recorded = Map.groupBy(goldenLines('extended-json').map(parse), shapeOf);
    const lines = hear({ seed: 11, plan: aPlan(2, { effects: everyCause }), scale: 2 })
      .partitions.flat()
      .map(parse);
    const shapes = new Map(lines.map((line) => [shapeOf(line), line]));
    const compared = [...shapes].flatMap(([shape, line]) => {
      const like = recorded.get(shape);
      return like === undefined ? [] : [{ shape, line, like }];
    });
    expect(compared.length).toBeGreaterThan(12);
    for (const { shape, line, like } of compared) {
      expect(Object.keys(line)).toEqual(Object.keys(like[0] ?? {}));
      const odd = Object.keys(line).filter(
        (key) =>
          !like.some(
            (other) => typeof other[key] === typeof line[key] && (other[key] === null) === (line[key] === null),
          ),
      );
      // These depend on mTLS and on the protocol.
      const known = [
        'source_principal',
        'destination_principal',
        'requested_server_name',
        'upstream_transport_failure_reason',
      ];
      expect([shape, odd.filter((key) => !known.includes(key))]).toEqual([shape, []]);
    }
  });

  it('is told by correlation for what it is, in 99 of 100 requests', () => {
    const plan = aPlan(2, { effects: everyCause });
    const { partitions, failures } = hear({ seed: 11, plan, scale: 2 });
    const records = partitions.flat().map(decode);
    const faults = correlateAll(records);
    const { told, wrong } = compare(records, failures, faults);
    expect(told).toBeGreaterThan(150);
    expect(wrong.length / told).toBeLessThanOrEqual(0.01);
    expect(new Set(failures.map(({ cause }) => cause)).size).toBe(10);
  });
});

function correlateAll(records: readonly AccessLogRecord[]): ReadonlyMap<string | null, RequestFault> {
  const table = new RequestTable({
    ...defaultRequestTableSettings,
    maxHoldMs: 3_600_000,
    waitMs: 600_000,
    maxHealthyLines: 100_000,
  });
  for (const record of records) table.add(toRequestLine(record));
  return new Map(table.closeUntil(Number.POSITIVE_INFINITY).map((fault) => [fault.requestId, fault]));
}

/** Requests with one failed call that came through to the outermost proxy, against what correlation says of them. */
function compare(
  records: readonly AccessLogRecord[],
  failures: readonly FailedCall[],
  faults: ReadonlyMap<string | null, RequestFault>,
): { readonly told: number; readonly wrong: readonly string[] } {
  const isOuter = ({ node }: AccessLogRecord): boolean => node.service === 'gateway' || node.service === 'sweeper';
  const hasFailed = ({ responseCode, responseFlags }: AccessLogRecord): boolean =>
    responseCode >= 500 || responseCode === 0 || responseFlags.length > 0;
  const lost = new Set(
    records.filter((record) => isOuter(record) && hasFailed(record)).map(({ requestId }) => requestId),
  );
  const byRequest = new Map<string, FailedCall[]>();
  for (const failure of failures) {
    if (failure.cause === 'client_error') continue;
    byRequest.set(failure.requestId, [...(byRequest.get(failure.requestId) ?? []), failure]);
  }
  const wrong: string[] = [];
  let told = 0;
  for (const [requestId, [failure, ...others]] of byRequest) {
    if (failure === undefined || others.length > 0 || !lost.has(requestId)) continue;
    told += 1;
    const root = faults.get(requestId)?.root;
    const place = failure.cause === 'no_route' ? root?.source.service : root?.destination.service;
    const expected = failure.cause === 'no_route' ? failure.source : failure.destination;
    if (root?.fault !== failure.cause || place !== expected) {
      wrong.push(`${failure.source} → ${failure.destination} ${failure.cause}, told ${root?.fault} at ${place}`);
    }
  }
  return { told, wrong };
}
