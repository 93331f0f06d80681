// The rules as the files of this process hold them: what detect begins with, and what a reload changes. The set in force is in the log.
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { RuleSet, RuleText } from '#core/evaluate/rule-set.ts';

/** The newest set that was loaded whole. */
export interface LoadedRules extends RuleSet {
  /** Wall clock at which its files were read. */
  readonly loadedAtMs: number;
}

/** Where rules come from. */
export interface RuleSource {
  /** A set is loaded whole or not at all: with a bad file this stays what it was. */
  readonly current: LoadedRules;
  /** Why the files do not hold a set now: a sentence with the first place; `null` when they do. */
  readonly problem: string | null;
  /** The rules of a set that another process loaded; `null` where this build cannot read them. Never throws. */
  read(files: readonly RuleText[]): readonly AlertRule[] | null;
}
