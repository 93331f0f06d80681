// Lines that came after their window was judged: what was told without them is put right, once.
import { describe, expect, it } from 'vitest';
import { localTimeOf } from '#core/clock/local-time.ts';
import type { CountRow } from '#core/count/count-row.ts';
import { noCounts } from '#core/count/count-row.ts';
import type { Condition } from '#core/detect/condition.ts';
import { anAlertRule, anEdge } from '../../../test/support/builders.ts';
import { Evaluator } from './evaluator.ts';
import type { AlertRule } from './rule.ts';
import type { AlertTransition } from './transition.ts';

const windowMs = 10_000;
const settings = { windowMs, maxSeries: 100, localTime: localTimeOf('UTC') };
const baseline = { baselineWindows: 60, minBaselineWindows: 20 };

function aRule(condition: Condition, own: Partial<AlertRule> = {}): AlertRule {
  const isOnTraffic = condition.kind === 'dip' || condition.kind === 'absent';
  return anAlertRule({
    alert: 'A',
    select: { counted: isOnTraffic ? 'requests' : 'failed', flags: [], faults: [], matchers: [] },
    condition,
    ...own,
  });
}

const spike: Condition = { kind: 'spike', settings: { z: 4, minCount: 5, minRatio: 0.01, ...baseline } };

const row = (requestCount: number, failedCount = 0, version = 'v1'): CountRow => ({
  ...noCounts,
  edge: anEdge({ destination_version: version, destination_deploy_id: `d-${version}` }),
  requestCount,
  failedCount,
});

/** Windows of 10 s from 0 on; `told` has every step with the window after which it was told. */
class Run {
  evaluator: Evaluator;
  readonly told: string[] = [];
  transitions: AlertTransition[] = [];
  #endAtMs = 0;

  constructor(condition: Condition, own: Partial<AlertRule> = {}) {
    this.evaluator = new Evaluator([aRule(condition, own)], settings);
  }

  close(...rows: readonly CountRow[]): this {
    const startAtMs = this.#endAtMs;
    this.#endAtMs += windowMs;
    const { transitions } = this.evaluator.closeWindow({ startAtMs, endAtMs: this.#endAtMs, rows });
    return this.#tell(transitions);
  }

  repeat(windows: number, ...rows: readonly CountRow[]): this {
    for (let i = 0; i < windows; i += 1) this.close(...rows);
    return this;
  }

  /** Rows of the window so many windows ago. */
  late(windowsBack: number, ...rows: readonly CountRow[]): this {
    const startAtMs = this.#endAtMs - windowsBack * windowMs;
    const nowMs = this.#endAtMs + 1000;
    return this.#tell(this.evaluator.amendWindows([{ startAtMs, endAtMs: startAtMs + windowMs, rows }], nowMs));
  }

  #tell(transitions: readonly AlertTransition[]): this {
    this.transitions.push(...transitions);
    this.told.push(...transitions.map(({ status }) => `${status} after ${this.#endAtMs / windowMs}`));
    return this;
  }

  restart(): this {
    const { rule } = this.evaluator.views()[0] ?? {};
    if (rule === undefined) throw new Error('no rule');
    const snapshot: unknown = JSON.parse(JSON.stringify(this.evaluator.snapshot()));
    this.evaluator = Evaluator.restore([rule], settings, snapshot);
    return this;
  }
}

describe('failures that come late', () => {
  it('are told as soon as they are there, with how many came late, and are over with the next calm window', () => {
    const run = new Run(spike).repeat(60, row(100)).late(3, row(20, 15));
    const [fired] = run.transitions;
    expect(fired).toMatchObject({ status: 'firing', atMs: 601_000, sinceAtMs: 570_000, totalCount: 15 });
    // The window had 100 requests in time and 20 later.
    expect(fired?.verdict).toMatchObject({ windowStartAtMs: 570_000, value: 15, requestCount: 120 });
    expect(fired?.verdict.reason).toMatch(
      /^15 of 120 requests failed in 10s.*; 15 of them came after the window was closed$/,
    );
    expect(run.repeat(3, row(100)).told).toEqual(['firing after 60', 'resolved after 61']);
  });

  it('count together with what the window had in time', () => {
    const few = new Run(spike).repeat(60, row(100)).close(row(100, 3)).close(row(100));
    expect(few.late(2, row(5, 3)).told).toEqual(['firing after 62']);
    expect(few.transitions[0]?.verdict).toMatchObject({ value: 6, requestCount: 105 });
  });

  it('are no news where the window was told in time', () => {
    const run = new Run(spike).repeat(60, row(100)).close(row(100, 40)).close(row(100));
    expect(run.told).toEqual(['firing after 61', 'resolved after 62']);
    run.late(2, row(10, 9)).restart().late(2, row(10, 9)).close(row(100));
    expect(run.told).toHaveLength(2);
  });

  it('of a backlog are judged by their own windows: as many as usual are no spike', () => {
    const run = new Run(spike).repeat(60, row(100, 1)).repeat(6, row(50, 0));
    for (let back = 6; back >= 1; back -= 1) run.late(back, row(50, 1));
    expect(run.repeat(3, row(100, 1)).told).toEqual([]);
  });

  it('need their time where a rule asks for longer than a window', () => {
    const run = new Run(spike, { forMs: 20_000 }).repeat(60, row(100)).late(3, row(20, 15)).close(row(100));
    expect(run.told).toEqual([]);
  });

  it('begin a series that had none before', () => {
    const run = new Run(spike, { by: ['destination_service', 'destination_version'] }).repeat(60, row(100));
    run.late(1, row(30, 25, 'v2'));
    expect(run.transitions[0]).toMatchObject({ status: 'firing', labels: { destination_version: 'v2' } });
  });

  it('count where several windows are judged together', () => {
    const ratio = { above: 0.1, minCount: 10, overWindows: 6 };
    const run = new Run({ kind: 'ratio', settings: ratio }).repeat(20, row(10)).late(2, row(30, 25));
    expect(run.told).toEqual([]);
    expect(run.close(row(10)).told).toEqual(['firing after 21']);
    const sustained = new Run({ kind: 'sustained', settings: { ...ratio, above: 0.5, minWindows: 2 } });
    sustained.repeat(20, row(1)).late(2, row(12, 12)).late(1, row(12, 12));
    expect(sustained.close(row(1)).told).toEqual(['firing after 21']);
  });

  it('are judged alone where nothing is remembered', () => {
    const run = new Run({ kind: 'threshold', settings: { atLeast: 5 } }).repeat(3, row(10, 4));
    expect(run.late(1, row(4, 4)).told).toEqual([]);
    expect(run.late(1, row(5, 5)).told).toEqual(['firing after 3']);
  });

  it('of a new version are compared with the next window, also after a restart', () => {
    const newVersion = { newForWindows: 360, overWindows: 60, minCount: 3, certainty: 0.999, minFactor: 3 };
    const both = [row(1000, 0), row(10, 0, 'v2')];
    const run = new Run({ kind: 'new_version', settings: newVersion }).repeat(20, row(1000)).repeat(3, ...both);
    run
      .late(2, row(10, 9, 'v2'))
      .restart()
      .close(...both);
    expect(run.told).toEqual([]);
    expect(run.late(1, row(10, 9, 'v2')).close(...both).told).toEqual(['firing after 25']);
    expect(run.transitions[0]?.verdict).toMatchObject({ value: 18, requestCount: 70 });
  });
});

describe('requests that come late', () => {
  const dip: Condition = { kind: 'dip', settings: { z: 4, minDrop: 0.5, minUsual: 3, ...baseline } };
  const absent: Condition = { kind: 'absent', settings: { afterWindows: 6, minPresence: 0.8, ...baseline } };

  it('end a dip that was theirs', () => {
    const fallen = () => new Run(dip).repeat(60, row(20)).repeat(5, row(8));
    expect(fallen().close(row(19)).told).toEqual(['firing after 64']);
    const run = fallen();
    for (let back = 5; back >= 1; back -= 1) run.late(back, row(12));
    expect(run.close(row(19)).told).toEqual(['firing after 64', 'resolved after 66']);
  });

  it('keep a dip from being told that would have been', () => {
    const slow = () => new Run(dip).repeat(60, row(20)).repeat(2, row(8));
    expect(slow().repeat(4, row(8)).told).not.toEqual([]);
    const run = slow();
    run.late(2, row(12)).late(1, row(12)).repeat(4, row(19));
    expect(run.told).toEqual([]);
  });

  it('end a silence that was theirs', () => {
    const run = new Run(absent).repeat(60, row(1)).repeat(6);
    expect(run.told).toEqual(['firing after 66']);
    expect(run.late(2, row(1)).close().told).toEqual(['firing after 66', 'resolved after 67']);
    // Silent since the window after them, in the eyes of the rule: one ago and the last, then four more.
    expect(run.repeat(3).told).toHaveLength(2);
    expect(run.close().told.at(-1)).toBe('firing after 71');
  });
});
