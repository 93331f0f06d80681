// All that detect knows about one partition of partial counts: watermarks, open windows, baselines, alerts. Deterministic: the same
// records in the same order give the same steps. Used by the detect loop and by `replay`.

import type { PartialCount } from '#core/count/count-row.ts';
import { noCounts } from '#core/count/count-row.ts';
import type { CollectRecord } from '#core/count/partial-count-wire.ts';
import type { AlertRecord } from '#core/evaluate/alert-record.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { RuleSet, RuleText } from '#core/evaluate/rule-set.ts';
import type { RuleView } from '#core/evaluate/rule-view.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import type { DetectChainSettings, DetectChainSnapshot } from './detect-chain.ts';
import { DetectChain } from './detect-chain.ts';
import type { DetectStep } from './detect-step.ts';
import { nothing, toStep } from './detect-step.ts';
import type { OwnWatchSnapshot } from './own-watch.ts';
import { OwnWatch } from './own-watch.ts';
import type { RuleScheduleSnapshot } from './rule-schedule.ts';
import { RuleSchedule } from './rule-schedule.ts';

/** Settings of the state. `rules` are all; each chain takes its own. */
export interface DetectStateSettings extends DetectChainSettings {
  /** `cluster/topic` of the lines that correlate reads: the source of counts by fault. `null` where there is no correlate. */
  readonly faultTopic: string | null;
}

/** Figures for gauges and the live status. */
export interface DetectStatus {
  readonly watermarkAtMs: number | null;
  readonly idleSources: number;
  readonly openWindows: number;
  readonly seriesCount: number;
  readonly firingCount: number;
}

interface SnapshotForm extends OwnWatchSnapshot {
  readonly v: 2;
  readonly windowMs: number;
  readonly lines: DetectChainSnapshot;
  readonly faults: DetectChainSnapshot | null;
  /** Texts of the sets that the chains’ schedules name. */
  readonly sets?: readonly (readonly [hash: string, files: readonly RuleText[]])[];
}

/** Rules out of the texts of a set; `null` where this build cannot read them. */
type ReadRules = (files: readonly RuleText[]) => readonly AlertRule[] | null;

/** The state of one partition. */
export class DetectState {
  readonly #settings: DetectStateSettings;
  readonly #lines: DetectChain;
  /** `null` where no rule looks at faults. */
  #faults: DetectChain | null;
  readonly #own: OwnWatch;

  constructor(settings: DetectStateSettings, parts?: { lines: DetectChain; faults: DetectChain | null }) {
    this.#settings = settings;
    const { rules } = settings;
    this.#lines = parts?.lines ?? new DetectChain(lineChain(settings, rules));
    const faultSettings = faultChain(settings, rules);
    this.#faults = parts?.faults ?? (faultSettings === null ? null : new DetectChain(faultSettings));
    this.#own = new OwnWatch(rules);
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

  /**
   * Goes over to another set with the first window that starts at `effectiveAtMs` or later; at once where windows have passed that.
   * Returns what the change tells at once. The same set twice changes nothing.
   */
  changeRules(set: RuleSet, effectiveAtMs: number): readonly AlertTransition[] {
    if (set.hash === this.newestSet?.hash) return [];
    this.#own.changeRules(set.rules);
    const change = { set, effectiveAtMs };
    const ofLines = this.#lines.scheduleRules({ ...change, rules: lineRules(set.rules) });
    if (this.#faults !== null) {
      return [...ofLines, ...this.#faults.scheduleRules({ ...change, rules: faultRules(set.rules) })];
    }
    const settings = faultChain({ ...this.#settings, ruleSet: set }, set.rules);
    this.#faults = settings === null ? null : new DetectChain(settings);
    return ofLines;
  }

  /** The set in force, or the one that comes into force last; `null` where rules have no set. */
  get newestSet(): RuleSet | null {
    return this.#lines.schedule.newest;
  }

  /** The set by which windows are judged now. */
  get currentSet(): RuleSet | null {
    return this.#lines.schedule.current;
  }

  /** End of the window with the newest line heard of, over all partitions of the input; 0 before the first line. */
  get nextWindowAtMs(): number {
    const times = this.#lines.watermarks.sources().map(({ streamAtMs }) => streamAtMs ?? Number.NEGATIVE_INFINITY);
    const newestMs = Math.max(Number.NEGATIVE_INFINITY, ...times);
    const { windowMs } = this.#settings;
    return Number.isFinite(newestMs) ? (Math.floor(newestMs / windowMs) + 1) * windowMs : 0;
  }

  /** Judges the input itself, unless it ends, and the loading of rules (`rulesProblem`), by the wall clock. Live only. */
  watch(nowMs: number, dataCenter = '', rulesProblem: string | null = null): readonly AlertTransition[] {
    const watched = this.#settings.isFinite === true ? [] : this.#lines.watermarks.sources();
    const sources = watched.map((source) => {
      return { ...source, dataCenter: source.name.slice(0, source.name.indexOf('/')) };
    });
    return this.#own.watch({ nowMs, sources, dataCenter, rulesProblem });
  }

  /** Closes every window that holds rows, whatever the watermark: the end of a finite input. */
  finish(): DetectStep {
    return toStep(this.#lines.finish(), this.#faults?.finish() ?? null);
  }

  /** Event time up to which every transition has been given, whichever way it came; `null` before there is one. */
  get settledUntilMs(): number | null {
    const lines = this.#lines.watermarks.currentAtMs;
    const faults = this.#faults === null ? lines : this.#faults.watermarks.currentAtMs;
    return lines === null || faults === null ? null : Math.min(lines, faults);
  }

  status(): DetectStatus {
    const chains = this.#faults === null ? [this.#lines] : [this.#lines, this.#faults];
    return {
      watermarkAtMs: this.#lines.watermarks.currentAtMs,
      idleSources: this.#lines.watermarks.idleCount,
      openWindows: chains.reduce((sum, chain) => sum + chain.openWindows, 0),
      seriesCount: chains.reduce((sum, chain) => sum + chain.seriesCount, 0),
      firingCount: chains.reduce((sum, chain) => sum + chain.firingCount, this.#own.firingCount),
    };
  }

  /** Every rule as others look at it, and alerts that no rule makes. */
  views(): { readonly rules: readonly RuleView[]; readonly ownAlerts: readonly AlertRecord[] } {
    const rules = [...this.#lines.views(), ...(this.#faults?.views() ?? []), ...this.#own.views()];
    return { rules, ownAlerts: this.#own.alerts };
  }

  /** Plain JSON value from which `restore` goes on. */
  snapshot(): unknown {
    const chains = this.#faults === null ? [this.#lines] : [this.#lines, this.#faults];
    const sets = new Map(chains.flatMap(({ schedule }) => schedule.sets.map(({ hash, files }) => [hash, files])));
    const form: SnapshotForm = {
      ...this.#own.snapshot(),
      v: 2,
      windowMs: this.#settings.windowMs,
      lines: this.#lines.snapshot(),
      faults: this.#faults?.snapshot() ?? null,
      sets: [...sets],
    };
    return form;
  }

  /**
   * The state of a snapshot, or `null` where it was made with another window or by another build, and cannot be gone on from. It goes on
   * with the rules of the snapshot; where `readRules` cannot read them, or is not there, with those of the settings.
   */
  static restore(settings: DetectStateSettings, snapshot: unknown, readRules: ReadRules = () => null) {
    const form = snapshot as Partial<SnapshotForm> | null;
    if (form?.v !== 2 || form.windowMs !== settings.windowMs || form.lines === undefined) return null;
    const sets = readSets(form.sets ?? [], settings, readRules);
    const schedule = scheduleOf(form.lines.schedule, sets, { settings, rulesOf: lineRules });
    const lines = DetectChain.restore(lineChain(settings, rulesIn(schedule, settings)), form.lines, schedule);
    if (lines === null) return null;
    const saved = form.faults ?? null;
    const { newest } = schedule;
    const inForce = newest === null ? settings : { ...settings, rules: newest.rules, ruleSet: newest };
    const state = new DetectState(inForce, { lines, faults: restoreFaults(settings, saved, sets) });
    const { pipeline = [], orphans = [], rules = null } = form;
    state.#own.restore(inForce.rules, { pipeline, orphans, rules });
    return state;
  }
}

function restoreFaults(
  settings: DetectStateSettings,
  saved: DetectChainSnapshot | null,
  sets: ReadonlyMap<string, RuleSet>,
): DetectChain | null {
  if (saved === null) return null;
  const schedule = scheduleOf(saved.schedule, sets, { settings, rulesOf: faultRules });
  // With the last rule gone its alerts are still to be ended.
  const chain = faultChain(settings, rulesIn(schedule, settings), true);
  return chain === null ? null : DetectChain.restore(chain, saved, schedule);
}

function rulesIn({ current }: RuleSchedule, { rules }: DetectStateSettings): readonly AlertRule[] {
  return current?.rules ?? rules;
}

/** The sets of a snapshot that can be read, and that of the settings. */
function readSets(
  saved: NonNullable<SnapshotForm['sets']>,
  { ruleSet }: DetectStateSettings,
  readRules: ReadRules,
): ReadonlyMap<string, RuleSet> {
  const sets = new Map<string, RuleSet>();
  for (const [hash, files] of saved) {
    const rules = hash === ruleSet?.hash ? ruleSet.rules : readRules(files);
    if (rules !== null) sets.set(hash, { hash, files, rules });
  }
  return sets;
}

function scheduleOf(
  saved: RuleScheduleSnapshot | undefined,
  sets: ReadonlyMap<string, RuleSet>,
  { settings, rulesOf }: { settings: DetectStateSettings; rulesOf: (rules: readonly AlertRule[]) => AlertRule[] },
): RuleSchedule {
  const schedule = new RuleSchedule(sets.get(saved?.current ?? '') ?? settings.ruleSet ?? null);
  for (const [hash, effectiveAtMs] of saved?.changes ?? []) {
    const set = sets.get(hash);
    if (set !== undefined) schedule.add({ set, rules: rulesOf(set.rules), effectiveAtMs });
  }
  return schedule;
}

function lineRules(rules: readonly AlertRule[]): AlertRule[] {
  return rules.filter(({ select, condition }) => select.counted !== 'faults' && condition.kind !== 'pipeline');
}

function faultRules(rules: readonly AlertRule[]): AlertRule[] {
  return rules.filter(({ select, condition }) => select.counted === 'faults' && condition.kind !== 'pipeline');
}

function lineChain(settings: DetectStateSettings, rules: readonly AlertRule[]): DetectChainSettings {
  return { ...settings, rules: lineRules(rules) };
}

function faultChain(
  settings: DetectStateSettings,
  rules: readonly AlertRule[],
  isKept = false,
): DetectChainSettings | null {
  const own = faultRules(rules);
  const { faultTopic } = settings;
  if (faultTopic === null || (own.length === 0 && !isKept)) return null;
  return { ...settings, rules: own, sourceTopics: [...settings.sourceTopics, faultTopic] };
}
