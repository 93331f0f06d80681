// A rule that judges each of its series by itself, through the closed windows: most conditions.
import { emptySketch } from '#core/count/duration-sketch.ts';
import type { DetectorSurroundings, SeriesCondition } from '#core/detect/create-detector.ts';
import {
  createDetector,
  followsTraffic,
  isToldEarly,
  learningWindowsOf,
  pastWindowsOf,
  restoreDetector,
} from '#core/detect/create-detector.ts';
import type { Detector, ObservedWindow } from '#core/detect/detector.ts';
import type { WindowNumbers } from '#core/detect/window-ring.ts';
import type { Labels } from '#core/labels.ts';
import type { AlertRecord } from './alert-record.ts';
import { stepRecord } from './alert-record.ts';
import type { Hit } from './count-selection.ts';
import { CountSelection } from './count-selection.ts';
import type { EdgeGroup, EdgeGroups, EdgeView, WindowGroups } from './edge-groups.ts';
import { durationsOf } from './edge-groups.ts';
import type { RuleSnapshot, SeriesSnapshot } from './evaluator-snapshot.ts';
import type { AlertRule } from './rule.ts';
import type { ClosingWindow, OpenWindow, RunningRule, WindowTally } from './running-rule.ts';
import type { AlertTransition } from './transition.ts';
import type { VerdictObserver } from './verdict-observer.ts';

interface Series {
  readonly key: string;
  readonly groupKey: string;
  readonly names: Labels;
  readonly detector: Detector;
  alert: AlertRecord | null;
  /** What was counted in the window being closed; put back to 0 when it has been judged. */
  count: number;
  /** What of the open window the alert has been told of. */
  early: WindowNumbers | null;
}

interface NewSeries {
  readonly key: string;
  readonly group: EdgeGroup;
  readonly names: Labels;
  readonly count: number;
}

/** What the rules of an evaluator have in common. */
export interface RuleSurroundings extends DetectorSurroundings {
  readonly groups: WindowGroups;
  readonly observer?: VerdictObserver | undefined;
}

/** Such a rule and what it remembers. Series exist from their first selected line (or request) until forgetting them loses nothing. */
export class SeriesRule implements RunningRule {
  readonly rule: AlertRule;
  readonly identity: string;
  readonly #condition: SeriesCondition;
  readonly #surroundings: RuleSurroundings;
  readonly #groups: EdgeGroups;
  readonly #view: EdgeView;
  /** The same edges with what the open window holds so far; `null` where nothing can be said early. */
  readonly #earlyView: EdgeView | null;
  readonly #earlyGroups: EdgeGroups;
  readonly #selection: CountSelection;
  readonly #series = new Map<string, Series>();
  /** Windows that this rule has seen, up to the length of its baseline: the history of a series that is not there yet. */
  #seenWindows = 0;

  constructor(rule: AlertRule, condition: SeriesCondition, identity: string, surroundings: RuleSurroundings) {
    const { groups } = surroundings;
    this.rule = rule;
    this.identity = identity;
    this.#condition = condition;
    this.#surroundings = surroundings;
    this.#groups = groups.closed;
    this.#view = groups.closed.viewOf(rule);
    this.#earlyGroups = groups.open;
    this.#earlyView = isToldEarly(condition) ? groups.open.viewOf(rule) : null;
    this.#selection = new CountSelection(rule);
  }

  get seriesCount(): number {
    return this.#series.size;
  }

  get firingCount(): number {
    let count = 0;
    for (const { alert } of this.#series.values()) if (alert?.active.status === 'firing') count += 1;
    return count;
  }

  activeAlerts(): readonly AlertRecord[] {
    const alerts: AlertRecord[] = [];
    for (const { alert } of this.#series.values()) if (alert !== null) alerts.push(alert);
    return alerts;
  }

  get missingWindows(): number {
    return Math.max(0, learningWindowsOf(this.#condition) - this.#seenWindows);
  }

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
    this.#seenWindows = Math.min(this.#seenWindows + 1, pastWindowsOf(this.#condition));
  }

  judgeEarly(window: OpenWindow, tally: WindowTally): void {
    if (this.#earlyView === null || this.missingWindows > 0) return;
    const transitions: (readonly [string, AlertTransition])[] = [];
    for (const group of this.#earlyView.touched) {
      for (const hit of this.#selection.hitsOf(group)) {
        const transition = this.#judgeHit(group, hit, window, tally);
        if (transition !== null) transitions.push([JSON.stringify([group.key, hit.names]), transition]);
      }
    }
    transitions.sort((a, b) => compareText(a[0], b[0]));
    tally.transitions.push(...transitions.map(([, transition]) => transition));
  }

  #judgeHit(group: EdgeGroup, { names, count }: Hit, window: OpenWindow, tally: WindowTally): AlertTransition | null {
    const key = JSON.stringify([group.key, names]);
    const known = this.#series.get(key);
    if ((known?.alert ?? null) !== null || (known === undefined && tally.freeSeries === 0)) return null;
    const { startAtMs, untilAtMs, endAtMs } = window;
    const elapsedShare = (untilAtMs - startAtMs) / (endAtMs - startAtMs);
    const requestCount = this.#selection.exposureOf(this.#earlyGroups.current(group));
    const past = { pastWindows: this.#seenWindows, requestCount: Math.ceil(requestCount / elapsedShare) };
    const detector = known?.detector ?? createDetector(this.#condition, past, this.#surroundings);
    const observed = { startAtMs, endAtMs: untilAtMs, count, requestCount, durations: emptySketch, isComplete: true };
    const verdict = detector.judgeEarly?.(observed, elapsedShare, this.#selection.describe(names)) ?? null;
    if (verdict === null) return null;
    const series = known ?? { key, groupKey: group.key, names, detector, alert: null, count: 0, early: null };
    if (known === undefined) {
      this.#series.set(key, series);
      tally.freeSeries -= 1;
    }
    const examples = this.#selection.examplesOf(group, names);
    const step = stepRecord(
      null,
      this.rule,
      { ...group.labels, ...names },
      {
        verdict,
        window: { startAtMs, endAtMs: untilAtMs },
        observed,
        examples,
      },
    );
    series.alert = step.record;
    series.early = { count, requestCount };
    return step.transition;
  }

  #takeHits(tally: WindowTally): void {
    const fresh: NewSeries[] = [];
    const isByTraffic = followsTraffic(this.#condition) || this.#selection.counted === 'requests';
    for (const group of isByTraffic ? this.#view.active : this.#view.notable) {
      for (const { names, count } of this.#selection.hitsOf(group)) {
        const key = JSON.stringify([group.key, names]);
        const series = this.#series.get(key);
        if (series === undefined) fresh.push({ key, group, names, count });
        else series.count = count;
      }
    }
    if (fresh.length > tally.freeSeries) fresh.sort((a, b) => b.count - a.count || compareText(a.key, b.key));
    for (const entry of fresh.splice(0, tally.freeSeries)) this.#add(entry, tally);
    tally.overflowCount += fresh.length;
  }

  #add({ key, group, names, count }: NewSeries, tally: WindowTally): void {
    const past = { pastWindows: this.#seenWindows, requestCount: this.#selection.exposureOf(group) };
    const detector = createDetector(this.#condition, past, this.#surroundings);
    this.#series.set(key, { key, groupKey: group.key, names, detector, alert: null, count, early: null });
    tally.freeSeries -= 1;
  }

  #judge(series: Series, window: ClosingWindow, tally: WindowTally): AlertTransition | null {
    const group = this.#groups.current(this.#view.group(series.groupKey));
    const observed = this.#observe(series, group, window);
    series.count = 0;
    if (this.#surroundings.observer === undefined) return this.#step(series, { group, observed, window }, tally);
    const seen = this.#look(series, observed, this.#surroundings.observer);
    const transition = this.#step(series, { group, observed, window }, tally);
    seen?.();
    return transition;
  }

  /** Judges by a copy of the detector, so that being looked at changes nothing; what is returned tells it. */
  #look(series: Series, observed: ObservedWindow, observer: VerdictObserver): (() => void) | null {
    const { detector, names } = series;
    const labels = (): Labels => ({ ...this.#view.labelsOfKey(series.groupKey), ...names });
    if (!observer.wants(this.rule, observed, labels)) return null;
    const copy = restoreDetector(this.#condition, structuredClone(detector.snapshot()), this.#surroundings);
    const verdict = copy.judge(observed, this.#selection.describe(names));
    const { startAtMs, endAtMs } = observed;
    return () => {
      const active = series.alert?.active ?? null;
      observer.onVerdict({ rule: this.rule, labels: labels(), window: { startAtMs, endAtMs }, verdict, active });
    };
  }

  #step(
    series: Series,
    { group, observed, window }: { group: EdgeGroup | null; observed: ObservedWindow; window: ClosingWindow },
    tally: WindowTally,
  ): AlertTransition | null {
    const { detector, names } = series;
    if (series.alert === null) {
      const kind = detector.passOver(observed);
      if (kind !== null) {
        tally.verdictCounts[kind] += 1;
        if (detector.isSilent) this.#remove(series, tally);
        return null;
      }
    }
    const verdict = detector.judge(observed, this.#selection.describe(names));
    tally.verdictCounts[verdict.kind] += 1;
    const examples = observed.count > 0 && group !== null ? this.#selection.examplesOf(group, names) : [];
    const labels = series.alert === null ? { ...this.#view.labelsOfKey(series.groupKey), ...names } : {};
    const news = without(observed, series.early);
    const step = stepRecord(series.alert, this.rule, labels, { verdict, window, observed: news, examples });
    series.alert = step.record;
    series.early = null;
    return step.transition;
  }

  #observe(series: Series, group: EdgeGroup | null, window: ClosingWindow): ObservedWindow {
    return {
      startAtMs: window.startAtMs,
      endAtMs: window.endAtMs,
      count: series.count,
      requestCount: this.#selection.exposureOf(group),
      durations: this.#condition.kind === 'latency' && group !== null ? durationsOf(group) : emptySketch,
      isComplete: window.isComplete,
    };
  }

  #remove(series: Series, tally: WindowTally): void {
    this.#series.delete(series.key);
    tally.freeSeries += 1;
  }

  snapshot(): RuleSnapshot {
    const series = [...this.#series.values()].map(({ groupKey, names, detector, alert, early }): SeriesSnapshot => {
      const hasNames = Object.keys(names).length > 0;
      return {
        group: groupKey,
        ...(hasNames ? { names } : {}),
        state: detector.snapshot(),
        ...(alert === null ? {} : { alert }),
        ...(early === null ? {} : { early }),
      };
    });
    return { identity: this.identity, alert: this.rule.alert, seenWindows: this.#seenWindows, series };
  }

  restore(snapshot: RuleSnapshot): void {
    this.#seenWindows = snapshot.seenWindows;
    const { isShadow } = this.rule;
    for (const { group, names = {}, state, alert: saved, early = null } of snapshot.series) {
      const alert = saved === undefined ? null : { ...saved, isShadow };
      const key = JSON.stringify([group, names]);
      const detector = restoreDetector(this.#condition, state, this.#surroundings);
      this.#series.set(key, { key, groupKey: group, names, detector, alert, count: 0, early });
    }
  }
}

/** What a window holds beyond what was told of it while it was open. */
function without(observed: WindowNumbers, early: WindowNumbers | null): WindowNumbers {
  if (early === null) return observed;
  const requestCount = Math.max(0, observed.requestCount - early.requestCount);
  return { count: Math.max(0, observed.count - early.count), requestCount };
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
