// Plays sets of rules over closed windows: what detect does behind its window table, without panes, so that nothing is told before a
// window's end.
import { detectSettings } from '#app/replay.ts';
import type { Settings } from '#config/settings.ts';
import type { CountRow } from '#core/count/count-row.ts';
import { noCounts } from '#core/count/count-row.ts';
import { Evaluator } from '#core/evaluate/evaluator.ts';
import type { PastRun, PastTotals } from './past.ts';

/** A window with its counts. */
export interface PastWindow {
  readonly startAtMs: number;
  readonly endAtMs: number;
  /** By flag, of all edges. */
  readonly rows: readonly CountRow[];
  /** Failed requests by fault. */
  readonly faultRows: readonly CountRow[];
}

/** Windows in order, in portions; gaps between them are windows without traffic. `notes` is asked for at the end. */
export interface PastWindows {
  readonly portions: AsyncIterable<readonly PastWindow[]>;
  notes(): readonly string[];
}

interface Playing {
  readonly run: PastRun;
  readonly lines: Evaluator;
  /** `null` where no rule looks at faults. */
  readonly faults: Evaluator | null;
}

/** Plays them all, once for all runs. Deterministic. */
export async function playWindows(
  { portions, notes }: PastWindows,
  runs: readonly PastRun[],
  settings: Settings,
): Promise<PastTotals> {
  const playing = runs.map((run) => begin(run, settings));
  const { maxGapWindows } = settings.detect;
  let fromMs: number | null = null;
  let untilMs: number | null = null;
  let windows = 0;
  const close = (window: PastWindow, isComplete: boolean): void => {
    for (const one of playing) closeWindow(one, window, isComplete);
    fromMs ??= window.startAtMs;
    untilMs = window.endAtMs;
    windows += 1;
  };
  // The last may be cut off in its middle: nothing is said of what is missing in it.
  let last: PastWindow | null = null;
  for await (const portion of portions) {
    for (const window of portion) {
      if (last !== null) close(last, true);
      last = window;
      for (const empty of gapBefore(window, untilMs, maxGapWindows)) close(empty, true);
    }
  }
  if (last !== null) close(last, false);
  return { fromMs, toMs: untilMs, windows, notes: notes() };
}

function begin(run: PastRun, settings: Settings): Playing {
  const evaluatorOf = (rules: PastRun['rules']): Evaluator => {
    const parts = { ...detectSettings(settings, { sourceTopics: [], rules, faultTopic: null }), reusesEdges: true };
    return new Evaluator(rules, run.observer === undefined ? parts : { ...parts, observer: run.observer });
  };
  const judged = run.rules.filter(({ condition }) => condition.kind !== 'pipeline');
  const [faults, lines] = [true, false].map((isOfFaults) =>
    judged.filter(({ select }) => (select.counted === 'faults') === isOfFaults),
  );
  return {
    run,
    lines: evaluatorOf(lines ?? []),
    faults: faults === undefined || faults.length === 0 ? null : evaluatorOf(faults),
  };
}

function closeWindow(
  { run, lines, faults }: Playing,
  { startAtMs, endAtMs, rows, faultRows }: PastWindow,
  isComplete: boolean,
): void {
  const { transitions } = lines.closeWindow({ startAtMs, endAtMs, rows, isComplete });
  for (const transition of transitions) run.onTransition(transition);
  if (faults === null) return;
  const exposure = rows.map(({ edge, requestCount }) => ({ ...noCounts, edge, requestCount }));
  const told = faults.closeWindow({ startAtMs, endAtMs, rows: [...exposure, ...faultRows], isComplete });
  for (const transition of told.transitions) run.onTransition(transition);
}

/** Windows without traffic up to the next, the newest of them where there are more than are closed live. */
function gapBefore(next: PastWindow, untilMs: number | null, maxGapWindows: number): readonly PastWindow[] {
  if (untilMs === null || next.startAtMs <= untilMs) return [];
  const windowMs = next.endAtMs - next.startAtMs;
  const count = Math.min(maxGapWindows, Math.round((next.startAtMs - untilMs) / windowMs));
  return Array.from({ length: count }, (_, i) => {
    const startAtMs = next.startAtMs - (count - i) * windowMs;
    return { startAtMs, endAtMs: startAtMs + windowMs, rows: [], faultRows: [] };
  });
}
