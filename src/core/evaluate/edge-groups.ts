// Adds up the rows of a closed window by what rules group by. Rules with the same matchers and the same `by` share the work.
import { unknownName } from '#core/attribute/traffic.ts';
import type { CountRow } from '#core/count/count-row.ts';
import type { Edge, EdgeLabel } from '#core/count/edge.ts';
import { edgeKey, edgeLabels } from '#core/count/edge.ts';
import type { Labels } from '#core/labels.ts';
import { compileMatcher, type ValueTest } from './matcher.ts';
import type { AlertRule } from './rule.ts';

/** Edges whose groups are remembered from window to window. Beyond, the memory is emptied and filled anew: only speed is lost. */
const maxRememberedEdges = 50_000;

/** The edges that one view lays together, and what they had in the window being closed. */
export interface EdgeGroup {
  /** Injective text of the labels. */
  readonly key: string;
  /** Values of the view's labels. */
  readonly labels: Labels;
  requestCount: number;
  /** Lines by flag; empty in most windows. */
  readonly flagCounts: Map<string, number>;
  /** Rows that have flags: where examples come from. */
  flaggedRows: CountRow[];
  /** Number of the window that the counts belong to. */
  windowNumber: number;
}

/** One way to look at the edges: some of them, by some of their labels. */
export class EdgeView {
  readonly #labels: readonly EdgeLabel[];
  readonly #tests: readonly (readonly [EdgeLabel, ValueTest])[];
  readonly #groups = new Map<string, EdgeGroup>();
  /** Groups with flagged lines in the window being closed. */
  flagged: EdgeGroup[] = [];

  constructor(rule: AlertRule) {
    this.#labels = labelsOf(rule);
    this.#tests = rule.select.matchers.flatMap((matcher) =>
      matcher.label === 'flag' ? [] : [[matcher.label, compileMatcher(matcher)] as const],
    );
  }

  /** The group that an edge belongs to; `null` where a matcher does not accept it. */
  groupOf(edge: Edge): EdgeGroup | null {
    if (!this.#tests.every(([label, isAccepted]) => isAccepted(edge[label]))) return null;
    const key = JSON.stringify(this.#labels.map((label) => edge[label]));
    let group = this.#groups.get(key);
    if (group === undefined) {
      const labels = Object.fromEntries(this.#labels.map((label) => [label, edge[label]]));
      group = { key, labels, requestCount: 0, flagCounts: new Map(), flaggedRows: [], windowNumber: -1 };
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

/** All views of a set of rules, and which groups each edge belongs to. */
export class EdgeGroups {
  readonly #views = new Map<string, EdgeView>();
  readonly #groupsByEdge = new Map<string, readonly (readonly [EdgeView, EdgeGroup])[]>();
  #windowNumber = 0;

  /** The view of a rule; rules that look at the same edges by the same labels get the same one. */
  viewOf(rule: AlertRule): EdgeView {
    const matchers = rule.select.matchers
      .filter(({ label }) => label !== 'flag')
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

  /** Takes the rows of the next window; what the groups held of the window before is gone. */
  take(rows: readonly CountRow[]): void {
    this.#windowNumber += 1;
    for (const view of this.#views.values()) view.flagged = [];
    if (this.#groupsByEdge.size > maxRememberedEdges) {
      this.#groupsByEdge.clear();
      for (const view of this.#views.values()) view.forget();
    }
    for (const row of rows) {
      const flags = Object.keys(row.flagCounts);
      for (const [view, group] of this.#groupsOf(row.edge)) {
        if (group.windowNumber !== this.#windowNumber) this.#renew(group);
        group.requestCount += row.requestCount;
        if (flags.length > 0) addFlags(view, group, row, flags);
      }
    }
  }

  /** Requests of a group in the window taken last: its exposure. */
  requestCountOf(group: EdgeGroup | undefined): number {
    return group?.windowNumber === this.#windowNumber ? group.requestCount : 0;
  }

  #renew(group: EdgeGroup): void {
    group.windowNumber = this.#windowNumber;
    group.requestCount = 0;
    group.flagCounts.clear();
    group.flaggedRows = [];
  }

  #groupsOf(edge: Edge): readonly (readonly [EdgeView, EdgeGroup])[] {
    const key = edgeKey(edge);
    let groups = this.#groupsByEdge.get(key);
    if (groups === undefined) {
      groups = [...this.#views.values()].flatMap((view) => {
        const group = view.groupOf(edge);
        return group === null ? [] : [[view, group] as const];
      });
      this.#groupsByEdge.set(key, groups);
    }
    return groups;
  }
}

function addFlags(view: EdgeView, group: EdgeGroup, row: CountRow, flags: readonly string[]): void {
  if (group.flaggedRows.length === 0) view.flagged.push(group);
  group.flaggedRows.push(row);
  for (const flag of flags) {
    group.flagCounts.set(flag, (group.flagCounts.get(flag) ?? 0) + (row.flagCounts[flag] ?? 0));
  }
}

/** The edge labels of `by` in the order of edges, each once: the order in a rule's text says nothing. */
function labelsOf(rule: AlertRule): readonly EdgeLabel[] {
  return edgeLabels.filter((label) => rule.by.includes(label));
}
