// Finds falls of the traffic of an edge or a service, to nothing included. One detector for each series; evaluate asks it about every
// closed window, in order. Meant for series without versions in their labels: a rollout moves all traffic from one version to the next,
// which is a fall of the old one's and nothing wrong.
import type { LocalTime } from '#core/clock/local-time.ts';
import { renderDuration } from '#core/duration.ts';
import type { DipSettings } from './condition.ts';
import type { Detector, LateLines, ObservedWindow } from './detector.ts';
import { fallOf, heldReason, learningTraffic, noDipReason } from './dip-reason.ts';
import { chanceLevel, chanceOf, type Fall, fallOver, nearness, thresholdOf, type WeighedFall } from './fall.ts';
import { baselineFatigue, Fatigue, type FatigueSnapshot } from './fatigue.ts';
import { oncePer } from './once-per.ts';
import { PendingWindows } from './pending-windows.ts';
import type { LevelWindow } from './seasonal-level.ts';
import { describeNumber } from './spike-reason.ts';
import { longestPool, relativeFloor, TrafficBaseline, type TrafficBaselineSnapshot } from './traffic-baseline.ts';
import type { Verdict, VerdictKind } from './verdict.ts';
import type { WindowNumbers } from './window-ring.ts';

/** A dip lasts until the missing share, or the distance, falls below this share of what it takes to begin. */
const recoveryShare = 0.5;
/**
 * A dip that lasts this many lengths of the baseline is the new usual: a quarter of a day, where the baseline is an hour. Then an edge
 * that left for good is told, and an outage of a night still is one in the morning's first look.
 */
const acceptAfterBaselines = 6;
const fatigueGrowth = 1.2;
/** Windows between two stretches of the same dip: two minutes, where a window is 10 s. */
const sameIncidentWindows = 12;
/** The fatigue of a third dip: what comes and goes is how this traffic is, and its low times begin to count as usual. */
const repeatedFactor = fatigueGrowth ** 2.5;
/** Fatigue never asks for more than this: with all traffic gone z is `-1 / relativeFloor`, and that has to be told. */
const greatestThreshold = 0.8 / relativeFloor;
/** A series with seasons is kept through silence for so long: what rests at night is not learned anew each day. */
const keptSilentMs = 24 * 3_600_000;

const fatigueOf = oncePer(({ baselineWindows }: DipSettings) =>
  baselineFatigue(baselineWindows, { growth: fatigueGrowth, sameIncidentWindows }),
);

/** State of a detector as plain JSON. */
export interface DipSnapshot {
  readonly version: 1;
  readonly usual: TrafficBaselineSnapshot;
  /** As `PendingWindows` writes them. */
  readonly pending: readonly number[];
  readonly incident?: Incident;
  readonly fatigue?: FatigueSnapshot;
  readonly silence?: Silence;
}

/** Windows without a request up to now, and their length together. */
interface Silence {
  readonly windows: number;
  readonly forMs: number;
}

interface Incident {
  readonly threshold: number;
  /** Windows whose sum showed the dip. */
  readonly pool: number;
  /** Windows that it has lasted. */
  readonly lasted: number;
}

/**
 * Judges the windows of one series. The sums of the last 1 to 18 windows are compared with what is usual, so that a great loss is certain
 * at once and a loss of little traffic within minutes. A window enters the past when it has left these sums without being part of a dip.
 */
export class DipDetector implements Detector {
  readonly #settings: DipSettings;
  readonly #usual: TrafficBaseline;
  /** The last windows: not part of the past yet, or those of the dip. */
  readonly #pending: PendingWindows;
  #incident: Incident | null = null;
  readonly #fatigue: Fatigue;
  #silence: Silence | null = null;

  /** A series that is first seen now. That there was nothing before says nothing of what is usual since: it learns from here on. */
  constructor(settings: DipSettings, localTime: LocalTime, snapshot?: DipSnapshot) {
    this.#settings = settings;
    this.#usual = new TrafficBaseline(settings, localTime, snapshot?.usual);
    this.#fatigue = new Fatigue(fatigueOf(settings), snapshot?.fatigue);
    this.#pending = new PendingWindows(longestPool, snapshot?.pending);
    if (snapshot === undefined) return;
    this.#incident = snapshot.incident ?? null;
    this.#silence = snapshot.silence ?? null;
  }

  /** Nothing has come for a whole baseline, or for a day where seasons are known. */
  get isSilent(): boolean {
    if (this.#incident !== null || this.#silence === null || !this.#fatigue.isRested) return false;
    const { windows, forMs } = this.#silence;
    return windows >= this.#settings.baselineWindows && (!this.#usual.hasSeason || forMs >= keptSilentMs);
  }

  passOver(window: ObservedWindow): VerdictKind | null {
    if (this.#incident !== null) return null;
    if (!window.isComplete) return 'held';
    const isLearning = this.#isLearning;
    const usual = this.#usual.usualOf(window);
    if (!isLearning && this.#findFall(window, usual) !== null) return null;
    this.#admit(window, usual);
    return isLearning ? 'learning' : 'normal';
  }

  /** The verdict on a closed window. Only requests count: `what` is not asked. A window that is not complete changes nothing. */
  judge(window: ObservedWindow): Verdict {
    const { requestCount } = window;
    if (!window.isComplete) return verdict('held', window, null, heldReason(requestCount, window));
    if (this.#incident !== null) return this.#judgeDip(window, this.#incident);
    const usual = this.#usual.usualOf(window);
    if (!this.#isLearning) return this.#judgeCalm(window, usual);
    this.#admit(window, usual);
    return verdict('learning', window, null, learningTraffic(requestCount, window, this.#seenWindows, this.#settings));
  }

  #judgeCalm(window: ObservedWindow, usual: number): Verdict {
    const threshold = this.#threshold;
    const fall = this.#findFall(window, usual);
    if (fall === null) {
      const alone = fallOver(this.#usual, 1, window.requestCount, usual);
      const nearest = this.#nearestFall(window, usual);
      this.#admit(window, usual);
      return verdict('normal', window, alone, noDipReason(alone, nearest, window, this.#settings));
    }
    this.#fatigue.begin();
    this.#incident = { threshold, pool: fall.windows, lasted: 1 };
    this.#usual.forgetPools();
    this.#listen(window.requestCount, window);
    this.#fatigue.pass(false);
    // The dip's own windows; those before may hold its beginning, and are not learned either.
    this.#pending.push(toLevelWindow(window));
    this.#pending.keep(fall.windows);
    const numbers = `${fallOf(fall, window)} (threshold -${describeNumber(threshold)}`;
    return verdict('anomaly', window, fall, `${numbers}, by chance less often than ${chanceLevel})`);
  }

  #judgeDip(window: ObservedWindow, { threshold, pool, lasted }: Incident): Verdict {
    this.#pending.push(toLevelWindow(window));
    this.#usual.observe(this.#pending.sumOf(longestPool) / this.#pending.length, window);
    if (this.#fatigue.factor >= repeatedFactor) this.#usual.observeFallen(true);
    this.#listen(window.requestCount, window);
    const windows = Math.min(pool, this.#pending.length);
    const fall = fallOver(this.#usual, windows, this.#pending.sumOf(windows), this.#usual.usualOf(window));
    const numbers = fallOf(fall, window);
    const isDip = fall.count <= (1 - recoveryShare * this.#settings.minDrop) * fall.usual;
    if (!isDip || fall.z > -recoveryShare * threshold) {
      this.#end();
      return verdict('normal', window, fall, `${numbers}: the dip is over`);
    }
    this.#incident = { threshold, pool, lasted: lasted + 1 };
    this.#fatigue.pass(false);
    if (lasted + 1 >= acceptAfterBaselines * this.#settings.baselineWindows) {
      this.#usual.accept(this.#pending.sumOf(longestPool) / this.#pending.length, window);
      this.#end();
      this.#fatigue.reset();
      const forText = renderDuration((lasted + 1) * (window.endAtMs - window.startAtMs));
      return verdict('normal', window, fall, `${numbers}, and that for ${forText}: accepted as the new usual level`);
    }
    const end = describeNumber(recoveryShare * this.#settings.minDrop * 100);
    return verdict('anomaly', window, fall, `${numbers} (over when less than ${end}% are missing)`);
  }

  /** A fall that was only late lines is over with the next window. */
  amend({ startAtMs, requestCount }: LateLines): WindowNumbers | null {
    const total = this.#pending.addTo(startAtMs, requestCount);
    return total === null ? null : { count: total, requestCount: total };
  }

  #end(): void {
    this.#incident = null;
    this.#pending.keep(0);
    this.#fatigue.pass(true);
  }

  /** Whether there is not enough of a past yet. */
  get #isLearning(): boolean {
    return this.#seenWindows < this.#settings.minBaselineWindows;
  }

  get #seenWindows(): number {
    return this.#usual.count + this.#pending.length;
  }

  get #threshold(): number {
    const { z } = this.#settings;
    return Math.max(z, Math.min(z * this.#fatigue.factor, greatestThreshold));
  }

  /** The shortest time up to this window's end over which the fall is certain; `null` for none. */
  #findFall(window: ObservedWindow, usual: number): Fall | null {
    if (usual <= 0 || usual < this.#settings.minUsual) return null;
    const threshold = this.#threshold;
    let count = window.requestCount;
    for (let windows = 1; windows <= longestPool; windows += 1) {
      if (count <= (1 - this.#settings.minDrop) * windows * usual) {
        const fall = fallOver(this.#usual, windows, count, usual);
        const isFar = fall.z <= -thresholdOf(windows, threshold);
        if (
          isFar &&
          chanceOf(this.#usual, fall) < chanceLevel &&
          !this.#usual.isOrdinary(count / windows, window, usual)
        ) {
          return fall;
        }
      }
      const before = this.#pending.valueBack(windows);
      if (before === null) return null;
      count += before;
    }
    return null;
  }

  /** The sum that comes nearest to a dip among those that miss enough; `null` where none does. For reasons only. */
  #nearestFall({ requestCount }: ObservedWindow, usual: number): WeighedFall | null {
    const { minDrop, minUsual } = this.#settings;
    if (usual <= 0 || usual < minUsual) return null;
    let nearest: WeighedFall | null = null;
    for (let windows = 1; windows <= Math.min(longestPool, this.#pending.length + 1); windows += 1) {
      const fall = fallOver(this.#usual, windows, requestCount + this.#pending.sumOf(windows - 1), usual);
      if (fall.count > (1 - minDrop) * fall.usual) continue;
      const threshold = thresholdOf(windows, this.#threshold);
      const weighed = { ...fall, threshold, chance: chanceOf(this.#usual, fall) };
      if (nearest === null || nearness(weighed) > nearness(nearest)) nearest = weighed;
    }
    return nearest;
  }

  #admit(window: ObservedWindow, usual: number): void {
    const oldest = this.#pending.push(toLevelWindow(window));
    if (oldest !== null) this.#usual.learn(oldest);
    if (this.#pending.length === longestPool) this.#learnPool(window, usual);
    this.#listen(window.requestCount, window);
    this.#fatigue.pass(true);
  }

  #learnPool(window: ObservedWindow, usual: number): void {
    const { minUsual, minDrop } = this.#settings;
    const sum = this.#pending.sumOf(longestPool);
    this.#usual.learnPool(sum);
    this.#usual.observe(sum / longestPool, window);
    this.#usual.observeFallen(usual < minUsual || sum <= (1 - minDrop) * longestPool * usual);
  }

  #listen(requestCount: number, { startAtMs, endAtMs }: ObservedWindow): void {
    if (requestCount > 0) {
      this.#silence = null;
      return;
    }
    const { windows, forMs } = this.#silence ?? { windows: 0, forMs: 0 };
    const { baselineWindows } = this.#settings;
    this.#silence = {
      windows: Math.min(windows + 1, baselineWindows),
      forMs: Math.min(forMs + endAtMs - startAtMs, keptSilentMs),
    };
  }

  /** Plain JSON; `restore` of it behaves as this detector does. */
  snapshot(): DipSnapshot {
    const fatigue = this.#fatigue.snapshot();
    return {
      version: 1,
      usual: this.#usual.snapshot(),
      pending: this.#pending.encode(),
      ...(this.#incident === null ? {} : { incident: this.#incident }),
      ...(fatigue === null ? {} : { fatigue }),
      ...(this.#silence === null ? {} : { silence: this.#silence }),
    };
  }

  /** A detector that goes on where the snapshot was taken, with the same settings. Throws on a snapshot that is none. */
  static restore(settings: DipSettings, localTime: LocalTime, snapshot: DipSnapshot): DipDetector {
    if (snapshot.version !== 1) throw new Error(`a dip's snapshot of version ${snapshot.version} is not known`);
    return new DipDetector(settings, localTime, snapshot);
  }
}

function toLevelWindow({ startAtMs, endAtMs, requestCount }: ObservedWindow): LevelWindow {
  return { startAtMs, endAtMs, value: requestCount };
}

/** The numbers are those of all windows taken together. */
function verdict(kind: VerdictKind, window: ObservedWindow, fall: Fall | null, reason: string): Verdict {
  return {
    kind,
    windowStartAtMs: window.startAtMs,
    windowEndAtMs: window.endAtMs,
    value: fall?.count ?? window.requestCount,
    unit: 'requests',
    requestCount: window.requestCount,
    baseline: fall?.usual ?? null,
    scale: fall?.scale ?? null,
    z: fall?.z ?? null,
    reason,
  };
}
