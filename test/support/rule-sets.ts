// Sets of rules for tests, without files: a text is the name of a set, and a source holds what a test puts into it.
import type { AlertRule } from '#core/evaluate/rule.ts';
import { type RuleSet, type RuleText, ruleSetHash } from '#core/evaluate/rule-set.ts';
import { encodeRuleSet, ruleSetKey } from '#pipeline/rule-set-wire.ts';
import type { LoadedRules, RuleSource } from '#ports/rule-source.ts';

/** A source of rules whose sets a test knows by name. */
export class NamedRules implements RuleSource {
  readonly #sets: Readonly<Record<string, readonly AlertRule[]>>;
  current: LoadedRules;
  problem: string | null = null;

  constructor(sets: Readonly<Record<string, readonly AlertRule[]>>, name: string) {
    this.#sets = sets;
    this.current = { ...this.set(name), loadedAtMs: 0 };
  }

  /** The set of that name. */
  set(name: string): RuleSet {
    const files = [{ file: 'rules/a.yaml', text: name }];
    const rules = this.read(files);
    if (rules === null) throw new Error(`there is no set ${name}`);
    return { hash: ruleSetHash(files), files, rules };
  }

  /** The files hold another set. */
  load(name: string, loadedAtMs: number): void {
    this.current = { ...this.set(name), loadedAtMs };
  }

  read([file]: readonly RuleText[]): readonly AlertRule[] | null {
    return this.#sets[file?.text ?? ''] ?? null;
  }

  /** The record of the log with which the set takes over. */
  record(name: string, effectiveAtMs: number): { readonly key: string; readonly value: string } {
    const set = this.set(name);
    const value = encodeRuleSet({ set, effectiveAtMs });
    if (value === null) throw new Error('a set of a test is not so large');
    return { key: ruleSetKey(set.hash), value };
  }
}
