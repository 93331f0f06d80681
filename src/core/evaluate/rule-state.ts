// One rule at work: its series, each with a detector and perhaps an alert, through the closed windows.
import type { CountExample } from '#core/count/count-row.ts';
import { SpikeDetector } from '#core/detect/spike.ts';
import type { VerdictKind } from '#core/detect/verdict.ts';
import type { Labels } from '#core/labels.ts';
import { stepAlert } from './alert-machine.ts';
import type { AlertRecord } from './alert-record.ts';
import { toTransition, updateRecord } from './alert-record.ts';
import type { EdgeGroup, EdgeGroups, EdgeView } from './edge-groups.ts';
import type { RuleSnapshot, SeriesSnapshot } from './evaluator-snapshot.ts';
import { FlagSelection } from './flag-counts.ts';
import type { AlertRule } from './rule.ts';
import type { AlertTransition } from './transition.ts';

/** The window being closed. `isEmpty`: nothing at all came in, for no rule. */
export interface ClosingWindow {
  readonly startAtMs: number;
  readonly endAtMs: number;
  readonly isEmpty: boolean;
}

/** Where a rule reports to while a window is closed, and how many series may be added. */
export interface WindowTally {
  readonly transitions: AlertTransition[];
  readonly verdictCounts: Record<VerdictKind, number>;
  freeSeries: number;
  overflowCount: number;
}

interface Series {
  readonly key: string;
  readonly groupKey: string;
  readonly flag: string | null;
  readonly detector: SpikeDetector;
  alert: AlertRecord | null;
  /** Lines of the window being closed; put back to 0 when it has been judged. */
  count: number;
}

interface NewSeries {
  readonly key: string;
  readonly group: EdgeGroup;
  readonly flag: string | null;
  readonly count: number;
}

/** A rule and what it remembers. Series exist from their first selected line until they were silent for a whole baseline. */
export class RuleState {
  readonly rule: AlertRule;
  readonly identity: string;
  readonly #groups: EdgeGroups;
  readonly #view: EdgeView;
  readonly #flags: FlagSelection;
  readonly #series = new Map<string, Series>();
  /** Windows that this rule has seen, up to the length of its baseline: the history of a series that is not there yet. */
  #seenWindows = 0;

  constructor(rule: AlertRule, identity: string, groups: EdgeGroups) {
    this.rule = rule;
    this.identity = identity;
    this.#groups = groups;
    this.#view = groups.viewOf(rule);
    this.#flags = new FlagSelection(rule);
  }

  get seriesCount(): number {
    return this.#series.size;
  }

  get firingCount(): number {
    let count = 0;
    for (const { alert } of this.#series.values()) if (alert?.active.status === 'firing') count += 1;
    return count;
  }

  /** Windows still to be seen before the first verdict. */
  get missingWindows(): number {
    return Math.max(0, this.rule.spike.minBaselineWindows - this.#seenWindows);
  }

  /** Judges every series; `groups` hold the rows of the window. */
  closeWindow(window: ClosingWindow, tally: WindowTally): void {
    // While learning, windows without any input do not count: a stray line an hour before the rest would start the clock.
    if (window.isEmpty && this.missingWindows > 0) {
      tally.verdictCounts.learning += this.#series.size;
      return;
    }
    this.#takeHits(tally);
    const transitions: (readonly [string, AlertTransition])[] = [];
    for (const series of this.#series.values()) {
      const transition = this.#judge(series, window, tally);
      if (transition !== null) transitions.push([series.key, transition]);
    }
    // Series stand in the order of their first line, which the order of rows decides.
    transitions.sort((a, b) => compareText(a[0], b[0]));
    tally.transitions.push(...transitions.map(([, transition]) => transition));
    this.#seenWindows = Math.min(this.#seenWindows + 1, this.rule.spike.baselineWindows);
  }

  #takeHits(tally: WindowTally): void {
    const fresh: NewSeries[] = [];
    for (const group of this.#view.flagged) {
      for (const { flag, count } of this.#flags.hitsOf(group)) {
        const key = JSON.stringify([group.key, flag]);
        const series = this.#series.get(key);
        if (series === undefined) fresh.push({ key, group, flag, count });
        else series.count = count;
      }
    }
    if (fresh.length > tally.freeSeries) fresh.sort((a, b) => b.count - a.count || compareText(a.key, b.key));
    for (const entry of fresh.splice(0, tally.freeSeries)) this.#add(entry, tally);
    tally.overflowCount += fresh.length;
  }

  #add({ key, group, flag, count }: NewSeries, tally: WindowTally): void {
    const past = { pastWindows: this.#seenWindows, requestCount: group.requestCount };
    const detector = new SpikeDetector(this.rule.spike, past);
    this.#series.set(key, { key, groupKey: group.key, flag, detector, alert: null, count });
    tally.freeSeries -= 1;
  }

  #judge(series: Series, window: ClosingWindow, tally: WindowTally): AlertTransition | null {
    const { detector, flag } = series;
    const group = this.#view.group(series.groupKey);
    const numbers = { count: series.count, requestCount: this.#groups.requestCountOf(group) };
    series.count = 0;
    if (series.alert === null) {
      const kind = detector.passOver(numbers);
      if (kind !== null) {
        tally.verdictCounts[kind] += 1;
        if (detector.isSilent) this.#remove(series, tally);
        return null;
      }
    }
    const { startAtMs, endAtMs } = window;
    const verdict = detector.judge({ startAtMs, endAtMs, ...numbers }, this.#flags.describe(flag));
    tally.verdictCounts[verdict.kind] += 1;
    const before = series.alert;
    const isAnomaly = verdict.kind === 'anomaly';
    const step = stepAlert(before?.active ?? null, { startAtMs, endAtMs, isAnomaly }, this.rule);
    const active = step.active ?? before?.active;
    if (active === undefined) return null;
    const examples = numbers.count > 0 && group !== undefined ? this.#examples(group, flag) : [];
    const record = updateRecord(before, this.rule, this.#labelsOf(series), { active, verdict, examples });
    series.alert = step.active === null ? null : record;
    return step.status === null ? null : toTransition(record, step.status, endAtMs);
  }

  #examples(group: EdgeGroup, flag: string | null): readonly CountExample[] {
    return this.#flags.examplesOf(group, flag);
  }

  #labelsOf({ groupKey, flag }: Series): Labels {
    const labels = this.#view.labelsOfKey(groupKey);
    return flag === null ? labels : { ...labels, flag };
  }

  #remove(series: Series, tally: WindowTally): void {
    this.#series.delete(series.key);
    tally.freeSeries += 1;
  }

  snapshot(): RuleSnapshot {
    const series = [...this.#series.values()].map(({ groupKey, flag, detector, alert }): SeriesSnapshot => {
      const spike = detector.snapshot();
      return { group: groupKey, ...(flag === null ? {} : { flag }), spike, ...(alert === null ? {} : { alert }) };
    });
    const { alert } = this.rule;
    return { identity: this.identity, alert, seenWindows: this.#seenWindows, series };
  }

  /** Goes on where the snapshot of the same rule was taken. */
  restore(snapshot: RuleSnapshot): void {
    this.#seenWindows = snapshot.seenWindows;
    for (const { group, flag = null, spike, alert = null } of snapshot.series) {
      const key = JSON.stringify([group, flag]);
      const detector = SpikeDetector.restore(this.rule.spike, spike);
      this.#series.set(key, { key, groupKey: group, flag, detector, alert, count: 0 });
    }
  }
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
