// Finds rises of a quantile of the response times over its own past and its hour, or over a fixed limit. One detector for each series;
// evaluate asks it about every closed window, in order. Works on logarithms: twice as long is the same step at 5 ms and at 5 s.
import type { LocalTime } from '#core/clock/local-time.ts';
import { sketchQuantile } from '#core/count/duration-sketch.ts';
import { renderDuration } from '#core/duration.ts';
import type { LatencySettings } from './condition.ts';
import type { Detector, ObservedWindow } from './detector.ts';
import { fatigueHalfLifeBaselines } from './fatigue.ts';
import {
  fewRequestsReason,
  type LatencyMeasure,
  type LatencySample,
  learningLatency,
  noRiseReason,
  riseOf,
  sampleOf,
} from './latency-reason.ts';
import type { LevelSettings, LevelSnapshot, LevelVerdict } from './level.ts';
import { LevelDetector, recoveryShare } from './level.ts';
import { oncePer } from './once-per.ts';
import { type PooledDurations, SamplePool, type SamplePoolSnapshot } from './sample-pool.ts';
import type { Estimate, LevelWindow } from './seasonal-level.ts';
import { addSlow, countSlow, isCertain, type SlowCount } from './slow-evidence.ts';
import { describeNumber } from './spike-reason.ts';
import type { Verdict, VerdictKind } from './verdict.ts';

/** One bucket of a sketch is a tenth wide, ln 1.1 = 0.095: a step of one bucket is at most one scale, however calm the past was. */
const leastScale = 0.1;
/** What took less than a millisecond is counted as half of one: a logarithm needs more than 0. */
const leastMs = 0.5;
/** An incident that lasts this many lengths of the baseline is the new usual: a day, where the baseline is an hour. */
const acceptAfterBaselines = 24;
/** A minute of 10 s: what is as slow as that for a minute, every day at its hour, is ordinary. */
const habitWindows = 6;
/** Of the last samples judged against a fixed limit so many have to be over it. */
const consideredSamples = 3;
const neededSamples = 2;

const levelSettingsOf = oncePer(
  ({ baselineWindows, minBaselineWindows, z }: LatencySettings): LevelSettings => ({
    z,
    findsFalls: false,
    // An exponential mean of this weight is as old, on average, as a plain one of `baselineWindows`.
    memoryWindows: (baselineWindows + 1) / 2,
    learningWindows: minBaselineWindows,
    floor: () => leastScale,
    acceptAfterWindows: acceptAfterBaselines * baselineWindows,
    fatigueHalfLifeWindows: fatigueHalfLifeBaselines * baselineWindows,
    habitWindows,
  }),
);

/** State of a detector as plain JSON. */
export interface LatencySnapshot {
  readonly version: 1;
  readonly pool: SamplePoolSnapshot;
  readonly doubt: SlowCount;
  /** Windows in a row that could not be judged, and without any request. */
  readonly unheardWindows: number;
  readonly silentWindows: number;
  /** Against the past; absent with a fixed limit. */
  readonly level?: LevelSnapshot;
  /** Against a fixed limit; absent without. */
  readonly limit?: LimitState;
}

interface Weighed {
  readonly mayBeOut: boolean;
  readonly doubt: SlowCount;
}

const noDoubt: SlowCount = { slowCount: 0, requestCount: 0 };

interface LimitState {
  readonly isOpen: boolean;
  readonly over: readonly boolean[];
}

const noLimit: LimitState = { isOpen: false, over: [] };

/**
 * Judges the windows of one series. A window with too few requests waits for the next ones, so that a quiet edge is judged less often and
 * as surely. An anomaly takes the distance in scales, the least rise, and so many slow requests that it is not chance. Windows whose input
 * is not complete are judged too: the requests that are there took as long as they took.
 */
export class LatencyDetector implements Detector {
  readonly #settings: LatencySettings;
  readonly #pool: SamplePool;
  readonly #level: LevelDetector;
  #limit: LimitState;
  /** The slow requests of windows in a row that are far out, and not yet certain. */
  #doubt: SlowCount;
  #unheardWindows: number;
  #silentWindows: number;

  /** A series that is first seen now: it learns from here on. */
  constructor(settings: LatencySettings, localTime: LocalTime, snapshot?: LatencySnapshot) {
    this.#settings = settings;
    this.#pool = new SamplePool(snapshot?.pool);
    this.#level = new LevelDetector(levelSettingsOf(settings), localTime, snapshot?.level);
    this.#limit = snapshot?.limit ?? noLimit;
    this.#doubt = snapshot?.doubt ?? noDoubt;
    this.#unheardWindows = snapshot?.unheardWindows ?? 0;
    this.#silentWindows = snapshot?.silentWindows ?? 0;
  }

  /** No request has come for a whole baseline. */
  get isSilent(): boolean {
    return !this.#isOpen && this.#silentWindows >= this.#settings.baselineWindows;
  }

  passOver(window: ObservedWindow): VerdictKind | null {
    if (this.#isOpen) return null;
    const pooled = this.#pool.with(window.durations);
    if (pooled.requestCount < this.#settings.minRequests) {
      this.#wait(window, pooled);
      return this.#isLearning ? 'learning' : 'normal';
    }
    const { aboveMs } = this.#settings;
    const quantileMs = this.#quantileOf(pooled);
    const next = levelWindow(window, quantileMs);
    const hasToBeJudged =
      aboveMs === null ? !this.#isLearning && this.#level.estimate(next).z >= this.#settings.z : quantileMs > aboveMs;
    if (hasToBeJudged) return null;
    this.#hear(window);
    this.#doubt = noDoubt;
    if (aboveMs === null) return this.#level.judge(next, false).kind;
    this.#judgeLimit(false, false);
    return 'normal';
  }

  /** The verdict on a closed window. Only durations count: `what` is not asked. */
  judge(window: ObservedWindow): Verdict {
    const pooled = this.#pool.with(window.durations);
    if (pooled.requestCount < this.#settings.minRequests) return this.#judgeFew(window, pooled);
    this.#hear(window);
    const { requestCount, windows } = pooled;
    const sample = { requestCount, windows, quantileMs: this.#quantileOf(pooled) };
    return this.#settings.aboveMs === null
      ? this.#judgePast(window, pooled, sample)
      : this.#overLimit(window, pooled, sample, this.#settings.aboveMs);
  }

  #judgePast(window: ObservedWindow, pooled: PooledDurations, sample: LatencySample): Verdict {
    const next = levelWindow(window, sample.quantileMs);
    const { mayBeOut, doubt } = this.#weigh(this.#level.estimate(next), sample.quantileMs, pooled);
    const found = this.#level.judge(next, mayBeOut);
    this.#doubt = found.kind === 'normal' ? doubt : noDoubt;
    const numbers = sampleOf(sample, window, this.#settings);
    const measure = measureOf(found);
    if (found.kind === 'learning' || measure === null) {
      return verdict('learning', window, sample, null, learningLatency(numbers, this.#level.count, this.#settings));
    }
    return verdict(
      found.kind,
      window,
      sample,
      measure,
      `${numbers}, ${this.#pastReason(window, sample, found, measure)}`,
    );
  }

  #pastReason(window: ObservedWindow, sample: LatencySample, found: LevelVerdict, measure: LatencyMeasure): string {
    const rise = riseOf(sample, measure);
    if (found.isAccepted) {
      const { startAtMs, endAtMs } = window;
      const atLeast = renderDuration(acceptAfterBaselines * this.#settings.baselineWindows * (endAtMs - startAtMs));
      return `${rise}, and that for ${atLeast} or longer: accepted as the new usual level`;
    }
    if (found.kind === 'normal') return `${rise}, ${noRiseReason(sample, measure, this.#settings)}`;
    return `${rise} (threshold ${describeNumber(measure.threshold)})`;
  }

  #overLimit(window: ObservedWindow, pooled: PooledDurations, sample: LatencySample, aboveMs: number): Verdict {
    const wasOpen = this.#limit.isOpen;
    const isOver = sample.quantileMs > aboveMs;
    const isSure = isOver && isCertain(countSlow(pooled.durations, aboveMs), this.#settings.quantile);
    this.#judgeLimit(isOver, isSure);
    const numbers = `${sampleOf(sample, window, this.#settings)}, the limit is ${describeNumber(aboveMs)} ms`;
    if (this.#limit.isOpen) return verdict('anomaly', window, sample, null, numbers);
    if (isSure) return verdict('normal', window, sample, null, `${numbers}, but that is one window only`);
    if (isOver) return verdict('normal', window, sample, null, `${numbers}, but so few slow ones can be chance`);
    return verdict('normal', window, sample, null, wasOpen ? `${numbers}: it is over` : numbers);
  }

  #judgeLimit(isOver: boolean, isSure: boolean): void {
    const over = [...this.#limit.over, isSure].slice(-consideredSamples);
    const isOpen = this.#limit.isOpen ? isOver : over.filter(Boolean).length >= neededSamples;
    this.#limit = { isOpen, over };
  }

  #judgeFew(window: ObservedWindow, pooled: PooledDurations): Verdict {
    const wasOpen = this.#isOpen;
    this.#wait(window, pooled);
    const { baselineWindows } = this.#settings;
    const reason = fewRequestsReason(pooled, window, this.#settings);
    if (wasOpen && this.#unheardWindows < baselineWindows) return verdict('held', window, pooled, null, reason);
    if (wasOpen) {
      this.#level.close();
      this.#limit = noLimit;
      return verdict(
        'normal',
        window,
        pooled,
        null,
        `${reason}, and that for ${baselineWindows} windows: taken as over`,
      );
    }
    return verdict(this.#isLearning ? 'learning' : 'normal', window, pooled, null, reason);
  }

  get #isOpen(): boolean {
    return this.#level.isOpen || this.#limit.isOpen;
  }

  get #isLearning(): boolean {
    return this.#settings.aboveMs === null && this.#level.count < this.#settings.minBaselineWindows;
  }

  /** Whether the rise is great enough and, where an incident would begin, no chance; and what the next window can build on. */
  #weigh({ centre, z }: Estimate, quantileMs: number, pooled: PooledDurations): Weighed {
    const { minRise, minRiseMs, quantile } = this.#settings;
    const share = this.#level.isOpen ? recoveryShare : 1;
    const usualMs = Math.exp(centre);
    const boundMs = usualMs + share * Math.max(minRise * usualMs, minRiseMs);
    if (quantileMs < boundMs) return { mayBeOut: false, doubt: noDoubt };
    if (this.#level.isOpen) return { mayBeOut: true, doubt: noDoubt };
    const slow = addSlow(this.#doubt, countSlow(pooled.durations, boundMs));
    const isFar = z >= this.#settings.z;
    return { mayBeOut: isFar && isCertain(slow, quantile), doubt: isFar ? slow : noDoubt };
  }

  #quantileOf({ durations }: PooledDurations): number {
    return sketchQuantile(durations, this.#settings.quantile) ?? 0;
  }

  #wait(window: ObservedWindow, pooled: PooledDurations): void {
    this.#pool.keep(pooled);
    const { baselineWindows } = this.#settings;
    this.#unheardWindows = Math.min(this.#unheardWindows + 1, baselineWindows);
    this.#silentWindows = window.requestCount > 0 ? 0 : Math.min(this.#silentWindows + 1, baselineWindows);
  }

  #hear(window: ObservedWindow): void {
    this.#pool.clear();
    this.#unheardWindows = 0;
    this.#silentWindows = window.requestCount > 0 ? 0 : this.#silentWindows;
  }

  /** Plain JSON; `restore` of it behaves as this detector does. */
  snapshot(): LatencySnapshot {
    return {
      version: 1,
      pool: this.#pool.snapshot(),
      doubt: this.#doubt,
      unheardWindows: this.#unheardWindows,
      silentWindows: this.#silentWindows,
      ...(this.#settings.aboveMs === null ? { level: this.#level.snapshot() } : { limit: this.#limit }),
    };
  }

  /** A detector that goes on where the snapshot was taken, with the same settings. Throws on a snapshot that is none. */
  static restore(settings: LatencySettings, localTime: LocalTime, snapshot: LatencySnapshot): LatencyDetector {
    if (snapshot.version !== 1) throw new Error(`a latency's snapshot of version ${snapshot.version} is not known`);
    return new LatencyDetector(settings, localTime, snapshot);
  }
}

function levelWindow({ startAtMs, endAtMs }: ObservedWindow, quantileMs: number): LevelWindow {
  return { startAtMs, endAtMs, value: Math.log(Math.max(leastMs, quantileMs)) };
}

function measureOf({ centre, scale, z, threshold }: LevelVerdict): LatencyMeasure | null {
  return centre === null || scale === null ? null : { usualMs: Math.exp(centre), scale, z, threshold };
}

/** `scale` is one step of the logarithm above the usual value, in milliseconds. */
function verdict(
  kind: VerdictKind,
  { startAtMs, endAtMs }: ObservedWindow,
  sample: Pick<LatencySample, 'requestCount'> & Partial<LatencySample>,
  measure: LatencyMeasure | null,
  reason: string,
): Verdict {
  return {
    kind,
    windowStartAtMs: startAtMs,
    windowEndAtMs: endAtMs,
    value: sample.quantileMs ?? 0,
    unit: 'ms',
    requestCount: sample.requestCount,
    baseline: measure?.usualMs ?? null,
    scale: measure === null ? null : measure.usualMs * Math.expm1(measure.scale),
    z: measure?.z ?? null,
    reason,
  };
}
