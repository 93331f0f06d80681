// Laws of the evaluator on generated windows: neither the order and the split of rows nor a restart changes what it says.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localTimeOf } from '#core/clock/local-time.ts';
import type { CountExample, CountRow } from '#core/count/count-row.ts';
import { noCounts } from '#core/count/count-row.ts';
import type { Edge } from '#core/count/edge.ts';
import { edgeLabels } from '#core/count/edge.ts';
import { anAlertRule } from '../../../test/support/builders.ts';
import { Evaluator } from './evaluator.ts';
import type { AlertRule } from './rule.ts';
import { type AlertTransition, alertStatuses } from './transition.ts';

const windowMs = 10_000;
const settings = { windowMs, maxSeries: 4, localTime: localTimeOf('UTC') };

const aRule = (own: Partial<AlertRule>): AlertRule =>
  anAlertRule({
    alert: 'A',
    select: { counted: 'flags', faults: [], flags: ['UC', 'DC'], matchers: [] },
    by: ['destination_service', 'destination_version'],
    condition: {
      kind: 'spike',
      settings: { z: 3, minCount: 3, minRatio: 0.01, baselineWindows: 20, minBaselineWindows: 3 },
    },
    annotations: { summary: '{{ $value }}' },
    ...own,
  });
const rules = [
  aRule({}),
  aRule({ alert: 'B', by: ['destination_service', 'flag'], forMs: 30_000, keepFiringForMs: 20_000 }),
  aRule({ alert: 'C', by: ['destination_service'], select: { counted: 'flags', faults: [], flags: [], matchers: [] } }),
];

/** One line as the pipeline counts it. */
interface Line {
  readonly source: string;
  readonly version: string;
  readonly flags: readonly string[];
  readonly example: CountExample;
}

const line: fc.Arbitrary<Line> = fc.record({
  source: fc.constantFrom('a', 'b'),
  version: fc.constantFrom('v1', 'v2', 'v3'),
  flags: fc.oneof(
    { weight: 5, arbitrary: fc.constant<string[]>([]) },
    { weight: 1, arbitrary: fc.subarray(['UC', 'DC', 'UH'], { minLength: 1 }) },
  ),
  example: fc.record({ atMs: fc.nat({ max: 50 }), requestId: fc.constantFrom('r1', 'r2', 'r3', 'r4', 'r5') }),
});

function edgeOf({ source, version }: Line): Edge {
  const unknown = Object.fromEntries(edgeLabels.map((label) => [label, 'unknown']));
  return { ...unknown, source_service: source, destination_service: 'p', destination_version: version } as Edge;
}

const calmLine: Line = { source: 'a', version: 'v1', flags: [], example: { atMs: 0, requestId: 'r0' } };

/** A row for each line, so a window can be any split and order of them. */
function toRow(of: Line, times: number): CountRow {
  return {
    ...noCounts,
    edge: edgeOf(of),
    requestCount: times * Math.max(1, of.flags.length),
    flagCounts: Object.fromEntries(of.flags.map((flag) => [flag, times])),
    examples: Object.fromEntries(of.flags.map((flag) => [flag, [of.example]])),
  };
}

const aWindow = fc.array(fc.tuple(line, fc.integer({ min: 1, max: 30 })), { maxLength: 6 });
/** Calm to learn from, then anything; windows come twice, so that incidents last and end. */
const windows = fc
  .array(aWindow, { maxLength: 15 })
  .map((list) => [
    ...Array.from({ length: 20 }, () => [[calmLine, 30] as const]),
    ...list.flatMap((window) => [window, window]),
  ]);
type Windows = readonly (readonly (readonly [Line, number])[])[];
type Split = (rows: readonly (readonly [Line, number])[]) => CountRow[];

const whole: Split = (rows) => rows.map(([of, times]) => toRow(of, times));
const reversedInParts: Split = (rows) =>
  rows.flatMap(([of, times]) => [toRow(of, times - Math.floor(times / 3)), toRow(of, Math.floor(times / 3))]).reverse();

function play(evaluator: Evaluator, list: Windows, split: Split, from = 0): AlertTransition[] {
  return list.flatMap((rows, i) => {
    const startAtMs = (from + i) * windowMs;
    return evaluator.closeWindow({ startAtMs, endAtMs: startAtMs + windowMs, rows: split(rows) }).transitions;
  });
}

describe('laws of the evaluator', () => {
  it('are tried on windows in which something happens', () => {
    const statuses = fc
      .sample(windows, { numRuns: 200, seed: 1 })
      .flatMap((list) => play(new Evaluator(rules, settings), list, whole).map(({ status }) => status));
    for (const status of alertStatuses) expect(statuses.filter((one) => one === status).length).toBeGreaterThan(20);
  });

  it('says the same of rows in any order and split, with the same ids', () => {
    fc.assert(
      fc.property(windows, (list) => {
        const transitions = play(new Evaluator(rules, settings), list, whole);
        expect(play(new Evaluator(rules, settings), list, reversedInParts)).toEqual(transitions);
        expect(new Set(transitions.map(({ id }) => id)).size).toBe(transitions.length);
      }),
    );
  });

  it('goes on from a snapshot at any point as if nothing had happened', () => {
    fc.assert(
      fc.property(windows, fc.nat({ max: 50 }), (list, at) => {
        const transitions = play(new Evaluator(rules, settings), list, whole);
        const before = new Evaluator(rules, settings);
        const first = play(before, list.slice(0, at), whole);
        const snapshot = JSON.parse(JSON.stringify(before.snapshot()));
        const after = Evaluator.restore(rules, settings, snapshot);
        expect(after.snapshot()).toEqual(before.snapshot());
        expect([...first, ...play(after, list.slice(at), whole, at)]).toEqual(transitions);
      }),
    );
  });

  it('takes only listed steps, and gives each alert one story', () => {
    const follows: Readonly<Record<string, readonly string[]>> = {
      inactive: ['pending', 'firing'],
      pending: ['firing', 'inactive'],
      firing: ['resolved'],
      resolved: ['pending', 'firing'],
    };
    fc.assert(
      fc.property(windows, (list) => {
        const last = new Map<string, string>();
        for (const { fingerprint, status } of play(new Evaluator(rules, settings), list, whole)) {
          expect(follows[last.get(fingerprint) ?? 'inactive']).toContain(status);
          last.set(fingerprint, status);
        }
      }),
    );
  });

  it('never keeps more series than the cap', () => {
    fc.assert(
      fc.property(windows, (list) => {
        const evaluator = new Evaluator(rules, settings);
        for (const [i, rows] of list.entries()) {
          play(evaluator, [rows], whole, i);
          expect(evaluator.seriesCount).toBeLessThanOrEqual(settings.maxSeries);
        }
      }),
    );
  });
});
