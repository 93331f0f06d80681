// What one version did in the windows that are remembered, and, while it is new, the evidence against it. Used by new-version.ts.
import type { NewVersionSettings } from './condition.ts';
import type { EvidenceSnapshot } from './sequential-evidence.ts';
import { SequentialEvidence } from './sequential-evidence.ts';
import type { WindowNumbers } from './window-ring.ts';
import { WindowRing } from './window-ring.ts';

/**
 * How many times the old version's odds or rate of failing the new one's may be: the alternatives that are mixed. A true ratio between
 * two of them is found nearly as soon.
 */
export const ratios = [2, 5, 20, 100, 1000] as const;
/** Windows before those of the ring are summed; when there are so many rings' lengths of them, the sums are halved: the older counts less. */
const pastRings = 12;

/** A version on trial: it is new. */
export interface Trial {
  /** The track that it is compared with; `null` for none. */
  readonly replaces: number | null;
  /** The old version's last windows with requests: what it was like when it left. */
  readonly latest: WindowNumbers;
  readonly inSameWindows: SequentialEvidence;
  /** In the first windows in which the old version is hardly there, at most `overWindows` of them. */
  readonly againstPast: SequentialEvidence;
  /** What it did in these windows. */
  readonly weighed: WindowNumbers;
  /** Whether the last verdict was `only_new`. */
  readonly isOpen: boolean;
  /** Whether it was `both`. That stays true when the old version has left, until the new one has recovered. */
  readonly isBoth: boolean;
}

/** State of a track as plain JSON. */
export interface TrackSnapshot {
  readonly id: number;
  readonly version: string;
  readonly deployId: string;
  readonly bornAt: number;
  readonly silentWindows: number;
  readonly ring: string;
  /** Sum of counts, sum of requests, and the windows with requests that they are of. */
  readonly past: readonly [number, number, number];
  readonly trial?: {
    readonly replaces: number | null;
    readonly latest: readonly [number, number];
    readonly inSameWindows: EvidenceSnapshot;
    readonly againstPast: EvidenceSnapshot;
    /** Count and requests; missing in snapshots of builds that did not keep them. */
    readonly weighed?: readonly [number, number];
    readonly isOpen: boolean;
    /** Missing in snapshots of builds that did not keep it. */
    readonly isBoth?: boolean;
  };
}

/** One version of one edge. */
export class VersionTrack {
  /** Never given twice within a tracker. */
  readonly id: number;
  readonly version: string;
  deployId: string;
  /** Number of the window of its first line. */
  readonly bornAt: number;
  /** What the window being judged has of it. */
  current: { count: number; requestCount: number } = { count: 0, requestCount: 0 };
  trial: Trial | null = null;
  silentWindows = 0;
  #ring: WindowRing;
  #past: readonly [number, number, number] = [0, 0, 0];

  constructor(
    { id, version, deployId, bornAt }: Pick<TrackSnapshot, 'id' | 'version' | 'deployId' | 'bornAt'>,
    overWindows: number,
  ) {
    this.id = id;
    this.version = version;
    this.deployId = deployId;
    this.bornAt = bornAt;
    this.#ring = new WindowRing(overWindows);
  }

  get ring(): WindowRing {
    return this.#ring;
  }

  /** All that is remembered. */
  get total(): WindowNumbers {
    const [count, requestCount] = this.#past;
    return { count: count + this.#ring.countSum, requestCount: requestCount + this.#ring.requestCountSum };
  }

  /** The window being judged becomes part of the past. `isComplete`: what it does not have of the version was not there. */
  push(isComplete: boolean): void {
    const { count, requestCount } = this.current;
    if (this.#ring.length === this.#ring.capacity) this.#leave(this.#ring.countAt(0), this.#ring.requestCountAt(0));
    this.#ring.push(count, requestCount);
    if (requestCount > 0) this.silentWindows = 0;
    else if (isComplete) this.silentWindows += 1;
    this.current = { count: 0, requestCount: 0 };
  }

  /** The latest so many windows. */
  last(windows: number): WindowNumbers {
    let [count, requestCount] = [0, 0];
    for (let i = Math.max(0, this.#ring.length - windows); i < this.#ring.length; i += 1) {
      count += this.#ring.countAt(i);
      requestCount += this.#ring.requestCountAt(i);
    }
    return { count, requestCount };
  }

  /** The latest windows with requests, so many windows and so many requests at least, if the ring has them. */
  latestBusy(windows: number, requests: number): WindowNumbers {
    let [count, requestCount, busy] = [0, 0, 0];
    for (let i = this.#ring.length - 1; i >= 0 && (busy < windows || requestCount < requests); i -= 1) {
      if (this.#ring.requestCountAt(i) > 0) busy += 1;
      count += this.#ring.countAt(i);
      requestCount += this.#ring.requestCountAt(i);
    }
    return { count, requestCount };
  }

  /** Keeps the latest so many windows, and nothing of what was before. */
  keepLast(windows: number): void {
    const before = this.#ring;
    this.#ring = new WindowRing(before.capacity);
    for (let i = before.length - windows; i < before.length; i += 1) {
      this.#ring.push(before.countAt(i), before.requestCountAt(i));
    }
    this.#past = [0, 0, 0];
  }

  #leave(count: number, requestCount: number): void {
    if (requestCount === 0) return;
    const past = [this.#past[0] + count, this.#past[1] + requestCount, this.#past[2] + 1] as const;
    const isMuch = past[2] >= pastRings * this.#ring.capacity;
    this.#past = isMuch ? [Math.round(past[0] / 2), Math.round(past[1] / 2), Math.round(past[2] / 2)] : past;
  }

  snapshot(): TrackSnapshot {
    const { id, version, deployId, bornAt, silentWindows, trial } = this;
    return {
      id,
      version,
      deployId,
      bornAt,
      silentWindows,
      ring: this.#ring.encode(),
      past: this.#past,
      ...(trial === null ? {} : { trial: trialSnapshot(trial) }),
    };
  }

  /** A track that goes on where the snapshot was taken, with the same settings. Throws on a snapshot that is none. */
  static restore(settings: NewVersionSettings, snapshot: TrackSnapshot): VersionTrack {
    const track = new VersionTrack(snapshot, settings.overWindows);
    track.silentWindows = snapshot.silentWindows;
    track.#ring = WindowRing.decode(settings.overWindows, snapshot.ring);
    track.#past = snapshot.past;
    const { trial } = snapshot;
    if (trial !== undefined) {
      const [count, requestCount] = trial.latest;
      const [weighedCount, weighedRequestCount] = trial.weighed ?? [0, 0];
      track.trial = {
        ...trial,
        isBoth: trial.isBoth ?? false,
        latest: { count, requestCount },
        weighed: { count: weighedCount, requestCount: weighedRequestCount },
        inSameWindows: SequentialEvidence.restore(settings.newForWindows, trial.inSameWindows),
        againstPast: SequentialEvidence.restore(settings.overWindows, trial.againstPast),
      };
    }
    return track;
  }
}

/** The trial of a version whose first line is here. */
export function beginTrial({ newForWindows, overWindows }: NewVersionSettings, replaces: VersionTrack | null): Trial {
  return {
    replaces: replaces?.id ?? null,
    latest: { count: 0, requestCount: 0 },
    weighed: { count: 0, requestCount: 0 },
    inSameWindows: new SequentialEvidence(ratios.length, newForWindows),
    againstPast: new SequentialEvidence(ratios.length, overWindows),
    isOpen: false,
    isBoth: false,
  };
}

function trialSnapshot({
  latest,
  weighed,
  inSameWindows,
  againstPast,
  ...rest
}: Trial): NonNullable<TrackSnapshot['trial']> {
  return {
    ...rest,
    latest: [latest.count, latest.requestCount],
    ...(weighed.requestCount === 0 ? {} : { weighed: [weighed.count, weighed.requestCount] as const }),
    inSameWindows: inSameWindows.snapshot(),
    againstPast: againstPast.snapshot(),
  };
}
