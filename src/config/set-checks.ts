// Checks of rules against each other, over all files of a set: names that are not their own, and one incident told twice.
import type { AlertRule, Matcher } from '#core/evaluate/rule.ts';
import type { LocatedRule } from './located-rule.ts';
import type { PlacedFinding } from './yaml-source.ts';

/** Remembers the rules of the files before. */
export class SetChecks {
  readonly #byName = new Map<string, AlertRule>();
  readonly #byMeaning = new Map<string, AlertRule>();

  /** What a rule has in common with one before it. A rule that is not run stands in nobody's way. */
  check({ rule, isEnabled, path }: LocatedRule): readonly PlacedFinding[] {
    if (!isEnabled) return [];
    const place = [...path, 'alert'];
    const named = this.#byName.get(rule.alert);
    if (named !== undefined) {
      const message = `alert ${rule.alert} is defined already, at ${named.origin}`;
      return [{ kind: 'duplicate-name', path: place, message, remedy: 'give it another name: the name identifies it' }];
    }
    this.#byName.set(rule.alert, rule);
    const meaning = meaningOf(rule);
    const same = this.#byMeaning.get(meaning);
    if (same === undefined) {
      this.#byMeaning.set(meaning, rule);
      return [];
    }
    return [
      {
        kind: 'same-meaning',
        severity: 'warning',
        path: place,
        message: `alert ${rule.alert} fires exactly when ${same.alert} does, at ${same.origin}`,
        remedy: 'take one of the two out; who is told is for routes to say',
      },
    ];
  }
}

/** The same text for rules that look at the same and ask the same, however they are written. */
function meaningOf({ select, by, condition, forMs, keepFiringForMs, isShadow }: AlertRule): string {
  const { counted, flags, faults, matchers } = select;
  return JSON.stringify([
    counted,
    [...flags].sort(),
    [...faults].sort(),
    matchers.map(matcherText).sort(),
    [...by].sort(),
    condition.kind,
    Object.entries(condition.settings).sort(([a], [b]) => (a < b ? -1 : 1)),
    forMs,
    keepFiringForMs,
    isShadow,
  ]);
}

function matcherText({ label, operator, value }: Matcher): string {
  return JSON.stringify([label, operator, value]);
}
