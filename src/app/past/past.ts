// The past that rules are tried on: recorded lines in files, or the windows that index keeps. Plays sets of rules over it; nothing is sent.
import { readFileBytes } from '#adapters/file/line-reader.ts';
import { replay } from '#app/replay.ts';
import type { Settings } from '#config/settings.ts';
import { pastWindowsOf } from '#core/detect/create-detector.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import type { VerdictObserver } from '#core/evaluate/verdict-observer.ts';
import type { DocumentSearch } from '#ports/document-search.ts';
import { type KafkaPast, readKafkaSlots } from './kafka-windows.ts';
import type { PastSlots } from './past-slot.ts';
import { playSlots } from './play-slots.ts';
import { readStoredSlots } from './stored-windows.ts';

/** One set of rules, and who hears of it. */
export interface PastRun {
  readonly rules: readonly AlertRule[];
  readonly onTransition: (transition: AlertTransition) => void;
  readonly observer?: VerdictObserver;
}

/** What was played. Times are `null` where there was nothing. */
export interface PastTotals {
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly windows: number;
  /** What people should know of it, a sentence each. */
  readonly notes: readonly string[];
}

/** A past. Playing it again gives the same. */
export interface Past {
  /** Plays every run; transitions of a run come in the order in which detect would have written them. Throws `AdapterError`. */
  play(runs: readonly PastRun[]): Promise<PastTotals>;
}

/** A span of event time; `null`: from the beginning, to the end. */
export interface PastSpan {
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

/** What is wanted of the windows that are kept. */
export interface KeptSpan {
  readonly fromMs: number;
  readonly toMs: number;
  /** Threads that may share the work; what comes out is the same with any number. */
  readonly jobs: number;
}

/** Lines in files, through the same way as live. */
export function pastOfLines(settings: Settings, files: readonly string[], span: PastSpan): Past {
  return {
    play: async (runs) => {
      const totals = { fromMs: null as number | null, toMs: null as number | null, windows: 0, notes: [] as string[] };
      for (const [i, run] of runs.entries()) {
        const read = await replay({
          settings,
          rules: run.rules,
          sources: files.map((name) => ({ name, bytes: readFileBytes(name) })),
          onTransition: (transition) => {
            if (isWithin(transition.atMs, span)) run.onTransition(transition);
          },
          onWindow: ({ startAtMs, endAtMs }) => {
            if (i > 0) return;
            totals.fromMs ??= startAtMs;
            totals.toMs = endAtMs;
            totals.windows += 1;
          },
          ...(run.observer === undefined ? {} : { observer: run.observer }),
        });
        if (i === 0) {
          totals.notes.push(
            `${read.counted} lines counted, ${read.late} late, ${read.skipped} skipped, ${read.unreadable} unreadable`,
          );
        }
      }
      return { ...totals, fromMs: latest(totals.fromMs, span.fromMs), toMs: earliest(totals.toMs, span.toMs) };
    },
  };
}

/**
 * The windows in the document store. Reading begins as much earlier as the rules need to know what is usual; what fires before the span is
 * not told.
 */
export function pastOfStore(settings: Settings, search: DocumentSearch, span: KeptSpan): Past {
  return {
    play: async (runs) => {
      const fromMs = span.fromMs - learningMsOf(runs, settings);
      const slots = readStoredSlots(search, {
        fromMs,
        toMs: span.toMs,
        windowMs: settings.windowMs,
        withFaults: hasRules(runs, ({ select }) => select.counted === 'faults'),
        withDurations: looksAtDurations(runs),
      });
      return await playSpan(slots, runs, { settings, span, fromMs });
    },
  };
}

/** The windows that are still in Kafka, of one cluster; as of the document store, and exact to their examples. */
export function pastOfKafka(
  settings: Settings,
  open: (span: { readonly fromMs: number; readonly withFaults: boolean }) => Promise<OpenedKafkaPast>,
  span: KeptSpan,
): Past {
  return {
    play: async (runs) => {
      const fromMs = span.fromMs - learningMsOf(runs, settings);
      const withFaults = hasRules(runs, ({ select }) => select.counted === 'faults');
      const opened = await open({ fromMs, withFaults });
      try {
        const slots = readKafkaSlots({
          ...opened,
          fromMs,
          toMs: span.toMs,
          windowMs: settings.windowMs,
          withDurations: looksAtDurations(runs),
        });
        return await playSpan(slots, runs, { settings, span, fromMs });
      } finally {
        await opened.close();
      }
    },
  };
}

/** What is read from Kafka. */
export type OpenedKafkaPast = Pick<KafkaPast, 'windows' | 'faults' | 'dataCenter'> & { close(): Promise<void> };

function learningMsOf(runs: readonly PastRun[], { windowMs }: Settings): number {
  return windowMs * Math.max(0, ...runs.flatMap(({ rules }) => rules.map(({ condition }) => pastWindowsOf(condition))));
}

function looksAtDurations(runs: readonly PastRun[]): boolean {
  return hasRules(runs, ({ condition }) => condition.kind === 'latency');
}

function hasRules(runs: readonly PastRun[], isOne: (rule: AlertRule) => boolean): boolean {
  return runs.some(({ rules }) => rules.some(isOne));
}

/** Plays all windows from `fromMs` on; what fires outside the span is not told. */
async function playSpan(
  slots: PastSlots,
  runs: readonly PastRun[],
  {
    settings,
    span,
    fromMs,
  }: {
    readonly settings: Settings;
    readonly span: KeptSpan;
    readonly fromMs: number;
  },
): Promise<PastTotals> {
  const heard = runs.map((run) => ({
    ...run,
    onTransition: (transition: AlertTransition) => {
      if (isWithin(transition.atMs, span)) run.onTransition(transition);
    },
  }));
  const played = await playSlots(slots, heard, {
    settings,
    span: { fromMs, toMs: span.toMs },
    jobs: span.jobs,
  });
  const begunMs = played.windows === 0 ? null : span.fromMs;
  return { ...played, fromMs: latest(begunMs, played.fromMs), toMs: earliest(played.toMs, span.toMs) };
}

function isWithin(atMs: number, { fromMs, toMs }: PastSpan): boolean {
  return (fromMs === null || atMs >= fromMs) && (toMs === null || atMs <= toMs);
}

function latest(own: number | null, bound: number | null): number | null {
  return own === null || bound === null ? own : Math.max(own, bound);
}

function earliest(own: number | null, bound: number | null): number | null {
  return own === null || bound === null ? own : Math.min(own, bound);
}
