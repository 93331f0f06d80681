// Finds rises of a count over its own past, given the requests that it is a part of. One detector for each series; evaluate asks
// it about every closed window, in order.
import { renderDuration } from '#core/duration.ts';
import type { Detector, LateLines, ObservedWindow } from './detector.ts';
import { baselineFatigue, Fatigue, type FatigueSnapshot } from './fatigue.ts';
import { oncePer } from './once-per.ts';
import type { SpikeMeasure, SpikeWindow } from './spike-reason.ts';
import { describeNumber, learningReason, normalReason, numbersOf } from './spike-reason.ts';
import type { SpikeSettings } from './spike-settings.ts';
import { upperTail } from './upper-tail.ts';
import type { UsualRate } from './usual-rate.ts';
import { poissonScale, usualRate } from './usual-rate.ts';
import type { Verdict, VerdictKind } from './verdict.ts';
import type { WindowNumbers } from './window-ring.ts';
import { WindowRing } from './window-ring.ts';

/** The scale is at least this share of the centre: a change of a tenth of the level is one step, however calm the past was. */
const relativeFloor = 0.1;
/**
 * An incident begins only where chance alone makes such a window less often than this. With 100 series that are never quiet
 * (864,000 windows of 10 s a day) that is once in twelve days.
 */
const chanceLevel = 1e-7;
/** An incident lasts until z, count or ratio falls below this share of what an incident takes to begin. */
const recoveryShare = 0.5;
/**
 * An incident that lasts this many lengths of the baseline is the new usual: a day, where the baseline is an hour. Shorter, and a
 * long outage would be declared normal while people work on it.
 */
const acceptAfterBaselines = 24;

/** Half as much again for each: what shows a z of 8 whenever it comes is heard of twice. */
const fatigueGrowth = 1.5;
/** Windows between two stretches of the same incident: two minutes, where a window is 10 s. */
const sameIncidentWindows = 12;

const fatigueOf = oncePer(({ baselineWindows }: SpikeSettings) =>
  baselineFatigue(baselineWindows, { growth: fatigueGrowth, sameIncidentWindows }),
);

/** State of a detector as plain JSON; rings as `WindowRing.encode` writes them. */
export interface SpikeSnapshot {
  readonly ring: string;
  /** Threshold that the incident passed, windows since it began, and the last of them; absent without one. */
  readonly incident?: { readonly threshold: number; readonly windows: number; readonly ring: string };
  /** Absent where no incident is remembered. */
  readonly fatigue?: FatigueSnapshot;
}

interface Incident {
  readonly threshold: number;
  windows: number;
  /** The last windows of the incident: the next baseline, if it is accepted as the usual level. */
  readonly ring: WindowRing;
}

/** Judges the windows of one series against the windows before them; windows of an open incident stay out of the baseline. */
export class SpikeDetector implements Detector {
  readonly #settings: SpikeSettings;
  #ring: WindowRing;
  #incident: Incident | null = null;
  #usual: UsualRate | null = null;
  #fatigue: Fatigue;

  /**
   * A series that is first seen now: it was zero in the `pastWindows` windows before, with the requests of its first window as
   * their exposure. So the first failures of a new version count at once.
   */
  constructor(settings: SpikeSettings, past: { readonly pastWindows: number; readonly requestCount: number }) {
    this.#settings = settings;
    this.#ring = new WindowRing(settings.baselineWindows);
    this.#fatigue = new Fatigue(fatigueOf(settings));
    const windows = Math.min(past.pastWindows, settings.baselineWindows);
    for (let i = 0; i < windows; i += 1) this.#ring.push(0, past.requestCount);
  }

  /** Whether nothing was selected in the whole baseline, and no incident is remembered: such a series need not be kept. */
  get isSilent(): boolean {
    return this.#incident === null && this.#ring.countSum === 0 && this.#fatigue.isRested;
  }

  /**
   * Takes a window that cannot be an anomaly whatever the baseline is, without working out its numbers, and says what its verdict's kind
   * is; `null` where it has to be judged. Most windows of most series are like that.
   */
  passOver(window: WindowNumbers): VerdictKind | null {
    const isLearning = this.#isLearning;
    if (!isLearning && (this.#incident !== null || this.#reachesGates(window, 1))) return null;
    this.#admit(window);
    return isLearning ? 'learning' : 'normal';
  }

  /**
   * The verdict on a closed window; afterwards the window is part of the baseline, or of the open incident. `what` completes the
   * reason: "42 of 310 requests …", such as `ended with UC`.
   */
  judge(window: SpikeWindow, what: string): Verdict {
    if (this.#isLearning) return this.#learn(window, what);
    const measure = this.#measure(window);
    const threshold = this.#incident?.threshold ?? this.#settings.z * this.#fatigue.factor;
    if (!this.#isOver(window, measure, threshold)) {
      this.#incident = null;
      this.#admit(window);
      return verdict(
        'normal',
        window,
        measure,
        normalReason(window, what, measure, { ...this.#settings, z: threshold }),
      );
    }
    const incident = this.#incident ?? this.#begin(threshold);
    incident.windows += 1;
    incident.ring.push(window.count, window.requestCount);
    this.#fatigue.pass(false);
    const numbers = numbersOf(window, what, measure);
    if (incident.windows >= acceptAfterBaselines * this.#settings.baselineWindows) {
      return this.#accept(incident, window, measure, numbers);
    }
    return verdict('anomaly', window, measure, `${numbers} (${this.#describe(threshold, measure)})`);
  }

  /**
   * Judged as if the rest of the window brought as many requests as its beginning, or as many as usual where that is more, and no
   * further selected line: then what is told early stands when the window closes.
   */
  judgeEarly(window: ObservedWindow, elapsedShare: number, what: string): Verdict | null {
    if (this.#isLearning || this.#incident !== null) return null;
    const usualRequestCount = this.#ring.requestCountSum / Math.max(1, this.#ring.length);
    const requestCount = Math.ceil(Math.max(window.requestCount / elapsedShare, usualRequestCount));
    const whole = { ...window, requestCount };
    if (!this.#reachesGates(whole, 1)) return null;
    const measure = this.#measure(whole);
    const threshold = this.#settings.z * this.#fatigue.factor;
    if (!this.#isOver(whole, measure, threshold)) return null;
    const numbers = numbersOf(window, what, measure);
    const expected = elapsedShare < 1 ? `, with ${requestCount} requests expected in the whole window` : '';
    return verdict('anomaly', window, measure, `${numbers} (${this.#describe(threshold, measure)}${expected})`);
  }

  amend(late: LateLines): WindowNumbers | null {
    const ofIncident = this.#incident?.windows ?? 0;
    this.#usual = null;
    if (this.#incident !== null && late.windowsBack <= ofIncident) {
      return this.#incident.ring.addTo(late.windowsBack, late);
    }
    return this.#ring.addTo(late.windowsBack - ofIncident, late);
  }

  #isOver(window: SpikeWindow, measure: SpikeMeasure, threshold: number): boolean {
    if (this.#incident !== null) {
      return measure.z >= threshold * recoveryShare && this.#reachesGates(window, recoveryShare);
    }
    return measure.z >= threshold && this.#reachesGates(window, 1) && this.#chance(window, measure) < chanceLevel;
  }

  #begin(threshold: number): Incident {
    this.#fatigue.begin();
    this.#incident = { threshold, windows: 0, ring: new WindowRing(this.#settings.baselineWindows) };
    return this.#incident;
  }

  #describe(threshold: number, { z }: SpikeMeasure): string {
    const end = describeNumber(threshold * recoveryShare);
    if (z < threshold) return `begun at ${describeNumber(threshold)}, over below ${end}`;
    const raised = threshold > this.#settings.z ? `, raised from ${this.#settings.z} by incidents before` : '';
    return `threshold ${describeNumber(threshold)}${raised}`;
  }

  get #isLearning(): boolean {
    return this.#ring.length < this.#settings.minBaselineWindows;
  }

  #learn(window: SpikeWindow, what: string): Verdict {
    this.#admit(window);
    return verdict('learning', window, null, learningReason(window, what, this.#ring.length, this.#settings));
  }

  #accept({ windows, ring }: Incident, window: SpikeWindow, measure: SpikeMeasure, numbers: string): Verdict {
    this.#ring = ring;
    this.#incident = null;
    this.#usual = null;
    this.#fatigue.reset();
    const lasted = renderDuration(windows * (window.endAtMs - window.startAtMs));
    return verdict('normal', window, measure, `${numbers}, and that for ${lasted}: accepted as the new usual level`);
  }

  #admit(window: WindowNumbers): void {
    this.#ring.push(window.count, window.requestCount);
    this.#usual = null;
    this.#fatigue.pass(true);
  }

  #reachesGates({ count, requestCount }: WindowNumbers, share: number): boolean {
    const { minCount, minRatio } = this.#settings;
    return count > 0 && count >= minCount * share && count >= minRatio * share * requestCount;
  }

  #measure({ count, requestCount }: WindowNumbers): SpikeMeasure {
    this.#usual ??= usualRate(this.#ring);
    const usual = this.#usual;
    const centre = usual.rate * requestCount;
    const scale = Math.max(usual.dispersion * poissonScale(centre), relativeFloor * centre);
    return { usual, centre, scale, z: (count - centre) / scale, baselineWindows: this.#ring.length };
  }

  /** Lines that come in clumps (a client that tries again, a pod that dies) are counted as so many clumps. */
  #chance({ count, requestCount }: WindowNumbers, { usual }: SpikeMeasure): number {
    const baselineRequestCount = this.#ring.requestCountSum;
    const clump = usual.dispersion ** 2;
    const baselineCount = (usual.rate * baselineRequestCount) / clump;
    return upperTail({ baselineCount, baselineRequestCount, count: count / clump, requestCount });
  }

  /** Plain JSON; `restore` of it behaves as this detector does. */
  snapshot(): SpikeSnapshot {
    const fatigue = this.#fatigue.snapshot();
    return {
      ring: this.#ring.encode(),
      ...(this.#incident === null ? {} : { incident: { ...this.#incident, ring: this.#incident.ring.encode() } }),
      ...(fatigue === null ? {} : { fatigue }),
    };
  }

  /** A detector that goes on where the snapshot was taken, with the same settings. Throws on a snapshot that is none. */
  static restore(settings: SpikeSettings, snapshot: SpikeSnapshot): SpikeDetector {
    const { baselineWindows } = settings;
    const { ring, incident, fatigue } = snapshot;
    const detector = new SpikeDetector(settings, { pastWindows: 0, requestCount: 0 });
    detector.#ring = WindowRing.decode(baselineWindows, ring);
    if (incident !== undefined) {
      detector.#incident = { ...incident, ring: WindowRing.decode(baselineWindows, incident.ring) };
    }
    if (fatigue !== undefined) detector.#fatigue = new Fatigue(fatigueOf(settings), fatigue);
    return detector;
  }
}

function verdict(kind: VerdictKind, window: SpikeWindow, measure: SpikeMeasure | null, reason: string): Verdict {
  return {
    kind,
    windowStartAtMs: window.startAtMs,
    windowEndAtMs: window.endAtMs,
    value: window.count,
    unit: 'lines',
    requestCount: window.requestCount,
    baseline: measure?.centre ?? null,
    scale: measure?.scale ?? null,
    z: measure?.z ?? null,
    reason,
  };
}
