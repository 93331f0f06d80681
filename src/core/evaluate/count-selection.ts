// What a rule counts in a group of edges: lines with its flags, lines that failed, requests with its faults, or all requests.
import type { Fault } from '#core/classify/classification.ts';
import { faultParties } from '#core/classify/classification.ts';
import type { CountExample, CountRow } from '#core/count/count-row.ts';
import { failedExamples } from '#core/count/count-row.ts';
import { mergeExamples } from '#core/count/pane-table.ts';
import type { WindowNumbers } from '#core/detect/window-ring.ts';
import type { Labels } from '#core/labels.ts';
import type { EdgeGroup } from './edge-groups.ts';
import { compileMatcher, type ValueTest } from './matcher.ts';
import type { AlertRule, Counted, CountedLabel } from './rule.ts';
import { isEdgeMatcher } from './rule.ts';

/** What is counted of one series in a window. `names` has `flag`, `fault` or `party` where the rule groups by it. */
export interface Hit {
  readonly names: Labels;
  readonly count: number;
}

const noNames: Labels = {};
/** Faults that a sentence names; of more it only says that they failed. */
const maxNamed = 3;

/** The selection of one rule. */
export class CountSelection {
  readonly counted: Counted;
  readonly #only: ReadonlySet<string>;
  readonly #tests: readonly (readonly [CountedLabel, ValueTest])[];
  readonly #by: readonly CountedLabel[];

  constructor(rule: AlertRule) {
    const { counted, flags, faults, matchers } = rule.select;
    this.counted = counted;
    this.#only = new Set(counted === 'flags' ? flags : faults);
    this.#tests = matchers
      .filter((matcher) => !isEdgeMatcher(matcher))
      .map((matcher) => [matcher.label as CountedLabel, compileMatcher(matcher)] as const);
    this.#by = (['flag', 'fault', 'party'] as const).filter((label) => rule.by.includes(label));
  }

  /** What a group has, one hit for each name that the rule groups by. Counts are 1 or more. */
  hitsOf(group: EdgeGroup): readonly Hit[] {
    switch (this.counted) {
      case 'flags':
        return this.#flagHits(group);
      case 'faults':
        return this.#faultHits(group);
      case 'failed':
        return group.failedCount === 0 ? [] : [{ names: noNames, count: group.failedCount }];
      case 'requests':
        return group.requestCount === 0 ? [] : [{ names: noNames, count: group.requestCount }];
    }
  }

  /**
   * By flag where the rule groups by it. Else the count is that of the most frequent of the flags: counts are kept by flag, and one
   * line may carry two of them (`URX,UF`), so a sum would count it twice. It may be too low, never too high.
   */
  #flagHits({ flagCounts }: EdgeGroup): readonly Hit[] {
    if (flagCounts.size === 0) return [];
    const accepted = [...flagCounts].filter(([flag, count]) => count > 0 && this.#accepts(flag));
    if (accepted.length === 0) return [];
    if (this.#by.includes('flag')) return accepted.map(([flag, count]) => ({ names: { flag }, count }));
    return [{ names: noNames, count: Math.max(...accepted.map(([, count]) => count)) }];
  }

  /** A request has one fault, so sums are exact. */
  #faultHits({ faultCounts }: EdgeGroup): readonly Hit[] {
    const hits = new Map<string, { names: Labels; count: number }>();
    for (const [fault, count] of faultCounts) {
      if (count === 0 || !this.#accepts(fault)) continue;
      const names = Object.fromEntries(this.#by.map((label) => [label, labelValue(label, fault)]));
      const key = JSON.stringify(names);
      const hit = hits.get(key);
      if (hit === undefined) hits.set(key, { names, count });
      else hit.count += count;
    }
    return [...hits.values()];
  }

  /**
   * All requests that could have been selected: the exposure. Faults are told once a request, so of both sides' lines the callers' are
   * counted, but never fewer than failed: where callers without a sidecar are among them, or a fault is counted a window after its lines,
   * the callees' lines are, and at least what failed itself. A share above all of it would be no share.
   */
  exposureOf(group: EdgeGroup | null): number {
    if (group === null) return 0;
    const { requestCount, sourceRequestCount, faultCounts } = group;
    if (this.counted !== 'faults') return requestCount;
    const exposure = sourceRequestCount > 0 ? sourceRequestCount : requestCount;
    if (faultCounts.size === 0) return exposure;
    let count = 0;
    for (const [fault, one] of faultCounts) if (this.#accepts(fault)) count += one;
    return count <= exposure ? exposure : Math.max(count, requestCount - sourceRequestCount);
  }

  /** What is counted of one row of a group, whatever its names, and its exposure. */
  numbersOf(row: CountRow, group: EdgeGroup): WindowNumbers {
    const { requestCount, failedCount } = row;
    switch (this.counted) {
      case 'requests':
        return { count: requestCount, requestCount };
      case 'failed':
        return { count: failedCount, requestCount };
      case 'flags':
        return { count: Math.max(0, ...this.#accepted(row.flagCounts)), requestCount };
      case 'faults': {
        const isExposure = group.sourceRequestCount === 0 || row.edge.reporter === 'source';
        const count = this.#accepted(row.faultCounts).reduce((sum, one) => sum + one, 0);
        return { count, requestCount: isExposure ? requestCount : 0 };
      }
    }
  }

  #accepted(counts: Readonly<Record<string, number>>): readonly number[] {
    return Object.entries(counts).flatMap(([name, count]) => (this.#accepts(name) ? [count] : []));
  }

  /** The earliest requests behind a hit, as few as a row keeps for a name. */
  examplesOf(group: EdgeGroup, names: Labels): readonly CountExample[] {
    const byName = new Map<string, readonly CountExample[]>();
    for (const row of group.rows) {
      for (const [name, examples] of Object.entries(row.examples)) {
        if (this.#isBehind(name, names)) byName.set(name, mergeExamples(byName.get(name) ?? [], examples));
      }
    }
    return [...byName.values()].reduce<readonly CountExample[]>(mergeExamples, []);
  }

  #isBehind(name: string, names: Labels): boolean {
    if (this.counted === 'requests' || this.counted === 'failed') return name === failedExamples;
    if (name === failedExamples) return false;
    return this.#by.every((label) => labelValue(label, name) === names[label]) && this.#accepts(name);
  }

  /** Completes "42 of 310 requests …". */
  describe(names: Labels): string {
    if (this.counted === 'failed') return 'failed';
    if (this.counted === 'requests') return 'came';
    const { flag, fault, party } = names;
    if (flag !== undefined) return `ended with ${flag}`;
    if (fault !== undefined) return `failed by ${fault}`;
    if (party !== undefined) return `failed, and the ${party} has to act`;
    const only = [...this.#only].join(', ');
    if (this.counted === 'faults')
      return this.#only.size === 0 || this.#only.size > maxNamed ? 'failed' : `failed by ${only}`;
    if (only === '') return 'ended with the most frequent flag';
    return this.#only.size === 1 ? `ended with ${only}` : `ended with the more frequent of ${only}`;
  }

  #accepts(name: string): boolean {
    return (
      (this.#only.size === 0 || this.#only.has(name)) &&
      this.#tests.every(([label, test]) => test(labelValue(label, name)))
    );
  }
}

/** The value of a label for a flag or a fault that was counted. */
function labelValue(label: CountedLabel, name: string): string {
  return label === 'party' ? (faultParties[name as Fault] ?? 'none') : name;
}
