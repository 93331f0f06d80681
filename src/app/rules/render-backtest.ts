// A backtest as people read it, and as one JSON document.

import { renderForConsole } from '#adapters/console/render-message.ts';
import { renderIso } from '#app/past/render-iso.ts';
import { renderDuration } from '#core/duration.ts';
import { toVisibleText } from '#core/notify/visible-text.ts';
import type { Backtest } from './backtest.ts';
import { type ChartLine, renderChart } from './chart.ts';
import { type Firing, renderSubject } from './firings.ts';
import type { Telling } from './notify-rehearsal.ts';

/** Alerts that a chart and a list show; of further ones it is told how many they are. */
const maxShown = 40;

/** The text, with the rendered messages where they are asked for. Ends with a line end. */
export function renderBacktest(
  result: Backtest,
  { columns, withMessages }: { readonly columns: number; readonly withMessages: boolean },
): string {
  const { past, firings, tellings, ruleCount, pendingOnly, notJudged } = result;
  const { fromMs, toMs } = past;
  if (fromMs === null || toMs === null) return `nothing was found in that time\n${past.notes.join('\n')}\n`;
  const alerts = new Set(firings.map(({ fingerprint }) => fingerprint)).size;
  const head = `${renderIso(fromMs)} to ${renderIso(toMs)}: ${past.windows} windows, ${ruleCount} rules`;
  const fired = firings.length === 0 ? 'nothing fired' : `${alerts} alerts fired, ${firings.length} times in all`;
  const blocks = [
    [head, `${fired}; ${renderTold(result)}`],
    renderChart(chartLines(firings, toMs), { fromMs, toMs }, columns),
    firings.slice(0, maxShown).flatMap(renderFiring),
    firings.length > maxShown ? [`and ${firings.length - maxShown} more firings`] : [],
    pendingOnly > 0 ? [`${pendingOnly} times an alert was pending and never fired`] : [],
    notJudged.length > 0 ? [`not judged, because the past does not show it: ${notJudged.join(', ')}`] : [],
    past.notes,
  ].filter((lines) => lines.length > 0);
  if (firings.length === 0) blocks.splice(1, 1);
  const messages = withMessages ? tellings.map((telling) => renderTelling(telling, columns)) : [];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n${messages.map((text) => `\n${text}`).join('')}`;
}

function renderTold({ tellings, held }: Backtest): string {
  const count = (kind: Telling['kind']): number => tellings.filter((one) => one.kind === kind).length;
  const posted = count('posted');
  const more = [
    [count('edited'), 'edits'],
    [count('reply'), 'replies'],
  ].flatMap(([number, what]) => (number === 0 ? [] : [`${number} ${what}`]));
  const receivers = [...new Set(tellings.map(({ receiver }) => receiver))].sort();
  const to = posted === 0 ? '' : ` to ${receivers.join(', ')}`;
  const quiet = Object.entries(held).map(([why, number]) => `${number} ${why}`);
  const notTold = quiet.length === 0 ? '' : `; not told at first: ${quiet.join(', ')}`;
  return `${[`${posted} ${posted === 1 ? 'message' : 'messages'}`, ...more].join(', ')}${to}${notTold}`;
}

function chartLines(firings: readonly Firing[], toMs: number): readonly ChartLine[] {
  const byAlert = [...Map.groupBy(firings, ({ fingerprint }) => fingerprint).values()];
  const lines = byAlert.slice(0, maxShown).map((own): ChartLine => {
    const [first] = own;
    return {
      label: first === undefined ? '' : renderSubject(first),
      marks: own.flatMap(({ sinceAtMs, firedAtMs, resolvedAtMs }) => [
        { fromMs: sinceAtMs, toMs: firedAtMs, sign: '▒' },
        { fromMs: firedAtMs, toMs: resolvedAtMs ?? toMs, sign: '█' },
      ]),
    };
  });
  const more = byAlert.length - lines.length;
  return more > 0 ? [...lines, { label: `and ${more} more`, marks: [] }] : lines;
}

function renderFiring(firing: Firing): readonly string[] {
  const { firedAtMs, resolvedAtMs, verdict, isShadow } = firing;
  const lasted = resolvedAtMs === null ? 'still firing at the end' : `for ${renderDuration(resolvedAtMs - firedAtMs)}`;
  const shadow = isShadow ? ' (shadow: told to nobody)' : '';
  return [
    toVisibleText(`${renderIso(firedAtMs)} ${lasted}: ${renderSubject(firing)}${shadow}`),
    toVisibleText(`  ${verdict.reason}`),
  ];
}

function renderTelling({ atMs, kind, content, reply, receiver }: Telling, columns: number): string {
  const head = `${renderIso(atMs)} ${kind} to ${toVisibleText(receiver)}`;
  if (reply !== null) return `${head}: ${toVisibleText(reply.replaceAll('\n', ' · '))}\n`;
  const style = { columns, isColored: false, channel: receiver, isEdited: kind === 'edited' };
  return `${head}:\n${renderForConsole(content, style)}`;
}

/** The same as JSON. */
export function backtestToJson(result: Backtest, withMessages: boolean): object {
  const { past, firings, tellings, held, ruleCount, pendingOnly, notJudged } = result;
  return {
    from: past.fromMs === null ? null : renderIso(past.fromMs),
    to: past.toMs === null ? null : renderIso(past.toMs),
    windows: past.windows,
    rules: ruleCount,
    firings: firings.map(firingToJson),
    pending_only: pendingOnly,
    not_judged: notJudged,
    messages: {
      posted: tellings.filter(({ kind }) => kind === 'posted').length,
      edited: tellings.filter(({ kind }) => kind === 'edited').length,
      replies: tellings.filter(({ kind }) => kind === 'reply').length,
      held,
    },
    ...(withMessages ? { tellings: tellings.map(tellingToJson) } : {}),
    notes: past.notes,
  };
}

/** One firing as JSON. */
export function firingToJson(firing: Firing): object {
  const { alert, labels, isShadow, sinceAtMs, firedAtMs, resolvedAtMs, verdict, peak, summary } = firing;
  return {
    alert,
    labels,
    shadow: isShadow,
    since: new Date(sinceAtMs).toISOString(),
    fired_at: new Date(firedAtMs).toISOString(),
    resolved_at: resolvedAtMs === null ? null : new Date(resolvedAtMs).toISOString(),
    lasted_ms: resolvedAtMs === null ? null : resolvedAtMs - firedAtMs,
    value: verdict.value,
    z: verdict.z,
    baseline: verdict.baseline,
    peak: peak.value,
    reason: verdict.reason,
    summary,
  };
}

function tellingToJson({ atMs, receiver, target, kind, content, reply }: Telling): object {
  return { at: new Date(atMs).toISOString(), receiver, target, kind, reply, content };
}
