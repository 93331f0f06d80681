// Finds failure that lasts, where there are too few requests for a spike: most of the latest requests are selected, in several windows.
// One detector for each series; evaluate asks it about every closed window, in order.
import { binomialLowerTail, binomialUpperTail } from './binomial-tail.ts';
import type { SustainedSettings } from './condition.ts';
import type { Detector, LateLines, ObservedWindow } from './detector.ts';
import { describeChance, describePercent, heldVerdict, shareOf } from './share-reason.ts';
import type { Verdict, VerdictKind } from './verdict.ts';
import { type WindowNumbers, WindowRing } from './window-ring.ts';

/**
 * An incident begins where a rate at the limit would show so many less often than this: at a limit of a half, 20 of 22 do. A series that
 * sits at the limit is judged 8,640 times a day, the windows overlapping.
 */
const chanceLevel = 1e-4;
/** An incident ends where a rate at the limit would show so few less often than this: at a limit of a half, ten good requests in a row. */
const recoveryChance = 1e-3;

/** State of a detector as plain JSON; the ring as `WindowRing.encode` writes it. */
export interface SustainedSnapshot {
  readonly ring: string;
  readonly isOpen?: true;
}

/** The latest `windows` windows of the ring. */
interface Stretch {
  readonly windows: number;
  readonly count: number;
  readonly requestCount: number;
}

/**
 * Looks for the stretch of latest windows, at most `overWindows`, that has the most selected lines above the limit: it begins where the
 * failure began, so that the good requests before do not dilute it. The stretch has to be above the limit without its worst window, too.
 *
 * An incident ends when enough of the latest requests went well, or when nothing was selected in `overWindows` windows: if callers
 * give up altogether it goes on for that long, and begins again only by failing anew.
 */
export class SustainedDetector implements Detector {
  readonly #settings: SustainedSettings;
  #ring: WindowRing;
  #isOpen = false;

  /** A series that is first seen now: in the `pastWindows` windows before nothing was selected of `requestCount` requests each. */
  constructor(settings: SustainedSettings, past: { readonly pastWindows: number; readonly requestCount: number }) {
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
    this.#ring.push(window.count, window.requestCount);
    return this.#isOpen ? this.#goOn(window, what) : this.#lookFor(window, what);
  }

  amend(late: LateLines): WindowNumbers | null {
    return this.#ring.addTo(late.windowsBack, late);
  }

  #lookFor(window: ObservedWindow, what: string): Verdict {
    const { above, minCount, minWindows } = this.#settings;
    const worst = this.#worstStretch(minCount, minWindows);
    if (worst === null) {
      const need = `fewer than ${minCount} in ${minWindows} windows, or not above ${describePercent(above)}`;
      return this.#verdict('normal', window, what, this.#whole, need);
    }
    const chance = binomialUpperTail(worst.count, worst.requestCount, above);
    this.#isOpen = chance < chanceLevel;
    return this.#isOpen
      ? this.#verdict('anomaly', window, what, worst, this.#whyAbove(chance))
      : this.#verdict('normal', window, what, worst, `above ${describePercent(above)}, but so few can be chance`);
  }

  #goOn(window: ObservedWindow, what: string): Verdict {
    const { above } = this.#settings;
    const good = this.#goodStretch();
    if (good !== null) {
      this.#end(good);
      return this.#verdict('normal', window, what, good, `over, no longer above ${describePercent(above)}`);
    }
    if (this.#ring.countSum === 0) {
      this.#isOpen = false;
      return this.#verdict('normal', window, what, this.#whole, 'over, none for so long');
    }
    const worst = this.#worstStretch(1, 1) ?? this.#whole;
    const chance = binomialUpperTail(worst.count, worst.requestCount, above);
    const why = chance < chanceLevel ? this.#whyAbove(chance) : `begun above ${describePercent(above)}`;
    return this.#verdict('anomaly', window, what, worst, `${why}, over when enough have gone well`);
  }

  #whyAbove(chance: number): string {
    const limit = describePercent(this.#settings.above);
    return `above ${limit}, and by chance so many come with probability ${describeChance(chance)} at most`;
  }

  get #whole(): Stretch {
    return { windows: this.#ring.length, count: this.#ring.countSum, requestCount: this.#ring.requestCountSum };
  }

  /** The stretch with the most above the limit among those with so many selected lines in so many windows; `null` for none. */
  #worstStretch(minCount: number, minWindows: number): Stretch | null {
    let worst: Stretch | null = null;
    let most = 0;
    let count = 0;
    let requestCount = 0;
    let windowsWith = 0;
    let mostOfOne = 0;
    for (let i = this.#ring.length - 1; i >= 0; i -= 1) {
      const [selected, all] = [this.#ring.countAt(i), this.#ring.requestCountAt(i)];
      count += selected;
      requestCount += all;
      if (selected > 0) windowsWith += 1;
      mostOfOne = Math.max(mostOfOne, selected - this.#settings.above * all);
      const excess = count - this.#settings.above * requestCount;
      const isMany = count >= minCount && windowsWith >= minWindows;
      if (isMany && excess > most && (minWindows === 1 || excess > mostOfOne)) {
        most = excess;
        worst = { windows: this.#ring.length - i, count, requestCount };
      }
    }
    return worst;
  }

  /** The shortest stretch of latest windows that a rate at the limit would hardly show: it went too well. `null` for none. */
  #goodStretch(): Stretch | null {
    const { above } = this.#settings;
    let count = 0;
    let requestCount = 0;
    for (let i = this.#ring.length - 1; i >= 0; i -= 1) {
      count += this.#ring.countAt(i);
      requestCount += this.#ring.requestCountAt(i);
      const isBelow = count < above * requestCount;
      if (isBelow && binomialLowerTail(count, requestCount, above) < recoveryChance) {
        return { windows: this.#ring.length - i, count, requestCount };
      }
    }
    return null;
  }

  /** What came before the good requests is over: left in the ring, it would begin the incident anew. */
  #end({ windows }: Stretch): void {
    const before = this.#ring;
    this.#ring = new WindowRing(before.capacity);
    for (let i = before.length - windows; i < before.length; i += 1) {
      this.#ring.push(before.countAt(i), before.requestCountAt(i));
    }
    this.#isOpen = false;
  }

  #verdict(kind: VerdictKind, window: ObservedWindow, what: string, stretch: Stretch, why: string): Verdict {
    const { count, requestCount, windows } = stretch;
    const { endAtMs } = window;
    const startAtMs = endAtMs - windows * (endAtMs - window.startAtMs);
    return {
      kind,
      windowStartAtMs: startAtMs,
      windowEndAtMs: endAtMs,
      value: count,
      unit: 'lines',
      requestCount,
      baseline: null,
      scale: null,
      z: null,
      reason: `${shareOf({ count, requestCount, startAtMs, endAtMs }, what)}: ${why}`,
    };
  }

  snapshot(): SustainedSnapshot {
    return { ring: this.#ring.encode(), ...(this.#isOpen ? { isOpen: true } : {}) };
  }

  /** A detector that goes on where the snapshot was taken, with the same settings. Throws on a snapshot that is none. */
  static restore(settings: SustainedSettings, { ring, isOpen }: SustainedSnapshot): SustainedDetector {
    const detector = new SustainedDetector(settings, { pastWindows: 0, requestCount: 0 });
    detector.#ring = WindowRing.decode(settings.overWindows, ring);
    detector.#isOpen = isOpen === true;
    return detector;
  }
}
