// Evaluates all rules on each closed window: counts in, alert transitions out. The state of the detect loop for one partition.
import type { LocalTime } from '#core/clock/local-time.ts';
import type { CountRow } from '#core/count/count-row.ts';
import type { CountedWindow } from '#core/count/window-table.ts';
import { type VerdictKind, verdictKinds } from '#core/detect/verdict.ts';
import { endTransition } from './alert-record.ts';
import type { WindowGroups } from './edge-groups.ts';
import { EdgeGroups } from './edge-groups.ts';
import type { EvaluatorSnapshot, OrphanedAlert, RuleSnapshot } from './evaluator-snapshot.ts';
import { isEvaluatorSnapshot, ruleIdentity } from './evaluator-snapshot.ts';
import type { AlertRule } from './rule.ts';
import type { RuleView } from './rule-view.ts';
import { viewOf } from './rule-view.ts';
import type { OpenWindow, RunningRule, WindowTally } from './running-rule.ts';
import type { RuleSurroundings } from './series-rule.ts';
import { SeriesRule } from './series-rule.ts';
import type { AlertTransition } from './transition.ts';
import type { VerdictObserver } from './verdict-observer.ts';
import { alertsOfVersions, VersionRule } from './version-rule.ts';

/** Settings of the evaluator. */
export interface EvaluatorSettings {
  /** Length of a window. Baselines are made of windows, so they do not outlive a change of it. */
  readonly windowMs: number;
  /** Series kept over all rules; up to 2 KB of memory each (`npm run bench memory`). */
  readonly maxSeries: number;
  /** Whose hours and weekdays tell what is usual. */
  readonly localTime: LocalTime;
  /** Is told chosen verdicts; nobody is, live. */
  readonly observer?: VerdictObserver;
  /** Rows of one edge hold the same object, window after window: for backtests, which read the same edges a day long. */
  readonly reusesEdges?: boolean;
}

/** Where a transition stands among those of a window. */
interface TransitionPlace {
  /** Position of the rule; -1 where it is gone. */
  readonly rule: number;
  /** Transitions of one rule are in the order of this text. */
  readonly series: string;
}

/** What came of one window. */
export interface EvaluatedWindow {
  /** By rule, then by series; alerts whose rule is gone come first. */
  readonly transitions: readonly AlertTransition[];
  /** For each of them its place in that order: so those of several evaluators, which share out the services, can be laid together. */
  readonly places: readonly TransitionPlace[];
  readonly verdictCounts: Readonly<Record<VerdictKind, number>>;
  /** Series with selected lines that were not judged, because there are `maxSeries` already; edges with more versions than are compared. */
  readonly overflowCount: number;
}

/**
 * All rules and their series. Deterministic: rows of a window in any order and any split give the same transitions with the same
 * ids; `restore(snapshot())` goes on as this evaluator does.
 */
export class Evaluator {
  readonly #settings: EvaluatorSettings;
  readonly #groups: WindowGroups;
  readonly #rules: readonly RunningRule[];
  #orphans: readonly OrphanedAlert[] = [];
  #closedUntilMs: number | null = null;

  constructor(rules: readonly AlertRule[], settings: EvaluatorSettings) {
    this.#settings = settings;
    this.#groups = {
      closed: new EdgeGroups(settings.reusesEdges),
      open: new EdgeGroups(),
      late: new EdgeGroups(),
    };
    const used = new Map<string, number>();
    this.#rules = rules.map((rule) => {
      const identity = ruleIdentity(rule, settings.windowMs);
      const nth = (used.get(identity) ?? 0) + 1;
      used.set(identity, nth);
      const surroundings = { groups: this.#groups, localTime: settings.localTime, observer: settings.observer };
      return runRule(rule, nth === 1 ? identity : `${identity}-${nth}`, surroundings);
    });
  }

  /**
   * Takes the next closed window; windows come in order, gaps between them are allowed. Throws when one comes twice.
   * `holdsOrphans`: nobody listens yet, so the ends of alerts whose rule is gone wait for a later window.
   */
  closeWindow(
    window: {
      readonly startAtMs: number;
      readonly endAtMs: number;
      readonly rows: readonly CountRow[];
      /** All input up to the end is known to be there; assumed where it is not said. */
      readonly isComplete?: boolean;
      /** Nothing came in, for no service, also of those whose rows are judged elsewhere; as the rows say where it is not said. */
      readonly isEmpty?: boolean;
    },
    options: { readonly holdsOrphans: boolean } = { holdsOrphans: false },
  ): EvaluatedWindow {
    const { startAtMs, endAtMs, rows, isComplete = true } = window;
    const { isEmpty = rows.every(({ requestCount }) => requestCount === 0) } = window;
    if (this.#closedUntilMs !== null && startAtMs < this.#closedUntilMs) {
      throw new Error(`window at ${startAtMs} comes after the one that ended at ${this.#closedUntilMs}`);
    }
    this.#closedUntilMs = endAtMs;
    const ended = options.holdsOrphans ? [] : this.#orphans;
    const tally = this.#newTally(ended.map(({ record, reason }) => endTransition(record, endAtMs, reason)));
    if (!options.holdsOrphans) this.#orphans = [];
    this.#groups.closed.take(rows);
    const closing = { startAtMs, endAtMs, isEmpty, isComplete };
    const places: TransitionPlace[] = ended.map(() => ({ rule: -1, series: '' }));
    this.#rules.forEach((rule, position) => {
      tally.seriesKeys.length = 0;
      rule.closeWindow(closing, tally);
      for (const series of tally.seriesKeys) places.push({ rule: position, series });
    });
    const { transitions, verdictCounts, overflowCount } = tally;
    return { transitions, places, verdictCounts, overflowCount };
  }

  /** Begins to take in the next window before it closes; only `judgeEarly` looks at that. */
  openWindow(): void {
    this.#groups.open.begin();
  }

  /**
   * Adds the rows of the next pane of the open window, and judges what only grows by all that the window holds so far. `null` adds only:
   * the pane was judged before.
   */
  addPane(rows: readonly CountRow[], window: OpenWindow | null): readonly AlertTransition[] {
    this.#groups.open.add(rows);
    if (window === null) return [];
    const tally = this.#newTally([]);
    for (const rule of this.#rules) rule.judgeEarly?.(window, tally);
    return tally.transitions;
  }

  /**
   * Takes lines of windows that were judged before they came, the oldest window first: what is remembered is put right, so that an alert on
   * what only seemed to be missing ends with the next window, and what would have been told with these lines is told now, at `nowMs`.
   */
  amendWindows(windows: readonly CountedWindow[], nowMs: number): readonly AlertTransition[] {
    const tally = this.#newTally([]);
    for (const { startAtMs, endAtMs, rows } of windows) {
      const windowsBack = Math.round(((this.#closedUntilMs ?? endAtMs) - startAtMs) / this.#settings.windowMs);
      this.#groups.late.take(rows);
      for (const rule of this.#rules) rule.amendWindow({ startAtMs, endAtMs, windowsBack, nowMs }, tally);
    }
    return tally.transitions;
  }

  #newTally(transitions: AlertTransition[]): WindowTally {
    return {
      transitions,
      seriesKeys: [],
      verdictCounts: Object.fromEntries(verdictKinds.map((kind) => [kind, 0])) as Record<VerdictKind, number>,
      freeSeries: Math.max(0, this.#settings.maxSeries - this.seriesCount),
      overflowCount: 0,
    };
  }

  /** End of the window closed last, `null` before the first. */
  get closedUntilMs(): number | null {
    return this.#closedUntilMs;
  }

  /** Series that a baseline is kept for. */
  get seriesCount(): number {
    return this.#rules.reduce((sum, rule) => sum + rule.seriesCount, 0);
  }

  /** Alerts that are firing. */
  get firingCount(): number {
    return this.#rules.reduce((sum, rule) => sum + rule.firingCount, 0);
  }

  /** Windows with input that have to close before every rule has learned enough for verdicts; 0 when all have. */
  get learningWindows(): number {
    return this.#rules.reduce((most, rule) => Math.max(most, rule.missingWindows), 0);
  }

  /** Each rule as others look at it, in the order given. */
  views(): readonly RuleView[] {
    return this.#rules.map(viewOf);
  }

  /**
   * Ends the alerts whose rule is gone without waiting for a window; the first `heldCount` of them wait on. Called when rules change while
   * the evaluator runs.
   */
  endOrphans(atMs: number, heldCount: number): readonly AlertTransition[] {
    const ended = this.#orphans.slice(heldCount);
    this.#orphans = this.#orphans.slice(0, heldCount);
    return ended.map(({ record, reason }) => endTransition(record, atMs, reason));
  }

  /** Plain JSON value, version 2: up to 2 KB a series. */
  snapshot(): EvaluatorSnapshot {
    const rules = this.#rules.map((rule) => rule.snapshot());
    return { v: 2, closedUntilMs: this.#closedUntilMs, rules, orphans: this.#orphans };
  }

  /**
   * Goes on where the snapshot was taken. Rules may have changed: those with the same meaning keep their state, new ones begin to
   * learn, and alerts of those that are gone end at the next window. Throws unless `isEvaluatorSnapshot` holds.
   */
  static restore(rules: readonly AlertRule[], settings: EvaluatorSettings, snapshot: unknown): Evaluator {
    if (!isEvaluatorSnapshot(snapshot)) throw new Error('not a snapshot of an evaluator, or of another version');
    const evaluator = new Evaluator(rules, settings);
    evaluator.#closedUntilMs = snapshot.closedUntilMs;
    const states = new Map(evaluator.#rules.map((state) => [state.identity, state]));
    const orphans = [...snapshot.orphans];
    for (const saved of snapshot.rules) {
      const state = states.get(saved.identity);
      if (state !== undefined) state.restore(saved);
      else orphans.push(...orphansOf(saved, rules));
    }
    evaluator.#orphans = orphans;
    return evaluator;
  }
}

function runRule(rule: AlertRule, identity: string, surroundings: RuleSurroundings): RunningRule {
  const { condition } = rule;
  if (condition.kind === 'new_version') return new VersionRule(rule, condition.settings, identity, surroundings);
  if (condition.kind === 'pipeline') throw new Error('rules on the pipeline are not judged by windows');
  return new SeriesRule(rule, condition, identity, surroundings);
}

function orphansOf(saved: RuleSnapshot, rules: readonly AlertRule[]): OrphanedAlert[] {
  const isChanged = rules.some(({ alert }) => alert === saved.alert);
  const reason = isChanged ? 'rule changed: it learns anew what is usual' : 'rule removed';
  return saved.series
    .flatMap(({ alert, state }) => [...(alert === undefined ? [] : [alert]), ...alertsOfVersions(state)])
    .map((record) => ({ record, reason }))
    .sort((a, b) => (a.record.fingerprint < b.record.fingerprint ? -1 : 1));
}
