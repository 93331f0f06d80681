// What comes of a record that detect takes: lines counted, windows closed, transitions; of one chain or of both.
import type { ClosedWindow, CountedWindow } from '#core/count/window-table.ts';
import type { VerdictKind } from '#core/detect/verdict.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import type { ChainStep } from './detect-chain.ts';
import { noVerdicts } from './detect-chain.ts';

/** What came of one record. */
export interface DetectStep {
  readonly countedLines: number;
  readonly lateLines: number;
  /** Failed requests that came behind the watermark of both sources. */
  readonly lateFaults: number;
  /** Rows folded into `other`, and series not judged, because a cap was reached. */
  readonly overflowRows: number;
  /** Of the counts by flag. */
  readonly windows: readonly ClosedWindow[];
  /** Of the same: what came for windows that were closed before, to be added to them. */
  readonly lateWindows: readonly CountedWindow[];
  readonly transitions: readonly AlertTransition[];
  readonly verdictCounts: Readonly<Record<VerdictKind, number>>;
}

/** Nothing came of it. */
export const nothing: DetectStep = {
  countedLines: 0,
  lateLines: 0,
  lateFaults: 0,
  overflowRows: 0,
  windows: [],
  lateWindows: [],
  transitions: [],
  verdictCounts: noVerdicts,
};

/** What the chains that took a mark have to say together. */
export function toStep(ofLines: ChainStep | null, ofFaults: ChainStep | null): DetectStep {
  const steps = [ofLines, ofFaults].filter((step) => step !== null);
  const verdictCounts = { ...noVerdicts };
  for (const step of steps) {
    for (const [kind, count] of Object.entries(step.verdictCounts)) verdictCounts[kind as VerdictKind] += count;
  }
  return {
    ...nothing,
    windows: ofLines?.windows ?? [],
    lateWindows: ofLines?.lateWindows ?? [],
    transitions: steps.flatMap(({ transitions }) => transitions),
    overflowRows: steps.reduce((sum, { overflowSeries }) => sum + overflowSeries, 0),
    verdictCounts,
  };
}
