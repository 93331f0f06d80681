// Which flags a rule counts, and how many lines of a group carry them.
import type { CountExample } from '#core/count/count-row.ts';
import { mergeExamples } from '#core/count/pane-table.ts';
import type { EdgeGroup } from './edge-groups.ts';
import { compileMatcher, type ValueTest } from './matcher.ts';
import type { AlertRule } from './rule.ts';

/** Lines of one series in a window. `flag` is `null` where the rule does not group by it. */
export interface FlagHit {
  readonly flag: string | null;
  readonly count: number;
}

/** The flags of one rule. */
export class FlagSelection {
  readonly #flags: ReadonlySet<string>;
  readonly #tests: readonly ValueTest[];
  readonly #isByFlag: boolean;

  constructor(rule: AlertRule) {
    this.#flags = new Set(rule.select.flags);
    this.#tests = rule.select.matchers.filter(({ label }) => label === 'flag').map(compileMatcher);
    this.#isByFlag = rule.by.includes('flag');
  }

  /**
   * The lines of a group, by flag where the rule groups by it. Else the count is that of the most frequent of the flags: counts are
   * kept by flag, and one line may carry two of them (`URX,UF`), so a sum would count it twice. It may be too low, never too high.
   */
  hitsOf(group: EdgeGroup): readonly FlagHit[] {
    const accepted = [...group.flagCounts].filter(([flag, count]) => count > 0 && this.#accepts(flag));
    if (accepted.length === 0) return [];
    if (this.#isByFlag) return accepted.map(([flag, count]) => ({ flag, count }));
    return [{ flag: null, count: Math.max(...accepted.map(([, count]) => count)) }];
  }

  /** The earliest requests behind a hit, as few as a row keeps for a flag. */
  examplesOf(group: EdgeGroup, only: string | null): readonly CountExample[] {
    const byFlag = new Map<string, readonly CountExample[]>();
    for (const row of group.flaggedRows) {
      for (const [flag, examples] of Object.entries(row.examples)) {
        if (only === null ? !this.#accepts(flag) : flag !== only) continue;
        byFlag.set(flag, mergeExamples(byFlag.get(flag) ?? [], examples));
      }
    }
    return [...byFlag.values()].reduce<readonly CountExample[]>(mergeExamples, []);
  }

  /** Completes "42 of 310 requests …". */
  describe(flag: string | null): string {
    if (flag !== null) return `ended with ${flag}`;
    const flags = [...this.#flags];
    if (flags.length === 0) return 'ended with the most frequent flag';
    return flags.length === 1 ? `ended with ${flags[0]}` : `ended with the more frequent of ${flags.join(', ')}`;
  }

  #accepts(flag: string): boolean {
    return (this.#flags.size === 0 || this.#flags.has(flag)) && this.#tests.every((test) => test(flag));
  }
}
