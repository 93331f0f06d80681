// All that detect knows about one partition of partial counts: watermarks, open windows, baselines, alerts. Deterministic: the same
// records in the same order give the same steps. Used by the detect loop and by `replay`.

import type { PartialCount } from '#core/count/count-row.ts';
import { noCounts } from '#core/count/count-row.ts';
import type { CollectRecord } from '#core/count/partial-count-wire.ts';
import type { ClosedWindow } from '#core/count/window-table.ts';
import type { VerdictKind } from '#core/detect/verdict.ts';
import { PipelineRule, type PipelineRuleSnapshot } from '#core/evaluate/pipeline-rule.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import type { ChainStep, DetectChainSettings, DetectChainSnapshot } from './detect-chain.ts';
import { DetectChain, noVerdicts } from './detect-chain.ts';

/** Settings of the state. `rules` are all; each chain takes its own. */
export interface DetectStateSettings extends DetectChainSettings {
  /** `cluster/topic` of the lines that correlate reads: the source of counts by fault. `null` where there is no correlate. */
  readonly faultTopic: string | null;
}

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
  readonly transitions: readonly AlertTransition[];
  readonly verdictCounts: Readonly<Record<VerdictKind, number>>;
}

/** Figures for gauges and the live status. */
export interface DetectStatus {
  readonly watermarkAtMs: number | null;
  readonly idleSources: number;
  readonly openWindows: number;
  readonly seriesCount: number;
  readonly firingCount: number;
}

interface SnapshotForm {
  readonly v: 2;
  readonly windowMs: number;
  readonly lines: DetectChainSnapshot;
  readonly faults: DetectChainSnapshot | null;
  readonly pipeline: readonly PipelineRuleSnapshot[];
}

const nothing: DetectStep = {
  countedLines: 0,
  lateLines: 0,
  lateFaults: 0,
  overflowRows: 0,
  windows: [],
  transitions: [],
  verdictCounts: noVerdicts,
};

/** The state of one partition. */
export class DetectState {
  readonly #settings: DetectStateSettings;
  readonly #lines: DetectChain;
  /** `null` where no rule looks at faults. */
  readonly #faults: DetectChain | null;
  readonly #pipeline: readonly PipelineRule[];

  constructor(settings: DetectStateSettings, parts?: { lines: DetectChain; faults: DetectChain | null }) {
    this.#settings = settings;
    this.#lines = parts?.lines ?? new DetectChain(lineChain(settings));
    const faultSettings = faultChain(settings);
    this.#faults = parts?.faults ?? (faultSettings === null ? null : new DetectChain(faultSettings));
    this.#pipeline = settings.rules.flatMap((rule) =>
      rule.condition.kind === 'pipeline' ? [new PipelineRule(rule, rule.condition.settings)] : [],
    );
  }

  /** Takes the next record in its order. `isSilent`: what comes of it was handed over before, and is not heard again. */
  take(record: CollectRecord, isSilent: boolean = false): DetectStep {
    const [cluster, topic, partition] = record.source;
    const source = `${cluster}/${topic}`;
    if (record.kind === 'counts') return this.#count(record.rows, source);
    const { mark } = record;
    const ofLines = this.#settings.sourceTopics.includes(source)
      ? this.#lines.mark(source, partition, mark, isSilent)
      : null;
    const isHeard = ofLines !== null || source === this.#settings.faultTopic;
    const ofFaults = isHeard ? (this.#faults?.mark(source, partition, mark, isSilent) ?? null) : null;
    return toStep(ofLines, ofFaults);
  }

  #count(rows: readonly PartialCount[], source: string): DetectStep {
    if (source === this.#settings.faultTopic) return this.#countFaults(rows);
    let countedLines = 0;
    let lateLines = 0;
    for (const row of rows) {
      if (this.#lines.add(row) === 'late') lateLines += row.requestCount;
      else countedLines += row.requestCount;
      const { edge, paneStartAtMs, requestCount } = row;
      this.#faults?.add({ ...noCounts, edge, paneStartAtMs, requestCount });
    }
    return { ...nothing, countedLines, lateLines, overflowRows: this.#lines.takeOverflowCount() };
  }

  #countFaults(rows: readonly PartialCount[]): DetectStep {
    let lateFaults = 0;
    for (const row of rows) {
      if (this.#faults?.add(row) !== 'late') continue;
      for (const count of Object.values(row.faultCounts)) lateFaults += count;
    }
    return { ...nothing, lateFaults, overflowRows: this.#faults?.takeOverflowCount() ?? 0 };
  }

  /** Judges the input itself, by the wall clock. Live only. */
  watch(nowMs: number): readonly AlertTransition[] {
    if (this.#pipeline.length === 0) return [];
    const sources = this.#lines.watermarks.sources().map((source) => {
      return { ...source, dataCenter: source.name.slice(0, source.name.indexOf('/')) };
    });
    return this.#pipeline.flatMap((rule) => rule.judge(sources, nowMs));
  }

  /** Closes every window that holds rows, whatever the watermark: the end of a finite input. */
  finish(): DetectStep {
    return toStep(this.#lines.finish(), this.#faults?.finish() ?? null);
  }

  status(): DetectStatus {
    const chains = this.#faults === null ? [this.#lines] : [this.#lines, this.#faults];
    const firing = this.#pipeline.reduce((sum, rule) => sum + rule.firingCount, 0);
    return {
      watermarkAtMs: this.#lines.watermarks.currentAtMs,
      idleSources: this.#lines.watermarks.idleCount,
      openWindows: chains.reduce((sum, chain) => sum + chain.openWindows, 0),
      seriesCount: chains.reduce((sum, chain) => sum + chain.seriesCount, 0),
      firingCount: chains.reduce((sum, chain) => sum + chain.firingCount, firing),
    };
  }

  /** Plain JSON value from which `restore` goes on. */
  snapshot(): unknown {
    const form: SnapshotForm = {
      v: 2,
      windowMs: this.#settings.windowMs,
      lines: this.#lines.snapshot(),
      faults: this.#faults?.snapshot() ?? null,
      pipeline: this.#pipeline.map((rule) => rule.snapshot()),
    };
    return form;
  }

  /** The state of a snapshot, or `null` where it was made with another window or by another build, and cannot be gone on from. */
  static restore(settings: DetectStateSettings, snapshot: unknown): DetectState | null {
    const form = snapshot as Partial<SnapshotForm> | null;
    if (form?.v !== 2 || form.windowMs !== settings.windowMs || form.lines === undefined) return null;
    const lines = DetectChain.restore(lineChain(settings), form.lines);
    if (lines === null) return null;
    const saved = form.faults ?? null;
    // With the last rule gone its alerts are still to be ended.
    const faultSettings = faultChain(settings, saved !== null);
    const faults = faultSettings === null || saved === null ? null : DetectChain.restore(faultSettings, saved);
    const state = new DetectState(settings, { lines, faults });
    for (const rule of state.#pipeline) {
      const own = form.pipeline?.find(({ identity }) => identity === rule.identity);
      if (own !== undefined) rule.restore(own);
    }
    return state;
  }
}

function lineChain(settings: DetectStateSettings): DetectChainSettings {
  const rules = settings.rules.filter(
    ({ select, condition }) => select.counted !== 'faults' && condition.kind !== 'pipeline',
  );
  return { ...settings, rules };
}

function faultChain(settings: DetectStateSettings, isKept = false): DetectChainSettings | null {
  const rules = settings.rules.filter(({ select }) => select.counted === 'faults');
  const { faultTopic } = settings;
  if (faultTopic === null || (rules.length === 0 && !isKept)) return null;
  return { ...settings, rules, sourceTopics: [...settings.sourceTopics, faultTopic] };
}

function toStep(ofLines: ChainStep | null, ofFaults: ChainStep | null): DetectStep {
  const steps = [ofLines, ofFaults].filter((step) => step !== null);
  const verdictCounts = { ...noVerdicts };
  for (const step of steps) {
    for (const [kind, count] of Object.entries(step.verdictCounts)) verdictCounts[kind as VerdictKind] += count;
  }
  return {
    ...nothing,
    windows: ofLines?.windows ?? [],
    transitions: steps.flatMap(({ transitions }) => transitions),
    overflowRows: steps.reduce((sum, { overflowSeries }) => sum + overflowSeries, 0),
    verdictCounts,
  };
}
