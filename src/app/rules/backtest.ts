// Rules over the past: what would have fired, when and for how long, and what people would have been told.

import type { Past, PastTotals } from '#app/past/past.ts';
import type { Settings } from '#config/settings.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import { type Firing, Firings } from './firings.ts';
import { NotifyRehearsal, type Telling } from './notify-rehearsal.ts';

/** What would have been. */
export interface Backtest {
  readonly past: PastTotals;
  readonly ruleCount: number;
  readonly firings: readonly Firing[];
  /** Alerts that were pending and never fired. */
  readonly pendingOnly: number;
  readonly tellings: readonly Telling[];
  /** Firings that nobody is told of at first, by reason. */
  readonly held: Readonly<Record<string, number>>;
  /** Rules on the input itself, which the past does not show. */
  readonly notJudged: readonly string[];
}

/** Runs the rules over it. Sends nothing. */
export async function backtest(past: Past, rules: readonly AlertRule[], settings: Settings): Promise<Backtest> {
  const transitions: AlertTransition[] = [];
  const totals = await past.play([{ rules, onTransition: (transition) => transitions.push(transition) }]);
  transitions.sort((a, b) => a.atMs - b.atMs);
  const firings = new Firings();
  const rehearsal = new NotifyRehearsal(settings);
  const held: Record<string, number> = {};
  for (const transition of transitions) {
    firings.take(transition);
    rehearsal.take(transition);
    const why = transition.isShadow ? 'shadow' : rehearsal.heldBy(transition.id);
    if (transition.status === 'firing' && why !== null) held[why] = (held[why] ?? 0) + 1;
  }
  if (totals.toMs !== null) rehearsal.advance(totals.toMs);
  const notJudged = rules.filter(({ condition }) => condition.kind === 'pipeline').map(({ alert }) => alert);
  const { tellings } = rehearsal;
  return {
    past: totals,
    ruleCount: rules.length,
    firings: firings.list(),
    pendingOnly: firings.pendingOnly,
    tellings,
    held,
    notJudged,
  };
}
