// Finds series whose traffic has stopped altogether although it nearly always was there: for edges with too few requests to be judged by
// their number. One detector for each series; evaluate asks it about every closed window, in order.
import type { LocalTime } from '#core/clock/local-time.ts';
import { renderDuration } from '#core/duration.ts';
import type { AbsentSettings } from './condition.ts';
import type { Detector, LateLines, ObservedWindow } from './detector.ts';
import { HourProfile, type HourProfileSnapshot } from './hour-profile.ts';
import { PresenceRing } from './presence-ring.ts';
import { describeNumber } from './spike-reason.ts';
import type { Verdict, VerdictKind } from './verdict.ts';
import type { WindowNumbers } from './window-ring.ts';

/** An absence that lasts this many lengths of the baseline is the new usual: a quarter of a day, where the baseline is an hour. */
const acceptAfterBaselines = 6;
/** Where less than half of an hour's windows had traffic on other days, silence is ordinary. */
const ordinaryPresence = 0.5;
/** A series whose hours are known is kept through silence for so long: what rests at night is not learned anew each day. */
const keptSilentMs = 24 * 3_600_000;

/** State of a detector as plain JSON. */
export interface AbsentSnapshot {
  readonly version: 1;
  /** As `PresenceRing` writes it. */
  readonly ring: string;
  readonly profile: HourProfileSnapshot | null;
  readonly silence?: Silence;
  readonly isOpen: boolean;
}

/** The windows without a request up to now. */
interface Silence {
  readonly windows: number;
  readonly forMs: number;
  /** Those of them that are not in the ring: it may be that they are an absence. */
  readonly pendingWindows: number;
}

/** What a window turned out to be, and what kind of verdict that is. */
const kindOf = {
  held: 'held',
  learning: 'learning',
  present: 'normal',
  back: 'normal',
  quiet: 'normal',
  absent: 'anomaly',
  accepted: 'normal',
} as const satisfies Record<string, VerdictKind>;
type Finding = keyof typeof kindOf;

const noSilence: Silence = { windows: 0, forMs: 0, pendingWindows: 0 };

/** Judges the windows of one series against the share of windows that had traffic, in the baseline and at this hour of other days. */
export class AbsentDetector implements Detector {
  readonly #settings: AbsentSettings;
  readonly #localTime: LocalTime;
  readonly #ring: PresenceRing;
  /** How often there is traffic by hour, 0..1; only once the baseline is full: what comes and goes at once needs none. */
  #profile: HourProfile | null;
  #silence: Silence;
  #isOpen: boolean;

  /** A series that is first seen now: it learns from here on. */
  constructor(settings: AbsentSettings, localTime: LocalTime, snapshot?: AbsentSnapshot) {
    const { baselineWindows } = settings;
    this.#settings = settings;
    this.#localTime = localTime;
    this.#ring =
      snapshot === undefined ? new PresenceRing(baselineWindows) : PresenceRing.decode(baselineWindows, snapshot.ring);
    this.#profile = snapshot?.profile ? new HourProfile().restore(snapshot.profile) : null;
    this.#silence = snapshot?.silence ?? noSilence;
    this.#isOpen = snapshot?.isOpen ?? false;
  }

  /** Nothing has come for a whole baseline, or for a day where hours are known. */
  get isSilent(): boolean {
    if (this.#isOpen || this.#ring.presentCount > 0) return false;
    return this.#profile === null || this.#silence.forMs >= keptSilentMs;
  }

  passOver(window: ObservedWindow): VerdictKind | null {
    if (this.#isOpen || (window.isComplete && this.#becomesAbsent(window))) return null;
    return kindOf[this.#take(window)];
  }

  /** The verdict on a closed window. Only requests count: `what` is not asked. A window that is not complete changes nothing. */
  judge(window: ObservedWindow): Verdict {
    const { startAtMs, endAtMs, requestCount } = window;
    const finding = this.#take(window);
    return {
      kind: kindOf[finding],
      windowStartAtMs: startAtMs,
      windowEndAtMs: endAtMs,
      value: requestCount,
      unit: 'requests',
      requestCount,
      baseline: null,
      scale: null,
      z: null,
      reason: this.#reasonOf(finding, window),
    };
  }

  #take(window: ObservedWindow): Finding {
    if (!window.isComplete) return 'held';
    const finding = this.#findingOf(window);
    const { baselineWindows } = this.#settings;
    if (this.#profile === null && this.#ring.length === baselineWindows) this.#profile = new HourProfile();
    // Absences too: what rests at the same hour every day can be learned in no other way.
    this.#profile?.add(this.#at(window), window.requestCount > 0 ? 1 : 0);
    return finding;
  }

  #findingOf(window: ObservedWindow): Finding {
    if (window.requestCount > 0) return this.#takePresent();
    const isAbsent = this.#isOpen || this.#becomesAbsent(window);
    const isLearning = this.#isLearning;
    this.#listen(window);
    if (isAbsent) return this.#takeAbsent();
    // What is older than an absence takes to be told belongs to the past.
    if (isLearning || this.#silence.pendingWindows > this.#settings.afterWindows) this.#learnPending(1);
    return isLearning ? 'learning' : 'quiet';
  }

  #takePresent(): Finding {
    const wasOpen = this.#isOpen;
    const isLearning = this.#isLearning;
    // An absence stays out of its own baseline; a shorter silence is part of it.
    if (!wasOpen) this.#learnPending(this.#silence.pendingWindows);
    this.#isOpen = false;
    this.#silence = noSilence;
    this.#ring.push(true);
    if (isLearning) return 'learning';
    return wasOpen ? 'back' : 'present';
  }

  #takeAbsent(): Finding {
    this.#isOpen = true;
    const { baselineWindows } = this.#settings;
    if (this.#silence.windows < acceptAfterBaselines * baselineWindows) return 'absent';
    for (let i = 0; i < baselineWindows; i += 1) this.#ring.push(false);
    this.#isOpen = false;
    this.#silence = { ...this.#silence, pendingWindows: 0 };
    return 'accepted';
  }

  /** What came late ends the silence at its window: an absence that it made too short is over with the next window. */
  amend({ windowsBack, requestCount }: LateLines): WindowNumbers | null {
    const { windows, forMs, pendingWindows } = this.#silence;
    if (requestCount === 0) return null;
    if (windowsBack > pendingWindows) {
      this.#ring.markPresent(windowsBack - pendingWindows);
    } else {
      if (!this.#isOpen) this.#learnPending(pendingWindows - windowsBack);
      this.#ring.push(true);
    }
    if (windowsBack > windows) return null;
    const left = windowsBack - 1;
    this.#silence = { windows: left, forMs: (forMs / windows) * left, pendingWindows: Math.min(left, pendingWindows) };
    if (left < this.#settings.afterWindows) this.#isOpen = false;
    return null;
  }

  get #isLearning(): boolean {
    return this.#ring.length < this.#settings.minBaselineWindows;
  }

  /** Whether with this window it has been silent for long enough, and that is not usual for the baseline nor for the hour. */
  #becomesAbsent(window: ObservedWindow): boolean {
    const { afterWindows, minPresence } = this.#settings;
    if (window.requestCount > 0 || this.#isLearning || this.#silence.windows + 1 < afterWindows) return false;
    if (this.#ring.presentCount < minPresence * this.#ring.length) return false;
    const usual = this.#profile?.expected(this.#at(window)) ?? null;
    return usual === null || usual >= ordinaryPresence;
  }

  #listen({ startAtMs, endAtMs }: ObservedWindow): void {
    const { windows, forMs, pendingWindows } = this.#silence;
    this.#silence = { windows: windows + 1, forMs: forMs + endAtMs - startAtMs, pendingWindows: pendingWindows + 1 };
  }

  /** The oldest `windows` of the silence were ordinary. */
  #learnPending(windows: number): void {
    for (let i = 0; i < windows; i += 1) this.#ring.push(false);
    this.#silence = { ...this.#silence, pendingWindows: this.#silence.pendingWindows - windows };
  }

  #at({ startAtMs, endAtMs }: ObservedWindow) {
    return this.#localTime.at((startAtMs + endAtMs) / 2);
  }

  #reasonOf(finding: Finding, { requestCount, startAtMs, endAtMs }: ObservedWindow): string {
    const { minBaselineWindows, minPresence } = this.#settings;
    const { length, presentCount } = this.#ring;
    const windowMs = endAtMs - startAtMs;
    const present = `${requestCount === 1 ? '1 request' : `${requestCount} requests`} in ${renderDuration(windowMs)}`;
    const share = `${describeNumber((100 * presentCount) / Math.max(1, length))}%`;
    const baseline = `${presentCount} of the last ${length} windows had some (${share})`;
    const absent = `no request in ${renderDuration(this.#silence.windows * windowMs)}; ${baseline}`;
    switch (finding) {
      case 'held':
        return `${present} so far: the input is not complete, so nothing is said of what is missing`;
      case 'learning':
        return `${present}; learning what is usual: ${length} of ${minBaselineWindows} windows seen`;
      case 'present':
        return `${present}: they are there`;
      case 'back':
        return `${present}: they are back`;
      case 'quiet': {
        const needed = `${this.#settings.afterWindows} windows in a row and ${describeNumber(minPresence * 100)}%`;
        return `${absent}; it takes ${needed}, at this hour too`;
      }
      case 'absent':
        return absent;
      case 'accepted':
        return `no request in ${renderDuration(this.#silence.windows * windowMs)}: accepted as the new usual`;
    }
  }

  /** Plain JSON; `restore` of it behaves as this detector does. */
  snapshot(): AbsentSnapshot {
    return {
      version: 1,
      ring: this.#ring.encode(),
      profile: this.#profile?.snapshot() ?? null,
      ...(this.#silence.windows === 0 ? {} : { silence: this.#silence }),
      isOpen: this.#isOpen,
    };
  }

  /** A detector that goes on where the snapshot was taken, with the same settings. Throws on a snapshot that is none. */
  static restore(settings: AbsentSettings, localTime: LocalTime, snapshot: AbsentSnapshot): AbsentDetector {
    if (snapshot.version !== 1) throw new Error(`an absence's snapshot of version ${snapshot.version} is not known`);
    return new AbsentDetector(settings, localTime, snapshot);
  }
}
