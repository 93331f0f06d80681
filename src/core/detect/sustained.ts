// Finds failure that lasts, where there are too few requests for a spike: most of the latest requests are selected, in several windows.
// One detector for each series; evaluate asks it about every closed window, in order.
import { binomialLowerTail, binomialUpperTail } from './binomial-tail.ts';
import type { SustainedSettings } from './condition.ts';
import type { Detector, LateLines, ObservedWindow } from './detector.ts';
import { LimitedPast, type LimitedPastSnapshot } from './limited-past.ts';
import { describeChance, describePercent, heldVerdict, limitVerdict, shareOf } from './share-reason.ts';
import type { Verdict, VerdictKind } from './verdict.ts';
import { type WindowNumbers, WindowRing } from './window-ring.ts';

/**
 * An incident begins where a rate at the limit would show so many less often than this: at a limit of a half, 20 of 22 do. A series that
 * sits at the limit is judged 8,640 times a day, the windows overlapping.
 */
const chanceLevel = 1e-4;
/** An incident ends where a rate at the limit would show so few less often than this: at a limit of a half, ten good requests in a row. */
const recoveryChance = 1e-3;

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
  readonly #past: LimitedPast;

  /** A series that is first seen now; `past`: see `LimitedPast`. */
  constructor(settings: SustainedSettings, past: { readonly pastWindows: number; readonly requestCount: number }) {
    this.#settings = settings;
    this.#past = new LimitedPast(settings.overWindows, past);
  }

  get isSilent(): boolean {
    return this.#past.isSilent;
  }

  passOver(window: ObservedWindow): VerdictKind | null {
    return this.#past.passesOver(window, this.#settings.minCount) ? 'normal' : null;
  }

  judge(window: ObservedWindow, what: string): Verdict {
    if (this.#past.isOpen && !window.isComplete && window.requestCount === 0) return heldVerdict(window, what);
    this.#past.ring.push(window.count, window.requestCount);
    return this.#past.isOpen ? this.#goOn(window, what) : this.#lookFor(window, what);
  }

  amend(late: LateLines): WindowNumbers | null {
    return this.#past.amend(late);
  }

  #lookFor(window: ObservedWindow, what: string): Verdict {
    const { above, minCount, minWindows } = this.#settings;
    const worst = this.#worstStretch(minCount, minWindows);
    if (worst === null) {
      const need = `fewer than ${minCount} in ${minWindows} windows, or not above ${describePercent(above)}`;
      return this.#verdict('normal', window, what, this.#whole, need);
    }
    const chance = binomialUpperTail(worst.count, worst.requestCount, above);
    if (chance >= chanceLevel) {
      return this.#verdict('normal', window, what, worst, `above ${describePercent(above)}, but so few can be chance`);
    }
    this.#past.isOpen = true;
    // What went well before it says nothing of its end.
    this.#keep(worst.windows);
    return this.#verdict('anomaly', window, what, worst, this.#whyAbove(chance));
  }

  #goOn(window: ObservedWindow, what: string): Verdict {
    const { above } = this.#settings;
    const good = this.#goodStretch();
    if (good !== null) {
      this.#past.isOpen = false;
      // What came before the good requests is over: left in the ring, it would begin the incident anew.
      this.#keep(good.windows);
      return this.#verdict('normal', window, what, good, `over, no longer above ${describePercent(above)}`);
    }
    if (this.#past.ring.countSum === 0) {
      this.#past.isOpen = false;
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
    return {
      windows: this.#past.ring.length,
      count: this.#past.ring.countSum,
      requestCount: this.#past.ring.requestCountSum,
    };
  }

  /** The stretch with the most above the limit among those with so many selected lines in so many windows; `null` for none. */
  #worstStretch(minCount: number, minWindows: number): Stretch | null {
    let worst: Stretch | null = null;
    let most = 0;
    let count = 0;
    let requestCount = 0;
    let windowsWith = 0;
    let mostOfOne = 0;
    for (let i = this.#past.ring.length - 1; i >= 0; i -= 1) {
      const [selected, all] = [this.#past.ring.countAt(i), this.#past.ring.requestCountAt(i)];
      count += selected;
      requestCount += all;
      if (selected > 0) windowsWith += 1;
      mostOfOne = Math.max(mostOfOne, selected - this.#settings.above * all);
      const excess = count - this.#settings.above * requestCount;
      const isMany = count >= minCount && windowsWith >= minWindows;
      if (isMany && excess > most && (minWindows === 1 || excess > mostOfOne)) {
        most = excess;
        worst = { windows: this.#past.ring.length - i, count, requestCount };
      }
    }
    return worst;
  }

  /** The shortest stretch of latest windows that a rate at the limit would hardly show: it went too well. `null` for none. */
  #goodStretch(): Stretch | null {
    const { above } = this.#settings;
    let count = 0;
    let requestCount = 0;
    for (let i = this.#past.ring.length - 1; i >= 0; i -= 1) {
      count += this.#past.ring.countAt(i);
      requestCount += this.#past.ring.requestCountAt(i);
      const isBelow = count < above * requestCount;
      if (isBelow && binomialLowerTail(count, requestCount, above) < recoveryChance) {
        return { windows: this.#past.ring.length - i, count, requestCount };
      }
    }
    return null;
  }

  /** Forgets all but the latest windows. */
  #keep(windows: number): void {
    const before = this.#past.ring;
    this.#past.ring = new WindowRing(before.capacity);
    for (let i = before.length - windows; i < before.length; i += 1) {
      this.#past.ring.push(before.countAt(i), before.requestCountAt(i));
    }
  }

  #verdict(kind: VerdictKind, window: ObservedWindow, what: string, stretch: Stretch, why: string): Verdict {
    const { count, requestCount, windows } = stretch;
    const { endAtMs } = window;
    const startAtMs = endAtMs - windows * (endAtMs - window.startAtMs);
    const lookedAt = { count, requestCount, startAtMs, endAtMs };
    return limitVerdict(kind, lookedAt, `${shareOf(lookedAt, what)}: ${why}`);
  }

  snapshot(): LimitedPastSnapshot {
    return this.#past.snapshot();
  }

  /** A detector that goes on where the snapshot was taken, with the same settings. Throws on a snapshot that is none. */
  static restore(settings: SustainedSettings, snapshot: LimitedPastSnapshot): SustainedDetector {
    const detector = new SustainedDetector(settings, { pastWindows: 0, requestCount: 0 });
    detector.#past.restore(snapshot);
    return detector;
  }
}
