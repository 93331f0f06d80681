// Adds up the rows of a closed window by what rules group by. Rules with the same matchers and the same `by` share the work.
import { unknownName } from '#core/attribute/traffic.ts';
import type { CountRow } from '#core/count/count-row.ts';
import { addSketch, type DurationSketch, durationBuckets, emptySketch, toSketch } from '#core/count/duration-sketch.ts';
import type { Edge, EdgeLabel } from '#core/count/edge.ts';
import { edgeKey, edgeLabels } from '#core/count/edge.ts';
import type { Labels } from '#core/labels.ts';
import { compileMatcher, type ValueTest } from './matcher.ts';
import type { AlertRule } from './rule.ts';
import { isEdgeMatcher } from './rule.ts';

/** Edges whose groups are remembered from window to window. Beyond, the memory is emptied and filled anew: only speed is lost. */
const maxRememberedEdges = 50_000;

/** The edges that one view lays together, and what they had in the window being closed. */
export interface EdgeGroup {
  /** Injective text of the labels. */
  readonly key: string;
  /** Values of the view's labels. */
  readonly labels: Labels;
  requestCount: number;
  /** Of these, what the callers' proxies wrote. */
  sourceRequestCount: number;
  failedCount: number;
  /** Lines by flag; empty in most windows. */
  readonly flagCounts: Map<string, number>;
  /** Failed requests by fault; empty in most windows. */
  readonly faultCounts: Map<string, number>;
  /** All rows of the window: where examples and durations come from. */
  rows: CountRow[];
  /** Number of the window that the counts belong to. */
  windowNumber: number;
  /** Number of the addition that brought the last failure, flag or fault. */
  notableAddition: number;
}

/** One way to look at the edges: some of them, by some of their labels. */
export class EdgeView {
  readonly #labels: readonly EdgeLabel[];
  readonly #tests: readonly (readonly [EdgeLabel, ValueTest])[];
  readonly #groups = new Map<string, EdgeGroup>();
  /** Groups with rows in the window being closed, in the order of their first row. */
  active: EdgeGroup[] = [];
  /** Those of them with failures, flags or faults: few, in most windows. */
  notable: EdgeGroup[] = [];
  /** Those of them to which the last `add` brought some. */
  touched: EdgeGroup[] = [];

  constructor(rule: AlertRule) {
    this.#labels = labelsOf(rule);
    this.#tests = rule.select.matchers
      .filter(isEdgeMatcher)
      .map((matcher) => [matcher.label, compileMatcher(matcher)] as const);
  }

  /** The group that an edge belongs to; `null` where a matcher does not accept it. */
  groupOf(edge: Edge): EdgeGroup | null {
    if (!this.#tests.every(([label, isAccepted]) => isAccepted(edge[label]))) return null;
    const key = JSON.stringify(this.#labels.map((label) => edge[label]));
    let group = this.#groups.get(key);
    if (group === undefined) {
      const labels = Object.fromEntries(this.#labels.map((label) => [label, edge[label]]));
      group = { ...emptyGroup(), key, labels };
      this.#groups.set(key, group);
    }
    return group;
  }

  /** The group with that key, if any edge of it was seen lately. */
  group(key: string): EdgeGroup | undefined {
    return this.#groups.get(key);
  }

  /** The labels of a group's key, also of one that has no edge yet (after a restart). */
  labelsOfKey(key: string): Labels {
    const values = JSON.parse(key) as readonly string[];
    return Object.fromEntries(this.#labels.map((label, i) => [label, values[i] ?? unknownName]));
  }

  forget(): void {
    this.#groups.clear();
  }
}

/** The groups of the window that closes, those of the one that is open, and those of what came late for one that was closed. */
export interface WindowGroups {
  readonly closed: EdgeGroups;
  readonly open: EdgeGroups;
  readonly late: EdgeGroups;
}

/** A group that an edge belongs to. */
interface Membership {
  readonly view: EdgeView;
  readonly group: EdgeGroup;
}

/** All views of a set of rules, and which groups each edge belongs to. */
export class EdgeGroups {
  readonly #views = new Map<string, EdgeView>();
  readonly #groupsByEdge = new Map<string, readonly Membership[]>();
  /** The same by the object itself, for who gives the same one in every window. */
  readonly #groupsByObject: Map<Edge, readonly Membership[]> | null;
  #windowNumber = 0;
  #additionNumber = 0;

  /** `reusesEdges`: rows of one edge hold the same object, window after window, so that it need not be compared by its labels. */
  constructor(reusesEdges = false) {
    this.#groupsByObject = reusesEdges ? new Map() : null;
  }

  /** The view of a rule; rules that look at the same edges by the same labels get the same one. */
  viewOf(rule: AlertRule): EdgeView {
    const matchers = rule.select.matchers
      .filter(isEdgeMatcher)
      .map(({ label, operator, value }) => JSON.stringify([label, operator, value]))
      .sort();
    const key = JSON.stringify([matchers, labelsOf(rule)]);
    let view = this.#views.get(key);
    if (view === undefined) {
      view = new EdgeView(rule);
      this.#views.set(key, view);
    }
    return view;
  }

  /** Takes all rows of the next window; what the groups held of the window before is gone. */
  take(rows: readonly CountRow[]): void {
    this.begin();
    this.add(rows);
  }

  /** Begins the next window. */
  begin(): void {
    this.#windowNumber += 1;
    for (const view of this.#views.values()) {
      view.active = [];
      view.notable = [];
    }
    if (this.#groupsByEdge.size > maxRememberedEdges) {
      this.#groupsByEdge.clear();
      this.#groupsByObject?.clear();
      for (const view of this.#views.values()) view.forget();
    }
  }

  /** Adds rows to the window. */
  add(rows: readonly CountRow[]): void {
    this.#additionNumber += 1;
    for (const view of this.#views.values()) view.touched = [];
    const window = this.#windowNumber;
    for (const row of rows) {
      const isNews = isNotable(row);
      const isOfSource = row.edge.reporter === 'source';
      const memberships = this.#groupsOf(row.edge);
      // Every row of every view comes by here: no iterators, and no arrays that grow.
      for (let i = 0; i < memberships.length; i += 1) {
        const { view, group } = memberships[i] as Membership;
        if (group.windowNumber === window) group.rows.push(row);
        else {
          renew(group, row, window);
          view.active.push(group);
        }
        group.requestCount += row.requestCount;
        if (isOfSource) group.sourceRequestCount += row.requestCount;
        if (isNews) this.#addNews(view, group, row);
      }
    }
  }

  /** Adds what is notable of a row. */
  #addNews(view: EdgeView, group: EdgeGroup, row: CountRow): void {
    if (!isNotableGroup(group)) view.notable.push(group);
    group.failedCount += row.failedCount;
    addAll(group.flagCounts, row.flagCounts);
    addAll(group.faultCounts, row.faultCounts);
    if (group.notableAddition === this.#additionNumber) return;
    group.notableAddition = this.#additionNumber;
    view.touched.push(group);
  }

  /** The group as it is in the window taken last; `null` where it had no rows. */
  current(group: EdgeGroup | undefined): EdgeGroup | null {
    return group?.windowNumber === this.#windowNumber ? group : null;
  }

  #groupsOf(edge: Edge): readonly Membership[] {
    const known = this.#groupsByObject?.get(edge);
    if (known !== undefined) return known;
    const groups = this.#groupsByLabels(edge);
    this.#groupsByObject?.set(edge, groups);
    return groups;
  }

  #groupsByLabels(edge: Edge): readonly Membership[] {
    const key = edgeKey(edge);
    let groups = this.#groupsByEdge.get(key);
    if (groups === undefined) {
      groups = [...this.#views.values()].flatMap((view) => {
        const group = view.groupOf(edge);
        return group === null ? [] : [{ view, group }];
      });
      this.#groupsByEdge.set(key, groups);
    }
    return groups;
  }
}

/** Durations of all rows of a group. */
export function durationsOf({ rows }: EdgeGroup): DurationSketch {
  const [first, ...others] = rows.filter(({ durations }) => durations.length > 0);
  if (first === undefined) return emptySketch;
  if (others.length === 0) return first.durations;
  const counts = new Uint32Array(durationBuckets);
  for (const { durations } of [first, ...others]) addSketch(counts, durations);
  return toSketch(counts);
}

function emptyGroup(): Omit<EdgeGroup, 'key' | 'labels'> {
  return {
    requestCount: 0,
    sourceRequestCount: 0,
    failedCount: 0,
    flagCounts: new Map(),
    faultCounts: new Map(),
    rows: [],
    windowNumber: -1,
    notableAddition: -1,
  };
}

/** Begins the group's window with its first row. */
function renew(group: EdgeGroup, row: CountRow, windowNumber: number): void {
  group.windowNumber = windowNumber;
  group.requestCount = 0;
  group.sourceRequestCount = 0;
  group.failedCount = 0;
  // Clearing a map makes it a new table, also where it is empty: as most are.
  if (group.flagCounts.size > 0) group.flagCounts.clear();
  if (group.faultCounts.size > 0) group.faultCounts.clear();
  group.rows = [row];
}

function isNotableGroup({ failedCount, flagCounts, faultCounts }: EdgeGroup): boolean {
  return failedCount > 0 || flagCounts.size > 0 || faultCounts.size > 0;
}

function isNotable({ failedCount, flagCounts, faultCounts }: CountRow): boolean {
  return failedCount > 0 || hasKeys(flagCounts) || hasKeys(faultCounts);
}

function hasKeys(counts: Readonly<Record<string, number>>): boolean {
  for (const _name in counts) return true;
  return false;
}

function addAll(sums: Map<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) sums.set(name, (sums.get(name) ?? 0) + count);
}

/** The edge labels of `by` in the order of edges, each once: the order in a rule's text says nothing. */
function labelsOf(rule: AlertRule): readonly EdgeLabel[] {
  return edgeLabels.filter((label) => rule.by.includes(label));
}
