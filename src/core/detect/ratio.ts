// Finds that the share of selected lines among the requests of the last windows is above a fixed limit, and not by chance. One
// detector for each series; evaluate asks it about every closed window, in order.
import { binomialUpperTail } from './binomial-tail.ts';
import type { RatioSettings } from './condition.ts';
import type { Detector, LateLines, ObservedWindow } from './detector.ts';
import { LimitedPast, type LimitedPastSnapshot } from './limited-past.ts';
import { describeChance, describePercent, heldVerdict, limitVerdict, shareOf } from './share-reason.ts';
import type { Verdict, VerdictKind } from './verdict.ts';
import type { WindowNumbers } from './window-ring.ts';

/**
 * An incident begins where a rate at the limit would show so many less often than this: the exact lower bound of the share, at
 * 99.99 %, is above the limit. A series that sits exactly at the limit is judged 8,640 times a day, the windows overlapping; that
 * makes less than one false alert a day for such a series, and none for one at half the limit.
 */
const chanceLevel = 1e-4;
/** An incident lasts until the share falls below this part of the limit: between the two nothing begins and nothing ends. */
const recoveryShare = 0.8;

/** Judges all of the last windows together, so an incident ends at the latest when it has left them. */
export class RatioDetector implements Detector {
  readonly #settings: RatioSettings;
  readonly #past: LimitedPast;

  /** A series that is first seen now; `past`: see `LimitedPast`. */
  constructor(settings: RatioSettings, past: { readonly pastWindows: number; readonly requestCount: number }) {
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
    const { above, minCount } = this.#settings;
    this.#past.ring.push(window.count, window.requestCount);
    const { countSum: count, requestCountSum: requestCount } = this.#past.ring;
    const chance = binomialUpperTail(count, requestCount, above);
    const isAbove = count >= minCount && count > above * requestCount && chance < chanceLevel;
    const wasOpen = this.#past.isOpen;
    this.#past.isOpen = isAbove || (wasOpen && count > 0 && count >= recoveryShare * above * requestCount);
    const startAtMs = window.endAtMs - this.#past.ring.length * (window.endAtMs - window.startAtMs);
    const lookedAt = { count, requestCount, startAtMs, endAtMs: window.endAtMs };
    const why = this.#past.isOpen ? this.#whyOpen(isAbove, chance) : this.#whyNot(wasOpen, count, requestCount);
    return limitVerdict(this.#past.isOpen ? 'anomaly' : 'normal', lookedAt, `${shareOf(lookedAt, what)}: ${why}`);
  }

  amend(late: LateLines): WindowNumbers | null {
    return this.#past.amend(late);
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

  snapshot(): LimitedPastSnapshot {
    return this.#past.snapshot();
  }

  /** A detector that goes on where the snapshot was taken, with the same settings. Throws on a snapshot that is none. */
  static restore(settings: RatioSettings, snapshot: LimitedPastSnapshot): RatioDetector {
    const detector = new RatioDetector(settings, { pastWindows: 0, requestCount: 0 });
    detector.#past.restore(snapshot);
    return detector;
  }
}
