// A rule that compares versions: for each group of edges, every new version of the destination against the one that it replaces.
import { compareText } from '#core/compare-text.ts';
import type { CountRow } from '#core/count/count-row.ts';
import type { NewVersionSettings } from '#core/detect/condition.ts';
import type { NewVersionSnapshot, VersionRow } from '#core/detect/new-version.ts';
import { NewVersionTracker } from '#core/detect/new-version.ts';
import type { Verdict } from '#core/detect/verdict.ts';
import type { WindowNumbers } from '#core/detect/window-ring.ts';
import type { Labels } from '#core/labels.ts';
import type { AlertRecord } from './alert-record.ts';
import { stepRecord } from './alert-record.ts';
import { CountSelection } from './count-selection.ts';
import type { EdgeGroup, EdgeGroups, EdgeView } from './edge-groups.ts';
import type { RuleSnapshot, SeriesSnapshot } from './evaluator-snapshot.ts';
import type { AlertRule } from './rule.ts';
import type { ClosingWindow, RunningRule, WindowTally } from './running-rule.ts';
import type { RuleSurroundings } from './series-rule.ts';
import type { AlertTransition } from './transition.ts';
import type { ObservedSpan, VerdictObserver } from './verdict-observer.ts';

/** The versions of one group of edges, and the alerts about them by version and deploy. */
interface Versions {
  readonly groupKey: string;
  readonly tracker: NewVersionTracker;
  readonly alerts: Map<string, AlertRecord>;
  /** Lines that came late: they are compared with those of the next window. Both versions' are, so it is fair to both. */
  late: readonly VersionRow[];
}

interface VersionsSnapshot {
  readonly tracker: NewVersionSnapshot;
  readonly alerts: readonly (readonly [string, AlertRecord])[];
  readonly late?: readonly VersionRow[];
}

const noNames: Labels = {};

/** Such a rule and what it remembers. */
export class VersionRule implements RunningRule {
  readonly rule: AlertRule;
  readonly identity: string;
  readonly #settings: NewVersionSettings;
  readonly #groups: EdgeGroups;
  readonly #view: EdgeView;
  readonly #lateView: EdgeView;
  readonly #selection: CountSelection;
  readonly #observer: VerdictObserver | undefined;
  readonly #versions = new Map<string, Versions>();
  #last: ReadonlyMap<string, readonly Verdict[]> = new Map();

  constructor(
    rule: AlertRule,
    settings: NewVersionSettings,
    identity: string,
    { groups, observer }: Pick<RuleSurroundings, 'groups' | 'observer'>,
  ) {
    this.rule = rule;
    this.identity = identity;
    this.#settings = settings;
    this.#groups = groups.closed;
    this.#view = groups.closed.viewOf(rule);
    this.#lateView = groups.late.viewOf(rule);
    this.#observer = observer;
    this.#selection = new CountSelection(rule);
  }

  get seriesCount(): number {
    return this.#versions.size;
  }

  get firingCount(): number {
    let count = 0;
    for (const { alerts } of this.#versions.values()) {
      for (const { active } of alerts.values()) if (active.status === 'firing') count += 1;
    }
    return count;
  }

  activeAlerts(): readonly AlertRecord[] {
    return [...this.#versions.values()].flatMap(({ alerts }) => [...alerts.values()]);
  }

  /** Versions are compared from their first line on. */
  readonly missingWindows = 0;

  /** The verdicts on the window closed last, by the labels of their groups as JSON: what canary judges ask for. */
  get lastVerdicts(): ReadonlyMap<string, readonly Verdict[]> {
    return this.#last;
  }

  closeWindow(window: ClosingWindow, tally: WindowTally): void {
    this.#takeGroups(tally);
    const last = new Map<string, readonly Verdict[]>();
    const transitions: (readonly [string, AlertTransition])[] = [];
    for (const versions of this.#versions.values()) {
      const group = this.#groups.current(this.#view.group(versions.groupKey));
      const rows = [...this.#versionRows(group), ...versions.late];
      versions.late = [];
      const { startAtMs, endAtMs, isComplete } = window;
      const verdicts = versions.tracker.judge(
        { startAtMs, endAtMs, isComplete, rows },
        this.#selection.describe(noNames),
      );
      for (const verdict of verdicts) tally.verdictCounts[verdict.kind] += 1;
      if (versions.tracker.leftOutRequestCount > 0) tally.overflowCount += 1;
      if (verdicts.length > 0) last.set(JSON.stringify(this.#view.labelsOfKey(versions.groupKey)), verdicts);
      for (const step of this.#step(versions, verdicts, { window, group })) {
        transitions.push([`${versions.groupKey} ${step.fingerprint}`, step]);
      }
      if (this.#observer !== undefined) this.#tell(versions, verdicts, { startAtMs, endAtMs }, this.#observer);
      if (versions.tracker.isSilent && versions.alerts.size === 0) this.#versions.delete(versions.groupKey);
    }
    this.#last = last;
    transitions.sort((a, b) => compareText(a[0], b[0]));
    tally.seriesKeys.push(...transitions.map(([key]) => key));
    tally.transitions.push(...transitions.map(([, transition]) => transition));
  }

  amendWindow(): void {
    for (const group of this.#lateView.active) {
      const versions = this.#versions.get(group.key);
      if (versions !== undefined) versions.late = addVersionRows(versions.late, this.#versionRows(group));
    }
  }

  #tell(
    { groupKey, alerts }: Versions,
    verdicts: readonly Verdict[],
    window: ObservedSpan,
    observer: VerdictObserver,
  ): void {
    for (const verdict of verdicts) {
      const labels = { ...this.#view.labelsOfKey(groupKey), ...labelsOf(verdict) };
      if (!observer.wants(this.rule, window, () => labels)) continue;
      const active = alerts.get(keyOf(verdict))?.active ?? null;
      observer.onVerdict({ rule: this.rule, labels, window, verdict, active });
    }
  }

  #takeGroups(tally: WindowTally): void {
    const fresh = this.#view.active.filter(({ key }) => !this.#versions.has(key));
    if (fresh.length > tally.freeSeries) {
      fresh.sort((a, b) => b.requestCount - a.requestCount || compareText(a.key, b.key));
    }
    for (const { key } of fresh.splice(0, tally.freeSeries)) {
      this.#versions.set(key, {
        groupKey: key,
        tracker: new NewVersionTracker(this.#settings),
        alerts: new Map(),
        late: [],
      });
      tally.freeSeries -= 1;
    }
    tally.overflowCount += fresh.length;
  }

  #versionRows(group: EdgeGroup | null): readonly VersionRow[] {
    return group === null ? [] : group.rows.map((row) => this.#toVersionRow(row, group));
  }

  #toVersionRow(row: CountRow, group: EdgeGroup): VersionRow {
    const { destination_version: version, destination_deploy_id: deployId } = row.edge;
    const { count, requestCount } = this.#selection.numbersOf(row, group);
    return { version, deployId, count, requestCount };
  }

  /** Alerts of versions that were judged, and of those that are not judged any more: these end. */
  #step(
    { groupKey, alerts }: Versions,
    verdicts: readonly Verdict[],
    { window, group }: { readonly window: ClosingWindow; readonly group: EdgeGroup | null },
  ): readonly AlertTransition[] {
    const judged = new Map(verdicts.map((verdict) => [keyOf(verdict), verdict]));
    for (const [key, { verdict }] of alerts) if (!judged.has(key)) judged.set(key, toEnd(verdict, window));
    const transitions: AlertTransition[] = [];
    for (const [key, verdict] of judged) {
      const labels = { ...this.#view.labelsOfKey(groupKey), ...labelsOf(verdict) };
      const before = alerts.get(key) ?? null;
      const own = group === null ? null : ofVersion(group, verdict);
      const examples = own === null ? [] : this.#selection.examplesOf(own, noNames);
      // The verdict speaks of many windows: all of them are news when an alert begins, and this one alone later on.
      const observed = before === null ? { count: verdict.value, requestCount: verdict.requestCount } : this.#sum(own);
      const { record, transition } = stepRecord(before, this.rule, labels, { verdict, window, observed, examples });
      if (record === null) alerts.delete(key);
      else alerts.set(key, record);
      if (transition !== null) transitions.push(transition);
    }
    return transitions;
  }

  #sum(group: EdgeGroup | null): WindowNumbers {
    const numbers = group === null ? [] : group.rows.map((row) => this.#selection.numbersOf(row, group));
    return {
      count: numbers.reduce((sum, { count }) => sum + count, 0),
      requestCount: numbers.reduce((sum, { requestCount }) => sum + requestCount, 0),
    };
  }

  snapshot(): RuleSnapshot {
    const series = [...this.#versions.values()].map(({ groupKey, tracker, alerts, late }): SeriesSnapshot => {
      const state: VersionsSnapshot = {
        tracker: tracker.snapshot(),
        alerts: [...alerts],
        ...(late.length === 0 ? {} : { late }),
      };
      return { group: groupKey, state };
    });
    const { identity, rule } = this;
    return { identity, alert: rule.alert, seenWindows: 0, series, last: [...this.#last] };
  }

  restore(snapshot: RuleSnapshot): void {
    const { isShadow } = this.rule;
    this.#last = new Map(snapshot.last);
    for (const { group: groupKey, state } of snapshot.series) {
      const { tracker, alerts, late = [] } = state as VersionsSnapshot;
      this.#versions.set(groupKey, {
        groupKey,
        tracker: NewVersionTracker.restore(this.#settings, tracker),
        alerts: new Map(alerts.map(([key, record]) => [key, { ...record, isShadow }])),
        late,
      });
    }
  }
}

/** The alerts in a snapshot of such a rule that is gone. */
export function alertsOfVersions(state: unknown): readonly AlertRecord[] {
  const alerts = (state as Partial<VersionsSnapshot> | null)?.alerts;
  return Array.isArray(alerts) ? alerts.map(([, record]) => record as AlertRecord) : [];
}

/** Sums by version and deploy: what waits for the next window stays as small as that. */
function addVersionRows(rows: readonly VersionRow[], more: readonly VersionRow[]): readonly VersionRow[] {
  const groups = Map.groupBy([...rows, ...more], ({ version, deployId }) => JSON.stringify([version, deployId]));
  return [...groups.values()].map((group) => ({
    ...(group[0] as VersionRow),
    count: group.reduce((sum, { count }) => sum + count, 0),
    requestCount: group.reduce((sum, { requestCount }) => sum + requestCount, 0),
  }));
}

function keyOf({ comparison }: Verdict): string {
  return JSON.stringify([comparison?.newVersion, comparison?.newDeployId]);
}

function labelsOf({ comparison }: Verdict): Labels {
  if (comparison === undefined) return noNames;
  const { newVersion, newDeployId } = comparison;
  return { destination_version: newVersion, destination_deploy_id: newDeployId };
}

/** The group's rows of the version that a verdict is about. */
function ofVersion(group: EdgeGroup, { comparison }: Verdict): EdgeGroup {
  return { ...group, rows: group.rows.filter(({ edge }) => edge.destination_version === comparison?.newVersion) };
}

function toEnd(verdict: Verdict, { startAtMs, endAtMs }: ClosingWindow): Verdict {
  const reason = 'the version is not new any more';
  return {
    ...verdict,
    kind: 'normal',
    windowStartAtMs: startAtMs,
    windowEndAtMs: endAtMs,
    value: 0,
    requestCount: 0,
    reason,
  };
}
