// Compares a new version's failures with those of the version that it replaces, on one edge in the same windows. One tracker for each
// edge; evaluate asks it about every closed window, in order.

import { unknownName } from '#core/attribute/traffic.ts';
import { compareText } from '#core/compare-text.ts';
import { compareVersions, isOver, takeEvidence } from './compare-versions.ts';
import type { NewVersionSettings } from './condition.ts';
import type { Verdict } from './verdict.ts';
import type { TrackSnapshot } from './version-track.ts';
import { beginTrial, VersionTrack } from './version-track.ts';
import type { WindowNumbers } from './window-ring.ts';

/** Lines of one version of the edge's destination in a window. Rows of the same version add up. */
export interface VersionRow extends WindowNumbers {
  /** `unknown` where the lines do not tell: such rows say nothing about versions, unless they tell the deploy. */
  readonly version: string;
  /** `unknown` where the lines do not tell. */
  readonly deployId: string;
}

/** One closed window of an edge. */
export interface VersionWindow {
  readonly startAtMs: number;
  readonly endAtMs: number;
  /** As in `ObservedWindow`: in a window that is not, a version without lines is not taken for gone. */
  readonly isComplete: boolean;
  readonly rows: readonly VersionRow[];
}

/** State of a tracker as plain JSON. */
export interface NewVersionSnapshot {
  readonly windows: number;
  readonly nextId: number;
  readonly tracks: readonly TrackSnapshot[];
}

/**
 * Versions remembered of one edge. More than two or three live at once only where every pod calls itself a version; then the busiest are
 * compared, and what is left out is told (`leftOutRequestCount`).
 */
export const maxVersionsPerEdge = 8;

/**
 * Knows since when each version has been there. The same version under another deploy id is another version. Those of the first window
 * were there before; any other is new from its first line on, for `newForWindows`, and while it fails.
 */
export class NewVersionTracker {
  readonly #settings: NewVersionSettings;
  #tracks: VersionTrack[] = [];
  #windows = 0;
  #nextId = 0;
  #leftOutRequestCount = 0;

  constructor(settings: NewVersionSettings) {
    this.#settings = settings;
  }

  /** Nothing would be lost if the edge were forgotten: no version of it was seen for as long as a version is new. */
  get isSilent(): boolean {
    return this.#tracks.length === 0;
  }

  /** Requests of versions beyond the bound, in the window judged last. */
  get leftOutRequestCount(): number {
    return this.#leftOutRequestCount;
  }

  /**
   * The verdicts on a closed window, one for each new version in the order of their first lines, each with its `comparison`; none where
   * no version is new, as nearly always. A version's last verdict, in the last window in which it is new, is never an anomaly. `what`
   * completes "7 of 31 requests …": `failed`.
   */
  judge(window: VersionWindow, what: string): readonly Verdict[] {
    this.#take(window.rows);
    for (const track of this.#tracks) if (track.trial !== null) takeEvidence(track, this.#replacedBy(track));
    for (const track of this.#tracks) track.push(window.isComplete);
    this.#windows += 1;
    const verdicts = this.#tracks
      .filter(({ trial }) => trial !== null)
      .map((track) => this.#conclude(track, window, what));
    this.#tracks = this.#tracks.filter(
      ({ silentWindows, trial }) => trial !== null || silentWindows < this.#settings.newForWindows,
    );
    return verdicts;
  }

  #conclude(track: VersionTrack, window: VersionWindow, what: string): Verdict {
    const replaced = this.#replacedBy(track);
    const over = isOver(track, replaced, this.#settings);
    if (over && track.trial !== null) {
      track.trial.inSameWindows.forget();
      track.trial.againstPast.forget();
      track.trial = { ...track.trial, isBoth: false };
      track.keepLast(over.keptWindows);
    }
    const verdict = compareVersions(track, replaced, { settings: this.#settings, window, what });
    const isOpen = verdict.comparison?.verdict === 'only_new';
    const isBoth = verdict.comparison?.verdict === 'both';
    const isNew = this.#windows - track.bornAt < this.#settings.newForWindows;
    if (track.trial !== null) track.trial = isNew || isOpen ? { ...track.trial, isOpen, isBoth } : null;
    return verdict;
  }

  #replacedBy({ trial }: VersionTrack): VersionTrack | null {
    return this.#tracks.find(({ id }) => id === trial?.replaces) ?? null;
  }

  /** In an order that does not depend on that of the rows: known deploys first, since they decide whose the others are. */
  #take(rows: readonly VersionRow[]): void {
    this.#leftOutRequestCount = 0;
    const known = rows.filter(({ version, deployId, requestCount }) => {
      return (version !== unknownName || deployId !== unknownName) && requestCount > 0;
    });
    known.sort(
      (a, b) =>
        Number(a.version === unknownName) - Number(b.version === unknownName) ||
        Number(a.deployId === unknownName) - Number(b.deployId === unknownName) ||
        b.requestCount - a.requestCount ||
        compareText(a.version, b.version) ||
        compareText(a.deployId, b.deployId) ||
        b.count - a.count,
    );
    for (const row of known) {
      const track = this.#trackOf(row) ?? this.#begin(row);
      if (track === null) {
        this.#leftOutRequestCount += row.requestCount;
        continue;
      }
      track.current.requestCount += row.requestCount;
      track.current.count += Math.min(row.count, row.requestCount);
    }
  }

  /**
   * Lines without a deploy id belong to the version's busiest deploy; a deploy id, or a version, that becomes known does not make a
   * version new. Where nobody names versions the deploys are.
   */
  #trackOf({ version, deployId }: VersionRow): VersionTrack | null {
    const ofDeploy = deployId === unknownName ? [] : this.#tracks.filter((track) => track.deployId === deployId);
    if (version === unknownName) return ofDeploy[0] ?? null;
    const unnamedVersion = ofDeploy.find((track) => track.version === unknownName);
    if (unnamedVersion !== undefined) return unnamedVersion;
    const named = this.#tracks.filter((track) => track.version === version);
    const exact = named.find((track) => track.deployId === deployId);
    if (exact !== undefined) return exact;
    if (deployId === unknownName) return mostRequests(named);
    const unnamed = named.find((track) => track.deployId === unknownName);
    if (unnamed !== undefined) unnamed.deployId = deployId;
    return unnamed ?? null;
  }

  #begin({ version, deployId }: VersionRow): VersionTrack | null {
    if (this.#tracks.length >= maxVersionsPerEdge && !this.#makeRoom()) return null;
    const id = this.#nextId;
    this.#nextId += 1;
    const track = new VersionTrack({ id, version, deployId, bornAt: this.#windows }, this.#settings.overWindows);
    if (this.#windows > 0) {
      const before = this.#tracks.filter(({ bornAt }) => bornAt < this.#windows);
      track.trial = beginTrial(this.#settings, mostRequests(before));
    }
    this.#tracks.push(track);
    return track;
  }

  /** The version that was not seen for longest goes, if there is one that nothing depends on. */
  #makeRoom(): boolean {
    const needed = new Set(this.#tracks.map(({ trial }) => trial?.replaces));
    const idle = this.#tracks.filter(
      ({ id, silentWindows, current, trial }) =>
        silentWindows > 0 && current.requestCount === 0 && trial?.isOpen !== true && !needed.has(id),
    );
    const longest = idle.reduce<VersionTrack | null>(
      (most, track) => (most === null || track.silentWindows > most.silentWindows ? track : most),
      null,
    );
    this.#tracks = this.#tracks.filter((track) => track !== longest);
    return longest !== null;
  }

  /** Plain JSON; `restore` of it behaves as this tracker does. */
  snapshot(): NewVersionSnapshot {
    return { windows: this.#windows, nextId: this.#nextId, tracks: this.#tracks.map((track) => track.snapshot()) };
  }

  /** A tracker that goes on where the snapshot was taken, with the same settings. Throws on a snapshot that is none. */
  static restore(settings: NewVersionSettings, { windows, nextId, tracks }: NewVersionSnapshot): NewVersionTracker {
    const tracker = new NewVersionTracker(settings);
    tracker.#windows = windows;
    tracker.#nextId = nextId;
    tracker.#tracks = tracks.map((track) => VersionTrack.restore(settings, track));
    return tracker;
  }
}

/** The one with the most requests in the ring, or, where none has any, in all that is remembered; the earlier of equals. */
function mostRequests(tracks: readonly VersionTrack[]): VersionTrack | null {
  const recent = (track: VersionTrack) => track.ring.requestCountSum + track.current.requestCount;
  const isBusier = (a: VersionTrack, b: VersionTrack) =>
    recent(a) - recent(b) || a.total.requestCount - b.total.requestCount || b.id - a.id;
  return tracks.reduce<VersionTrack | null>(
    (most, track) => (most === null || isBusier(track, most) > 0 ? track : most),
    null,
  );
}
