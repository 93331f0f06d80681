// Rules and alerts as the HTTP API shows them, out of what partitions show.
import type { AlertsAnswer, RuleAnswer, RulesAnswer } from '#config/api-schema.ts';
import type { RuleSource } from '#ports/rule-source.ts';
import { sortAlerts } from './alert-order.ts';
import { toInstant } from './instant.ts';
import { maxAlerts } from './partition-state.ts';
import { type Reached, toReachAnswer } from './reach.ts';
import { mergeRuleAnswers, toRuleAnswer } from './rule-answer.ts';

/** The rules of the partitions, their figures summed; those of the files where no partition has shown any. */
export function toRulesAnswer(reached: Reached, { current, problem }: RuleSource): RulesAnswer {
  const shown = reached.states.flatMap(({ rules }) => rules);
  const byRule = Map.groupBy(shown, ({ group, rule }) => JSON.stringify([group, rule.name]));
  const unseen = current.rules.filter(({ group, alert }) => !byRule.has(JSON.stringify([group, alert])));
  const merged = [...byRule.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const rest = others.map(({ rule }) => rule);
    return [{ group: first.group, rule: mergeRuleAnswers(first.rule, rest) }];
  });
  const waiting = unseen.map((rule): { group: string; rule: RuleAnswer } => {
    return { group: rule.group, rule: toRuleAnswer(rule, { view: null, watermarkAtMs: null, problem }) };
  });
  const groups = [...Map.groupBy([...merged, ...waiting], ({ group }) => group)].map(([name, of]) => {
    return { name, rules: of.map(({ rule }) => rule) };
  });
  const loaded = { ruleSet: current.hash, loadedAt: toInstant(current.loadedAtMs), problem };
  return { ...loaded, groups, ...toReachAnswer(reached) };
}

/** The alerts of the partitions, those that fire first, the oldest first. */
export function toAlertsAnswer(reached: Reached): AlertsAnswer {
  const all = reached.states.flatMap(({ alerts }) => alerts);
  const truncated = all.length > maxAlerts || reached.states.some((state) => state.truncated);
  return { alerts: sortAlerts(all).slice(0, maxAlerts), truncated, ...toReachAnswer(reached) };
}
