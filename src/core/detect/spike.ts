// Finds rises of a count over its own past, given the requests that it is a part of. One detector for each series; evaluate asks
// it about every closed window, in order.
import { renderDuration } from '#core/duration.ts';
import type { SpikeMeasure, SpikeWindow } from './spike-reason.ts';
import { learningReason, normalReason, numbersOf } from './spike-reason.ts';
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

/** State of a detector as plain JSON; rings as `WindowRing.encode` writes them. */
export interface SpikeSnapshot {
  readonly ring: string;
  /** Windows since the incident began, and the last of them; absent without one. */
  readonly incident?: { readonly windows: number; readonly ring: string };
}

interface Incident {
  windows: number;
  /** The last windows of the incident: the next baseline, if it is accepted as the usual level. */
  readonly ring: WindowRing;
}

/** Judges the windows of one series against the windows before them; windows of an open incident stay out of the baseline. */
export class SpikeDetector {
  readonly #settings: SpikeSettings;
  #ring: WindowRing;
  #incident: Incident | null = null;
  #usual: UsualRate | null = null;

  /**
   * A series that is first seen now: it was zero in the `pastWindows` windows before, with the requests of its first window as
   * their exposure. So the first failures of a new version count at once.
   */
  constructor(settings: SpikeSettings, past: { readonly pastWindows: number; readonly requestCount: number }) {
    this.#settings = settings;
    this.#ring = new WindowRing(settings.baselineWindows);
    const windows = Math.min(past.pastWindows, settings.baselineWindows);
    for (let i = 0; i < windows; i += 1) this.#ring.push(0, past.requestCount);
  }

  /** Whether nothing was ever selected in the whole baseline: such a series need not be kept. */
  get isSilent(): boolean {
    return this.#incident === null && this.#ring.countSum === 0;
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
    const begin = this.#settings.z;
    const isOpen = this.#incident !== null;
    const isOver = isOpen
      ? measure.z >= begin * recoveryShare && this.#reachesGates(window, recoveryShare)
      : measure.z >= begin && this.#reachesGates(window, 1) && this.#chance(window, measure) < chanceLevel;
    if (!isOver) {
      this.#incident = null;
      this.#admit(window);
      return verdict('normal', window, measure, normalReason(window, what, measure, this.#settings));
    }
    this.#incident ??= { windows: 0, ring: new WindowRing(this.#settings.baselineWindows) };
    this.#incident.windows += 1;
    this.#incident.ring.push(window.count, window.requestCount);
    const numbers = numbersOf(window, what, measure);
    if (this.#incident.windows >= acceptAfterBaselines * this.#settings.baselineWindows) {
      return this.#accept(window, measure, numbers);
    }
    const threshold =
      measure.z >= begin ? `threshold ${begin}` : `begun at ${begin}, over below ${begin * recoveryShare}`;
    return verdict('anomaly', window, measure, `${numbers} (${threshold})`);
  }

  get #isLearning(): boolean {
    return this.#ring.length < this.#settings.minBaselineWindows;
  }

  #learn(window: SpikeWindow, what: string): Verdict {
    this.#admit(window);
    return verdict('learning', window, null, learningReason(window, what, this.#ring.length, this.#settings));
  }

  #accept(window: SpikeWindow, measure: SpikeMeasure, numbers: string): Verdict {
    const { windows, ring } = this.#incident as Incident;
    this.#ring = ring;
    this.#incident = null;
    this.#usual = null;
    const lasted = renderDuration(windows * (window.endAtMs - window.startAtMs));
    return verdict('normal', window, measure, `${numbers}, and that for ${lasted}: accepted as the new usual level`);
  }

  #admit(window: WindowNumbers): void {
    this.#ring.push(window.count, window.requestCount);
    this.#usual = null;
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
    const ring = this.#ring.encode();
    if (this.#incident === null) return { ring };
    return { ring, incident: { windows: this.#incident.windows, ring: this.#incident.ring.encode() } };
  }

  /** A detector that goes on where the snapshot was taken, with the same settings. Throws on a snapshot that is none. */
  static restore(settings: SpikeSettings, snapshot: SpikeSnapshot): SpikeDetector {
    const detector = new SpikeDetector(settings, { pastWindows: 0, requestCount: 0 });
    detector.#ring = WindowRing.decode(settings.baselineWindows, snapshot.ring);
    if (snapshot.incident !== undefined) {
      const ring = WindowRing.decode(settings.baselineWindows, snapshot.incident.ring);
      detector.#incident = { windows: snapshot.incident.windows, ring };
    }
    return detector;
  }
}

function verdict(kind: VerdictKind, window: SpikeWindow, measure: SpikeMeasure | null, reason: string): Verdict {
  return {
    kind,
    windowStartAtMs: window.startAtMs,
    windowEndAtMs: window.endAtMs,
    value: window.count,
    requestCount: window.requestCount,
    baseline: measure?.centre ?? null,
    scale: measure?.scale ?? null,
    z: measure?.z ?? null,
    reason,
  };
}
