// Finds that the share of selected lines among the requests of the last windows is above a fixed limit, and not by chance. One
// detector for each series; evaluate asks it about every closed window, in order.
import { binomialUpperTail } from './binomial-tail.ts';
import type { RatioSettings } from './condition.ts';
import type { Detector, LateLines, ObservedWindow } from './detector.ts';
import { describeChance, describePercent, heldVerdict, shareOf } from './share-reason.ts';
import type { Verdict, VerdictKind } from './verdict.ts';
import { type WindowNumbers, WindowRing } from './window-ring.ts';

/**
 * An incident begins where a rate at the limit would show so many less often than this: the exact lower bound of the share, at
 * 99.99 %, is above the limit. A series that sits exactly at the limit is judged 8,640 times a day, the windows overlapping; that
 * makes less than one false alert a day for such a series, and none for one at half the limit.
 */
const chanceLevel = 1e-4;
/** An incident lasts until the share falls below this part of the limit: between the two nothing begins and nothing ends. */
const recoveryShare = 0.8;

/** State of a detector as plain JSON; the ring as `WindowRing.encode` writes it. */
export interface RatioSnapshot {
  readonly ring: string;
  readonly isOpen?: true;
}

/** Judges all of the last windows together, so an incident ends at the latest when it has left them. */
export class RatioDetector implements Detector {
  readonly #settings: RatioSettings;
  #ring: WindowRing;
  #isOpen = false;

  /** A series that is first seen now: in the `pastWindows` windows before nothing was selected of `requestCount` requests each. */
  constructor(settings: RatioSettings, past: { readonly pastWindows: number; readonly requestCount: number }) {
    this.#settings = settings;
    this.#ring = new WindowRing(settings.overWindows);
    const windows = Math.min(past.pastWindows, settings.overWindows);
    for (let i = 0; i < windows; i += 1) this.#ring.push(0, past.requestCount);
  }

  get isSilent(): boolean {
    return !this.#isOpen && this.#ring.countSum === 0;
  }

  passOver(window: ObservedWindow): VerdictKind | null {
    if (this.#isOpen) return null;
    const isFull = this.#ring.length === this.#ring.capacity;
    const count = this.#ring.countSum + window.count - (isFull ? this.#ring.countAt(0) : 0);
    if (count >= this.#settings.minCount) return null;
    this.#ring.push(window.count, window.requestCount);
    return 'normal';
  }

  judge(window: ObservedWindow, what: string): Verdict {
    if (this.#isOpen && !window.isComplete && window.requestCount === 0) return heldVerdict(window, what);
    const { above, minCount } = this.#settings;
    this.#ring.push(window.count, window.requestCount);
    const { countSum: count, requestCountSum: requestCount } = this.#ring;
    const chance = binomialUpperTail(count, requestCount, above);
    const isAbove = count >= minCount && count > above * requestCount && chance < chanceLevel;
    const wasOpen = this.#isOpen;
    this.#isOpen = isAbove || (wasOpen && count > 0 && count >= recoveryShare * above * requestCount);
    const startAtMs = window.endAtMs - this.#ring.length * (window.endAtMs - window.startAtMs);
    const numbers = shareOf({ count, requestCount, startAtMs, endAtMs: window.endAtMs }, what);
    const why = this.#isOpen ? this.#whyOpen(isAbove, chance) : this.#whyNot(wasOpen, count, requestCount);
    return {
      kind: this.#isOpen ? 'anomaly' : 'normal',
      windowStartAtMs: startAtMs,
      windowEndAtMs: window.endAtMs,
      value: count,
      unit: 'lines',
      requestCount,
      baseline: null,
      scale: null,
      z: null,
      reason: `${numbers}: ${why}`,
    };
  }

  amend(late: LateLines): WindowNumbers | null {
    return this.#ring.addTo(late.windowsBack, late);
  }

  #whyOpen(isAbove: boolean, chance: number): string {
    const limit = describePercent(this.#settings.above);
    return isAbove
      ? `above ${limit}, and by chance so many come with probability ${describeChance(chance)} at most`
      : `begun above ${limit}, over below ${describePercent(recoveryShare * this.#settings.above)}`;
  }

  #whyNot(wasOpen: boolean, count: number, requestCount: number): string {
    const { above, minCount } = this.#settings;
    if (wasOpen) return `over, below ${describePercent(recoveryShare * above)}`;
    if (count <= above * requestCount) return `not above ${describePercent(above)}`;
    if (count < minCount) return `above ${describePercent(above)}, but fewer than ${minCount} are no incident`;
    return `above ${describePercent(above)}, but so few can be chance`;
  }

  snapshot(): RatioSnapshot {
    return { ring: this.#ring.encode(), ...(this.#isOpen ? { isOpen: true } : {}) };
  }

  /** A detector that goes on where the snapshot was taken, with the same settings. Throws on a snapshot that is none. */
  static restore(settings: RatioSettings, { ring, isOpen }: RatioSnapshot): RatioDetector {
    const detector = new RatioDetector(settings, { pastWindows: 0, requestCount: 0 });
    detector.#ring = WindowRing.decode(settings.overWindows, ring);
    detector.#isOpen = isOpen === true;
    return detector;
  }
}
