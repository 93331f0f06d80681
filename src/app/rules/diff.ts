// Two sets of rules over the same past: which firings are gained and lost, which come earlier or later.

import type { Past, PastTotals } from '#app/past/past.ts';
import { renderIso } from '#app/past/render-iso.ts';
import { edgeLabels } from '#core/count/edge.ts';
import { renderDuration } from '#core/duration.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import { countedLabels } from '#core/evaluate/rule.ts';
import { toVisibleText } from '#core/notify/visible-text.ts';
import { type Firing, Firings, renderSubject } from './firings.ts';
import { firingToJson } from './render-backtest.ts';

/** What became of one firing. */
export type FiringChange =
  | { readonly kind: 'gained'; readonly after: Firing }
  | { readonly kind: 'lost'; readonly before: Firing }
  | {
      readonly kind: 'same' | 'earlier' | 'later';
      readonly before: Firing;
      readonly after: Firing;
      /** How much later it fires, milliseconds; below 0: earlier. */
      readonly byMs: number;
      /** Whether labels of the rule, such as the severity, changed. */
      readonly isRelabelled: boolean;
    };

/** All of it. */
export interface RulesDiff {
  readonly past: PastTotals;
  /** By time. */
  readonly changes: readonly FiringChange[];
}

/** Firings of one alert that lie this far apart may still tell of the same incident. */
const sameIncidentMs = 300_000;
/** Changes that are listed. */
const maxShown = 100;

/** Plays both over the past. */
export async function diffRules(
  past: Past,
  before: readonly AlertRule[],
  after: readonly AlertRule[],
): Promise<RulesDiff> {
  const [own, others] = [new Firings(), new Firings()];
  const totals = await past.play([
    { rules: before, onTransition: (transition) => own.take(transition) },
    { rules: after, onTransition: (transition) => others.take(transition) },
  ]);
  return { past: totals, changes: diffFirings(own.list(), others.list()) };
}

/** The changes from one list of firings to another, by time. An alert is the same by its name and the labels of its series. */
export function diffFirings(before: readonly Firing[], after: readonly Firing[]): readonly FiringChange[] {
  const unclaimed = Map.groupBy(after, seriesKey);
  const changes: FiringChange[] = before.map((own) => {
    const candidates = unclaimed.get(seriesKey(own)) ?? [];
    const near = candidates.filter((other) => isSameIncident(own, other));
    const next = near.reduce<Firing | null>((best, other) => {
      return best === null || apart(own, other) < apart(own, best) ? other : best;
    }, null);
    if (next === null) return { kind: 'lost', before: own };
    candidates.splice(candidates.indexOf(next), 1);
    const byMs = next.firedAtMs - own.firedAtMs;
    const kind = byMs === 0 ? 'same' : byMs < 0 ? 'earlier' : 'later';
    return { kind, before: own, after: next, byMs, isRelabelled: own.fingerprint !== next.fingerprint };
  });
  for (const gained of [...unclaimed.values()].flat()) changes.push({ kind: 'gained', after: gained });
  return changes.sort((a, b) => timeOf(a) - timeOf(b));
}

function seriesKey({ alert, labels }: Firing): string {
  const names: readonly string[] = [...edgeLabels, ...countedLabels];
  return JSON.stringify([alert, ...names.map((name) => labels[name] ?? null)]);
}

function isSameIncident(a: Firing, b: Firing): boolean {
  const startsBeforeEnd = (one: Firing, other: Firing): boolean =>
    one.firedAtMs <= (other.resolvedAtMs ?? Number.POSITIVE_INFINITY) + sameIncidentMs;
  return startsBeforeEnd(a, b) && startsBeforeEnd(b, a);
}

function apart(a: Firing, b: Firing): number {
  return Math.abs(a.firedAtMs - b.firedAtMs);
}

function timeOf(change: FiringChange): number {
  return 'before' in change ? change.before.firedAtMs : change.after.firedAtMs;
}

/** As people read it. Ends with a line end. */
export function renderDiff({ past, changes }: RulesDiff): string {
  const { fromMs, toMs, windows, notes } = past;
  if (fromMs === null || toMs === null) return `nothing was found in that time\n${notes.join('\n')}\n`;
  const count = (kind: FiringChange['kind']): number => changes.filter((change) => change.kind === kind).length;
  const kinds = ['gained', 'lost', 'earlier', 'later', 'same'] as const;
  const counts = kinds.map((kind) => `${count(kind)} ${kind}`).join(', ');
  const told = changes.filter((change) => change.kind !== 'same' || change.isRelabelled);
  const lines = told.slice(0, maxShown).flatMap(renderChange);
  const more = told.length > maxShown ? [`and ${told.length - maxShown} more`] : [];
  const blocks = [
    [`${renderIso(fromMs)} to ${renderIso(toMs)}: ${windows} windows`, `firings: ${counts}`],
    [...lines, ...more],
    notes,
  ];
  return `${blocks.flatMap((block) => (block.length === 0 ? [] : [block.join('\n')])).join('\n\n')}\n`;
}

function renderChange(change: FiringChange): readonly string[] {
  const firing = change.kind === 'gained' ? change.after : change.before;
  const subject = renderSubject(firing);
  const at = renderIso(firing.firedAtMs);
  if (change.kind === 'gained') return [`+ ${at} ${subject}`, `    ${firing.verdict.reason}`].map(toVisibleText);
  if (change.kind === 'lost') return [`- ${at} ${subject}`, `    ${firing.verdict.reason}`].map(toVisibleText);
  const by = change.byMs === 0 ? 'at the same time' : `${renderDuration(Math.abs(change.byMs))} ${change.kind}`;
  const labels = change.isRelabelled ? ', with other labels' : '';
  return [toVisibleText(`~ ${at} ${subject}: ${by}${labels}`)];
}

/** As JSON. */
export function diffToJson({ past, changes }: RulesDiff): object {
  return {
    from: past.fromMs === null ? null : renderIso(past.fromMs),
    to: past.toMs === null ? null : renderIso(past.toMs),
    windows: past.windows,
    changes: changes.map((change) => ({
      change: change.kind,
      before: 'before' in change ? firingToJson(change.before) : null,
      after: 'after' in change ? firingToJson(change.after) : null,
      ...('byMs' in change ? { by_ms: change.byMs, relabelled: change.isRelabelled } : {}),
    })),
    notes: past.notes,
  };
}
