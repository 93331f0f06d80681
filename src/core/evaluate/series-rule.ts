// A rule that judges each of its series by itself, through the closed windows: most conditions.
import { compareText } from '#core/compare-text.ts';
import { emptySketch } from '#core/count/duration-sketch.ts';
import type { DetectorSurroundings, SeriesCondition, SeriesPast } from '#core/detect/create-detector.ts';
import {
  followsTraffic,
  isToldEarly,
  learningWindowsOf,
  pastWindowsOf,
  restoreDetector,
} from '#core/detect/create-detector.ts';
import type { ObservedWindow } from '#core/detect/detector.ts';
import type { Verdict } from '#core/detect/verdict.ts';
import type { WindowNumbers } from '#core/detect/window-ring.ts';
import type { Labels } from '#core/labels.ts';
import type { AlertRecord } from './alert-record.ts';
import { stepRecord, toTransition } from './alert-record.ts';
import type { Hit } from './count-selection.ts';
import { CountSelection } from './count-selection.ts';
import type { EdgeGroup, EdgeGroups, EdgeView, WindowGroups } from './edge-groups.ts';
import { durationsOf } from './edge-groups.ts';
import type { RuleSnapshot } from './evaluator-snapshot.ts';
import type { AlertRule } from './rule.ts';
import type { AmendedWindow, ClosingWindow, OpenWindow, RunningRule, WindowTally } from './running-rule.ts';
import { type Series, SeriesSet, seriesKey } from './series-set.ts';
import type { AlertTransition } from './transition.ts';
import type { VerdictObserver } from './verdict-observer.ts';

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
  /** The same edges with what came late for a window that was judged. */
  readonly #lateView: EdgeView;
  readonly #selection: CountSelection;
  readonly #series: SeriesSet;
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
    this.#lateView = groups.late.viewOf(rule);
    this.#selection = new CountSelection(rule);
    this.#series = new SeriesSet(condition, surroundings);
  }

  get seriesCount(): number {
    return this.#series.size;
  }

  get firingCount(): number {
    return this.#series.firingCount;
  }

  activeAlerts(): readonly AlertRecord[] {
    return this.#series.activeAlerts();
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
    pushInOrder(transitions, tally);
    this.#seenWindows = Math.min(this.#seenWindows + 1, pastWindowsOf(this.#condition));
  }

  judgeEarly(window: OpenWindow, tally: WindowTally): void {
    if (this.#earlyView === null || this.missingWindows > 0) return;
    const transitions: (readonly [string, AlertTransition])[] = [];
    for (const group of this.#earlyView.touched) {
      for (const hit of this.#selection.hitsOf(group)) {
        const transition = this.#judgeHit(group, hit, window, tally);
        if (transition !== null) transitions.push([seriesKey(group.key, hit.names), transition]);
      }
    }
    pushInOrder(transitions, tally);
  }

  #judgeHit(group: EdgeGroup, { names, count }: Hit, window: OpenWindow, tally: WindowTally): AlertTransition | null {
    const known = this.#series.get(seriesKey(group.key, names));
    if ((known?.alert ?? null) !== null || (known === undefined && tally.freeSeries === 0)) return null;
    const { startAtMs, untilAtMs, endAtMs } = window;
    const elapsedShare = (untilAtMs - startAtMs) / (endAtMs - startAtMs);
    const requestCount = this.#selection.exposureOf(this.#earlyGroups.current(group));
    const past = { pastWindows: this.#seenWindows, requestCount: Math.ceil(requestCount / elapsedShare) };
    const series = known ?? this.#series.create(group.key, names, past);
    const observed = { ...spanOf(startAtMs, untilAtMs), count, requestCount };
    const verdict = series.detector.judgeEarly?.(observed, elapsedShare, this.#selection.describe(names)) ?? null;
    if (verdict === null) return null;
    this.#series.add(series, tally);
    series.early = { count, requestCount };
    return this.#begin(series, { group, verdict, observed });
  }

  /** An alert begins that no closed window brought. */
  #begin(
    series: Series,
    { group, verdict, observed }: { group: EdgeGroup; verdict: Verdict; observed: ObservedWindow },
  ): AlertTransition | null {
    const examples = this.#selection.examplesOf(group, series.names);
    const labels = { ...group.labels, ...series.names };
    const step = stepRecord(null, this.rule, labels, { verdict, window: observed, observed, examples });
    series.alert = step.record;
    series.toldUntilMs = observed.endAtMs;
    return step.transition;
  }

  amendWindow(window: AmendedWindow, tally: WindowTally): void {
    const transitions: (readonly [string, AlertTransition])[] = [];
    for (const group of this.#lateView.active) {
      const hits = this.#selection.hitsOf(group);
      // Where nothing is selected the lines are exposure of the one series that a group has, unless the rule groups by names too.
      for (const hit of hits.length === 0 ? [{ names: {}, count: 0 }] : hits) {
        const transition = this.#amend(group, hit, window, tally);
        if (transition !== null) transitions.push([seriesKey(group.key, hit.names), transition]);
      }
    }
    pushInOrder(transitions, tally);
  }

  #amend(group: EdgeGroup, { names, count }: Hit, window: AmendedWindow, tally: WindowTally): AlertTransition | null {
    const known = this.#series.get(seriesKey(group.key, names));
    if (known === undefined && (count === 0 || tally.freeSeries === 0)) return null;
    const lateRequestCount = this.#selection.exposureOf(group);
    const series = known ?? this.#series.create(group.key, names, this.#pastOfLate(group, lateRequestCount));
    const { startAtMs, endAtMs, windowsBack, nowMs } = window;
    const late = { startAtMs, windowsBack, count, requestCount: lateRequestCount };
    if (series.detector.amend === undefined) return null;
    const total = series.detector.amend(late);
    this.#series.add(series, tally);
    const isNews = count > 0 && series.alert === null && startAtMs >= series.toldUntilMs;
    // What has to last for longer cannot be told by one window.
    if (total === null || !isNews || this.rule.forMs > endAtMs - startAtMs || this.missingWindows > 0) return null;
    const observed = { ...spanOf(startAtMs, endAtMs), ...total };
    const verdict = series.detector.judgeEarly?.(observed, 1, this.#selection.describe(names)) ?? null;
    if (verdict === null) return null;
    const reason = `${verdict.reason}; ${count} of them came after the window was closed`;
    const transition = this.#begin(series, { group, verdict: { ...verdict, reason }, observed });
    return transition === null || series.alert === null ? null : toTransition(series.alert, transition.status, nowMs);
  }

  /** Of a series that late lines begin: its windows had as many requests as the one judged last. */
  #pastOfLate({ key }: EdgeGroup, lateRequestCount: number): SeriesPast {
    const usual = this.#selection.exposureOf(this.#groups.current(this.#view.group(key)));
    return { pastWindows: this.#seenWindows, requestCount: usual > 0 ? usual : lateRequestCount };
  }

  #takeHits(tally: WindowTally): void {
    const fresh: NewSeries[] = [];
    const isByTraffic = followsTraffic(this.#condition) || this.#selection.counted === 'requests';
    for (const group of isByTraffic ? this.#view.active : this.#view.notable) {
      for (const { names, count } of this.#selection.hitsOf(group)) {
        const key = seriesKey(group.key, names);
        const series = this.#series.get(key);
        if (series === undefined) fresh.push({ key, group, names, count });
        else series.count = count;
      }
    }
    if (fresh.length > tally.freeSeries) fresh.sort((a, b) => b.count - a.count || compareText(a.key, b.key));
    for (const { group, names, count } of fresh.splice(0, tally.freeSeries)) {
      const past = { pastWindows: this.#seenWindows, requestCount: this.#selection.exposureOf(group) };
      const series = this.#series.create(group.key, names, past);
      series.count = count;
      this.#series.add(series, tally);
    }
    tally.overflowCount += fresh.length;
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
        if (detector.isSilent) this.#series.remove(series, tally);
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
    if (verdict.kind === 'anomaly') series.toldUntilMs = window.endAtMs;
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

  snapshot(): RuleSnapshot {
    const series = this.#series.snapshot();
    return { identity: this.identity, alert: this.rule.alert, seenWindows: this.#seenWindows, series };
  }

  restore(snapshot: RuleSnapshot): void {
    this.#seenWindows = snapshot.seenWindows;
    this.#series.restore(snapshot.series, this.rule.isShadow);
  }
}

/** A span of which nothing is known but counts. */
function spanOf(startAtMs: number, endAtMs: number) {
  return { startAtMs, endAtMs, durations: emptySketch, isComplete: true };
}

/** Series stand in the order of their first line, which the order of rows decides: what they tell is ordered by their keys. */
function pushInOrder(transitions: (readonly [string, AlertTransition])[], tally: WindowTally): void {
  transitions.sort((a, b) => compareText(a[0], b[0]));
  tally.seriesKeys.push(...transitions.map(([key]) => key));
  tally.transitions.push(...transitions.map(([, transition]) => transition));
}

/** What a window holds beyond what was told of it while it was open. */
function without(observed: WindowNumbers, early: WindowNumbers | null): WindowNumbers {
  if (early === null) return observed;
  const requestCount = Math.max(0, observed.requestCount - early.requestCount);
  return { count: Math.max(0, observed.count - early.count), requestCount };
}
