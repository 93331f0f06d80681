// Waiting in event time: order, repeats and distance of the lines change nothing; late lines correct; bounds are counted.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Call, RawLine } from '../../../test/support/exchanges.ts';
import {
  aCall,
  arrivalLine,
  calls,
  decoded,
  identityKeys,
  sourceLine,
  without,
} from '../../../test/support/exchanges.ts';
import { beforeAnswer, gone, line, refused } from '../../../test/support/fact-lines.ts';
import { linesOfFact, requestFacts } from '../../../test/support/request-facts.ts';
import { correlate } from './correlate.ts';
import type { RequestFault } from './request-fault.ts';
import type { RequestLine } from './request-line.ts';
import { correlationKey, lineEndAtMs, needsPartners } from './request-line.ts';
import type { RequestTableSettings } from './request-table.ts';
import { defaultRequestTableSettings, RequestTable } from './request-table.ts';

const second = 1000;
const settings: RequestTableSettings = { ...defaultRequestTableSettings, maxHealthyLines: 1000 };
const startAtMs = aCall().startAtMs;
const end = Number.POSITIVE_INFINITY;

function tableOf(raw: readonly RawLine[], changes: Partial<RequestTableSettings> = {}): RequestTable {
  const table = new RequestTable({ ...settings, ...changes });
  for (const each of raw) table.add(decoded(each));
  return table;
}

const appDown = (call: Call): readonly RawLine[] => [
  sourceLine(call, line('-', 503)),
  arrivalLine(call, line('UF', 503, refused)),
];

describe('waiting', () => {
  it('lasts until the watermark has passed the last line by the wait', () => {
    const call = aCall({ durationMs: second });
    const table = tableOf([arrivalLine(call, line('UF', 503, refused))]);
    const arrivedAtMs = startAtMs + second - 1;
    expect(table.closeUntil(arrivedAtMs + 5 * second)).toEqual([]);
    table.add(decoded(sourceLine({ ...call, durationMs: 5 * second }, line('-', 503))));
    expect(table.closeUntil(startAtMs + 10 * second)).toEqual([]);
    expect(table.closeUntil(startAtMs + 10 * second + 1)).toMatchObject([{ fault: 'app_down', revision: 1 }]);
    expect(table.closeUntil(end)).toEqual([]);
    expect(table.size).toBe(0);
  });

  it('is told apart from remembering', () => {
    const table = tableOf(appDown(aCall()));
    expect([table.size, table.waitingCount]).toEqual([1, 1]);
    table.closeUntil(startAtMs + 30 * second);
    expect([table.size, table.waitingCount]).toEqual([1, 0]);
  });

  it('leaves a place in time at which the request is counted, and one under which its corrections are filed', () => {
    const call = aCall({ durationMs: second });
    const table = tableOf([arrivalLine(call, line('UF', 503, refused))]);
    const arrivedAtMs = lineEndAtMs(decoded(arrivalLine(call, line('UF', 503, refused))));
    const first = table.closeUntil(startAtMs + 10 * second);
    expect(first).toMatchObject([{ revision: 1, filedAtMs: arrivedAtMs, countedAtMs: arrivedAtMs }]);
    const late = decoded(sourceLine({ ...call, durationMs: 5 * second }, line('-', 503)));
    table.add(late);
    expect(table.closeUntil(startAtMs + 20 * second)).toMatchObject([
      { revision: 2, endedAtMs: lineEndAtMs(late), filedAtMs: arrivedAtMs, countedAtMs: lineEndAtMs(late) },
    ]);
  });

  it('ends for a trace that goes on and on', () => {
    const table = new RequestTable({ ...settings, maxHoldMs: 14 * second });
    const told: RequestFault[] = [];
    for (let i = 0; i < 10; i += 1) {
      const call = aCall({ requestId: `r${i}`, traceId: 'c'.repeat(32), startAtMs: startAtMs + i * 4 * second });
      for (const raw of appDown(call)) table.add(decoded(raw));
      told.push(...table.closeUntil(call.startAtMs));
    }
    expect(told.length).toBeGreaterThan(3);
    told.push(...table.closeUntil(end));
    expect(told.map(({ requestId, revision }) => `${requestId} ${revision}`).sort()).toEqual(
      Array.from({ length: 10 }, (_, i) => `r${i} 1`),
    );
  });

  it('is for failures and further attempts alone', () => {
    const fine = [sourceLine(aCall()), arrivalLine(aCall())];
    expect(tableOf(fine).size).toBe(0);
    expect(tableOf([sourceLine(aCall(), { attempts: 2 })]).size).toBe(1);
  });
});

/** Lines in an order in which they may come while the watermark is honest: each at most `spreadMs` after its own time. */
function arrivals(lines: readonly RequestLine[], delays: fc.Stream<number>, spreadMs: number) {
  return lines
    .map((each) => ({ each, atMs: lineEndAtMs(each) + ((delays.next().value ?? 0) % spreadMs) }))
    .sort((a, b) => a.atMs - b.atMs);
}

describe('order', () => {
  const pick = fc.record({ fact: fc.constantFrom(...requestFacts), call: calls, atMs: fc.nat({ max: 30 * second }) });
  const picks = fc
    .array(pick, { maxLength: 12 })
    .map((all) =>
      all.flatMap(({ fact, call, atMs }) => linesOfFact(fact, { ...call, startAtMs: startAtMs + atMs }).map(decoded)),
    );
  const byId = (faults: readonly RequestFault[]) => [...faults].sort((a, b) => (a.id < b.id ? -1 : 1));

  function expected(lines: readonly RequestLine[]): readonly RequestFault[] {
    const groups = Map.groupBy(lines, (each) => each.requestId ?? each.traceId ?? correlationKey(each));
    // The one fact whose sides share no id is told apart by its connection: put together here by hand.
    const tls = lines.filter((each) => each.requestId === null && each.fault === 'tls');
    for (const arrival of tls) {
      const source = lines.find((each) => each.upstreamLocalAddress === arrival.downstreamRemoteAddress);
      if (source?.requestId === null || source === undefined) continue;
      groups.get(source.requestId)?.push(arrival);
      groups.delete(correlationKey(arrival));
    }
    return byId([...groups.values()].flatMap((group) => correlate(group, settings).map(({ fault }) => fault)));
  }

  /** All that is told while the lines come, the watermark honest, and at the end. */
  function drive(table: RequestTable, lines: readonly RequestLine[], random: fc.Stream<number>): RequestFault[] {
    const spreadMs = 3 * second;
    const told: RequestFault[] = [];
    for (const { each, atMs } of arrivals(lines, random, spreadMs)) {
      table.add(each);
      if ((random.next().value ?? 0) % 2 === 0) told.push(...table.closeUntil(atMs - spreadMs));
    }
    return [...told, ...table.closeUntil(end)];
  }

  const reading = ({ id, fault, party }: RequestFault) => ({ id, fault, party });

  it.each([
    ['of the command, which reads everything', 99, (all: readonly RequestLine[]) => all],
    ['of the loop, which is sent what needs partners', 0, (all: readonly RequestLine[]) => all.filter(needsPartners)],
  ])('%s, changes nothing while the watermark is honest, nor do repeats', (_name, maxHealthyLines, view) => {
    fc.assert(
      fc.property(picks, fc.infiniteStream(fc.nat()), fc.boolean(), (all, random, isTwice) => {
        const lines = view(all);
        // Attempts may be 20 s apart; the source's line is within the wait of the last.
        const table = new RequestTable({ ...settings, waitMs: 25 * second, maxHealthyLines });
        const told = drive(table, isTwice ? [...lines, ...lines] : lines, random);
        expect(told.filter(({ revision }) => revision > 1)).toEqual([]);
        expect(byId(told).map(reading)).toEqual(expected(lines).map(reading));
      }),
      { numRuns: 100 },
    );
  });

  it('of a table and of one restored from its snapshot at any time is the same', () => {
    fc.assert(
      fc.property(picks, fc.infiniteStream(fc.nat()), fc.nat({ max: 40 }), (lines, random, cutAt) => {
        const small = {
          ...settings,
          maxRequests: 4,
          maxHealthyLines: 6,
          maxLinesPerRequest: 3,
          rememberMs: 9 * second,
        };
        let [table, twin] = [new RequestTable(small), new RequestTable(small)];
        arrivals([...lines, ...lines], random, 9 * second).forEach(({ each, atMs }, i) => {
          if (i === cutAt) twin = RequestTable.restore(small, JSON.parse(JSON.stringify(table.snapshot())));
          table.add(each);
          twin.add(each);
          if ((random.next().value ?? 0) % 3 > 0) return;
          const told = table.closeUntil(atMs - 4 * second);
          expect(twin.closeUntil(atMs - 4 * second)).toEqual(told);
        });
        expect(twin.closeUntil(end)).toEqual(table.closeUntil(end));
        expect(twin.counts).toEqual(table.counts);
        expect(twin.size).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a late partner', () => {
  const call = aCall();

  it.each([
    ['with an id', call],
    ['of a TCP connection', aCall({ requestId: null, protocol: null })],
  ])('%s corrects the result under the same id', (_name, each) => {
    const isTcp = each.protocol === null;
    const table = tableOf([arrivalLine(each, isTcp ? line('UF,URX', 0, null) : line('UF', 503, refused))]);
    const [first] = table.closeUntil(startAtMs + 20 * second);
    expect(first).toMatchObject({ revision: 1, fault: 'app_down', evidence: 'destination only' });
    table.add(decoded(sourceLine(each, isTcp ? line('-', 0, null) : line('-', 503))));
    const [corrected] = table.closeUntil(startAtMs + 20 * second);
    expect(corrected).toMatchObject({ id: first?.id, revision: 2, fault: 'app_down', evidence: 'both sides' });
    expect(table.counts.lateLines).toBe(1);
  });

  it('that brings the trace corrects the result under the same id', () => {
    const table = tableOf([arrivalLine(call, line('DC', 0, gone))]);
    const [first] = table.closeUntil(startAtMs + 20 * second);
    table.add(decoded(sourceLine({ ...call, traceId: 'd'.repeat(32) }, line('UT', 504, 'response_timeout'))));
    expect(table.closeUntil(startAtMs + 20 * second)).toMatchObject([
      { id: first?.id, revision: 2, fault: 'timeout', traceId: 'd'.repeat(32) },
    ]);
  });

  it('that shows a retry takes the result back', () => {
    const table = tableOf([arrivalLine(call, line('-', 503), 0, 2)]);
    const [first] = table.closeUntil(startAtMs + 20 * second);
    expect(first).toMatchObject({ fault: 'app_error' });
    table.add(decoded(sourceLine(call, { attempts: 2 })));
    expect(table.closeUntil(startAtMs + 20 * second)).toMatchObject([
      { id: first?.id, revision: 2, party: 'none', fault: 'none' },
    ]);
    table.add(decoded(arrivalLine(call, {}, 1, 2)));
    expect(table.closeUntil(end)).toEqual([]);
  });

  it('that changes nothing is not told', () => {
    const table = tableOf(appDown(call));
    expect(table.closeUntil(startAtMs + 20 * second)).toHaveLength(1);
    for (const raw of appDown(call)) table.add(decoded(raw));
    expect(table.closeUntil(startAtMs + 20 * second)).toEqual([]);
    expect(table.counts).toMatchObject({ repeatedLines: 2, lateLines: 0 });
  });

  it('is too late when the request is forgotten', () => {
    const table = tableOf([arrivalLine(call, line('UF', 503, refused))]);
    table.closeUntil(startAtMs + 200 * second);
    expect(table.size).toBe(0);
  });
});

describe('lines that belong together', () => {
  it.each([false, true])('meet by request id where only one side carries the trace (reversed: %s)', (isReversed) => {
    const call = aCall();
    const lines = [
      sourceLine({ ...call, traceId: 'e'.repeat(32) }, line('-', 503)),
      arrivalLine(call, line('UF', 503, refused)),
    ];
    const table = tableOf(isReversed ? lines.reverse() : lines);
    expect(table.size).toBe(1);
    expect(table.closeUntil(end)).toMatchObject([{ evidence: 'both sides', fault: 'app_down' }]);
  });

  it.each([false, true])('meet by connection where one side saw bytes alone (reversed: %s)', (isReversed) => {
    const fact = requestFacts.find(({ what }) => what === 'plaintext to a strict port');
    if (fact === undefined) throw new Error('the fact is gone');
    const lines = [...linesOfFact(fact, aCall())].map((raw) => without(raw, identityKeys));
    // The same two ports, long before.
    const other = arrivalLine(aCall({ startAtMs: startAtMs - 60 * second }), fact.arrivals[0]);
    const table = tableOf([other, ...(isReversed ? lines.reverse() : lines)]);
    expect(table.closeUntil(end)).toMatchObject([
      { requestId: null, fault: 'tls', evidence: 'destination only' },
      { requestId: aCall().requestId, fault: 'tls', evidence: 'both sides' },
    ]);
  });

  it('are known as saved by healthy ones that came before, in formats without a count of attempts', () => {
    const lines = [
      sourceLine(aCall()),
      arrivalLine(aCall(), {}, 1, 2),
      arrivalLine(aCall(), line('UC', 503, beforeAnswer('connection_termination')), 0, 2),
    ].map((raw) => without(raw, identityKeys));
    expect(tableOf(lines).closeUntil(end)).toEqual([]);
    expect(tableOf(lines, { maxHealthyLines: 0 }).closeUntil(end)).toHaveLength(1);
  });
});

describe('bounds', () => {
  const many = Array.from({ length: 5 }, (_, i) => aCall({ requestId: `r${i}`, startAtMs: startAtMs + i * second }));

  it('tell early who has waited longest, and count it', () => {
    const table = tableOf(many.flatMap(appDown), { maxRequests: 3 });
    expect(table.size).toBe(3);
    expect(table.closeUntil(0).map(({ requestId }) => requestId)).toEqual(['r0', 'r1']);
    expect(table.counts).toMatchObject({ givenUpRequests: 2, forgottenRequests: 0 });
    expect(table.closeUntil(end)).toHaveLength(3);
  });

  it('forget first what was told', () => {
    const table = tableOf(many.slice(0, 3).flatMap(appDown), { maxRequests: 3 });
    expect(table.closeUntil(startAtMs + 7 * second)).toHaveLength(2);
    for (const raw of many.slice(3).flatMap(appDown)) table.add(decoded(raw));
    expect(table.counts).toMatchObject({ givenUpRequests: 0, forgottenRequests: 2 });
    expect(table.closeUntil(end)).toHaveLength(3);
  });

  it('leave out lines of a request that has too many, and count them', () => {
    const attempts = Array.from({ length: 9 }, (_, i) => arrivalLine(aCall(), line('-', 503), i, 9));
    const table = tableOf(attempts, { maxLinesPerRequest: 4 });
    expect(table.counts.droppedLines).toBe(5);
    expect(table.closeUntil(end)).toMatchObject([{ hops: [{}, {}, {}, {}] }]);
  });
});
