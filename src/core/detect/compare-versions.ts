// From the tracks of a new version and of the one that it replaces to a verdict. Used by new-version.ts.
import { binomialLowerTail } from './binomial-tail.ts';
import type { NewVersionSettings } from './condition.ts';
import { comparisonReason, suspectCertainty } from './new-version-reason.ts';
import { upperTail } from './upper-tail.ts';
import { poissonScale } from './usual-rate.ts';
import type { ComparisonVerdict, Verdict, VersionComparison } from './verdict.ts';
import { pastEvidence, sameWindowEvidence } from './version-comparison.ts';
import type { VersionTrack } from './version-track.ts';
import { ratios } from './version-track.ts';
import type { WindowNumbers, WindowRing } from './window-ring.ts';

/**
 * Where the old version has less than this part of the new one's requests in the same windows, its past is asked: a canary is compared
 * side by side until it has five sixths of the traffic.
 */
const minOldPart = 0.2;
/** The old version as it was when it left: its last minute with requests, where a window is 10 s, and no fewer requests than this. */
const latestWindows = 6;
const latestRequests = 50;
/** Both fail where each shows more than the old version's past would more rarely than this, */
const bothChance = 0.001;
/** and where the old version fails at a quarter of the new one's rate or more: a few errors that the new one causes in the old are not it. */
const bothPart = 0.25;
/**
 * The old one fails so often, in so many windows, or as the new one does since that began to fail: a request or two that break as its pods
 * are shut down are less than that.
 */
const bothCount = 5;
const bothWindows = 3;
const alikeChance = 0.05;
/**
 * While the old version is there, it has to show in the windows with failures that it does not fail as well: its requests would look so
 * good less often than this at the new one's rate. Seven good ones are enough where the new one fails half of its own.
 */
const clearChance = 0.01;
/** A request that fails is tried again a few times; more at once is an incident of the old version, which must not hide one of the new. */
const maxClump = 5;
/** Windows with failures that it takes: what fails while a pod starts, or in one burst, is not yet the version. */
const minWindows = 2;
/** A version is gone after so many windows without a request of it, where so many were to be expected. Of the old one its past has to do. */
const goneWindows = 2;
const goneRequests = 10;
/** Requests on each side below which nothing is called fine: 30 without a failure still allow a rate of a tenth (at 95 %). */
const minRequests = 30;
/** An incident ends where the rate that it had would show so few failures among the latest requests less often than this. */
const recoveryChance = 0.01;

/** Weighs the window being judged, before it is pushed. The past is asked only about windows in which the old version is hardly there. */
export function takeEvidence(track: VersionTrack, replaced: VersionTrack | null): void {
  const { trial, current } = track;
  if (trial === null) return;
  if (replaced === null) {
    trial.inSameWindows.take([]);
    return;
  }
  const isBeside = isEnough(replaced.current, current);
  const hasFailures = current.count + replaced.current.count > 0;
  const clump = hasFailures ? clumpOf(replaced.ring) : 1;
  const isThere = replaced.current.requestCount > 0 || trial.latest.requestCount === 0;
  const latest = isThere ? replaced.latestBusy(latestWindows, latestRequests) : trial.latest;
  track.trial = { ...trial, latest };
  const table = { ofNew: current, ofOld: replaced.current };
  trial.inSameWindows.take(isBeside ? ratios.map((ratio) => sameWindowEvidence(table, ratio) / clump) : []);
  if (isBeside) return;
  // What begins long after the old version left is not the deploy's: it may be anything that happened since.
  if (trial.againstPast.isComplete) {
    if (!trial.isOpen) trial.againstPast.forget();
    return;
  }
  const { count, requestCount } = trial.weighed;
  trial.againstPast.take(evidenceAgainst([replaced.total, latest], { ofNew: current, weighed: trial.weighed, clump }));
  const weighed = { count: count + current.count, requestCount: requestCount + current.requestCount };
  track.trial = { ...trial, latest, weighed };
}

/**
 * How many failures come at once on the old version, 1 to `maxClump`: the variance of its counts over what chance alone gives. Failures
 * that come in clumps (a client that tries again, a pod that dies) are weighed as so many clumps. Not winsorised: clumps are the point.
 */
function clumpOf(ring: WindowRing): number {
  if (ring.countSum === 0) return 1;
  const rate = ring.countSum / ring.requestCountSum;
  let squares = 0;
  for (let i = 0; i < ring.length; i += 1) squares += (ring.countAt(i) - rate * ring.requestCountAt(i)) ** 2;
  return Math.min(maxClump, Math.max(1, squares / ring.countSum));
}

/** Against each of the pasts of the old version; the least counts. */
function evidenceAgainst(
  pasts: readonly WindowNumbers[],
  { ofNew, weighed, clump }: { ofNew: WindowNumbers; weighed: WindowNumbers; clump: number },
): readonly number[] {
  const inClumps = ({ count, requestCount }: WindowNumbers) => ({ count: count / clump, requestCount });
  const [one, before] = [inClumps(ofNew), inClumps(weighed)];
  const all = pasts.map(inClumps);
  return ratios.map((ratio) => Math.min(...all.map((past) => pastEvidence(past, one, ratio, before))));
}

function isEnough(old: WindowNumbers, ofNew: WindowNumbers): boolean {
  return old.requestCount > 0 && old.requestCount >= minOldPart * ofNew.requestCount;
}

/** The two sides as they are compared and shown. */
interface Sides {
  readonly ofNew: WindowNumbers;
  readonly ofOld: WindowNumbers;
  readonly isSameWindows: boolean;
}

function sidesOf(track: VersionTrack, replaced: VersionTrack): Sides {
  const ofNew = track.last(track.ring.length);
  const beside = replaced.last(track.ring.length);
  const isSameWindows = isEnough(beside, ofNew);
  return { ofNew, ofOld: isSameWindows ? beside : replaced.total, isSameWindows };
}

/** Whether the incident of a version is over, and how many of its latest windows say so; `null` while it goes on, or without one. */
export function isOver(
  track: VersionTrack,
  replaced: VersionTrack | null,
  { minFactor }: NewVersionSettings,
): { readonly keptWindows: number } | null {
  const { isOpen = false, isBoth = false } = track.trial ?? {};
  const windows = track.ring.length;
  if (replaced === null) return isOpen ? { keptWindows: windows } : null;
  // While both are there, what they do is judged anew in every window.
  if (!isOpen && !(isBoth && !sidesOf(track, replaced).isSameWindows)) return null;
  // Rolled back.
  if (isGone(track)) return { keptWindows: track.silentWindows };
  const { ofNew, ofOld } = sidesOf(track, replaced);
  const bad = minFactor * rateOf(ofOld);
  if (ofNew.count === 0 || rateOf(ofNew) < bad) return { keptWindows: windows };
  let [count, requestCount] = [0, 0];
  for (let i = windows - 1; i >= 0; i -= 1) {
    count += track.ring.countAt(i);
    requestCount += track.ring.requestCountAt(i);
    const isGood = count === 0 || count < bad * requestCount;
    if (isGood && binomialLowerTail(count, requestCount, rateOf(ofNew)) < recoveryChance) {
      return { keptWindows: windows - i };
    }
  }
  return null;
}

/** The verdict on a new version after a window. */
export function compareVersions(
  track: VersionTrack,
  replaced: VersionTrack | null,
  {
    settings,
    window,
    what,
  }: {
    readonly settings: NewVersionSettings;
    readonly window: { readonly startAtMs: number; readonly endAtMs: number };
    readonly what: string;
  },
): Verdict {
  const sides = replaced === null ? null : sidesOf(track, replaced);
  const ofNew = sides?.ofNew ?? track.last(track.ring.length);
  const certainty = replaced === null ? 0 : certaintyOf(track);
  const comparison: VersionComparison = {
    verdict:
      replaced === null || sides === null ? 'not_enough_data' : decide(track, replaced, sides, certainty, settings),
    newVersion: track.version,
    newDeployId: track.deployId,
    oldVersion: replaced?.version ?? null,
    newCount: ofNew.count,
    newRequestCount: ofNew.requestCount,
    oldCount: sides?.ofOld.count ?? 0,
    oldRequestCount: sides?.ofOld.requestCount ?? 0,
    certainty,
  };
  const durationMs = track.ring.length * (window.endAtMs - window.startAtMs);
  const span = { durationMs, isSameWindows: sides?.isSameWindows ?? true, minCount: settings.minCount };
  const baseline = sides === null ? null : rateOf(sides.ofOld) * ofNew.requestCount;
  const scale = baseline === null ? null : poissonScale(baseline);
  return {
    kind: comparison.verdict === 'only_new' ? 'anomaly' : 'normal',
    windowStartAtMs: window.endAtMs - durationMs,
    windowEndAtMs: window.endAtMs,
    value: ofNew.count,
    unit: 'lines',
    requestCount: ofNew.requestCount,
    baseline,
    scale,
    z: baseline === null || scale === null ? null : (ofNew.count - baseline) / scale,
    reason: comparisonReason(comparison, span, what),
    comparison,
  };
}

/** Half the belief is in each comparison; the mean of two e-processes is one. */
function certaintyOf({ trial }: VersionTrack): number {
  const value = ((trial?.inSameWindows.value ?? 1) + (trial?.againstPast.value ?? 1)) / 2;
  return Math.max(0, 1 - 1 / value);
}

function decide(
  track: VersionTrack,
  replaced: VersionTrack,
  { ofNew, ofOld, isSameWindows }: Sides,
  certainty: number,
  { minCount, minFactor, certainty: sure }: NewVersionSettings,
): ComparisonVerdict {
  if (doBothFail(track, replaced) || (track.trial?.isBoth === true && !isSameWindows)) return 'both';
  if (track.trial?.isOpen === true && ofNew.count > 0 && certainty > 0) return 'only_new';
  const isMuch = ofNew.count >= minCount && windowsWithFailures(track.ring) >= minWindows;
  const isMuchWorse = isMuch && rateOf(ofNew) >= minFactor * rateOf(ofOld);
  if (certainty >= sure && isMuchWorse && isOldClear(track, replaced)) return 'only_new';
  const past = { baselineCount: ofOld.count, baselineRequestCount: ofOld.requestCount };
  if (certainty >= suspectCertainty || (isMuchWorse && upperTail({ ...past, ...ofNew }) < bothChance)) return 'suspect';
  return Math.min(ofNew.requestCount, ofOld.requestCount) < minRequests ? 'not_enough_data' : 'fine';
}

function windowsWithFailures(ring: WindowRing): number {
  let windows = 0;
  for (let i = 0; i < ring.length; i += 1) if (ring.countAt(i) > 0) windows += 1;
  return windows;
}

/** Whether the old version is gone, or visibly does not fail as the new one does in the windows where that one failed. */
function isOldClear(track: VersionTrack, replaced: VersionTrack): boolean {
  const { ofNew, ofOld } = whereFailed(track, replaced);
  // So few of the old one that even all of them good would show nothing.
  if ((1 - rateOf(ofNew)) ** ofOld.requestCount > clearChance) return isGone(replaced);
  return binomialLowerTail(ofOld.count, ofOld.requestCount, rateOf(ofNew)) < clearChance;
}

function isGone({ ring, silentWindows }: VersionTrack): boolean {
  if (silentWindows < goneWindows) return false;
  const windows = ring.length - silentWindows;
  return windows <= 0 || (silentWindows * ring.requestCountSum) / windows >= goneRequests;
}

function whereFailed({ ring }: VersionTrack, replaced: VersionTrack): Pick<Sides, 'ofNew' | 'ofOld'> {
  const [ofNew, ofOld] = [
    { count: 0, requestCount: 0 },
    { count: 0, requestCount: 0 },
  ];
  const earlier = replaced.ring.length - ring.length;
  for (let i = 0; i < ring.length; i += 1) {
    if (ring.countAt(i) === 0) continue;
    ofNew.count += ring.countAt(i);
    ofNew.requestCount += ring.requestCountAt(i);
    ofOld.count += replaced.ring.countAt(earlier + i);
    ofOld.requestCount += replaced.ring.requestCountAt(earlier + i);
  }
  return { ofNew, ofOld };
}

/** Each of the two fails more, in the windows compared, than the old version did before them, and the old one not just a little. */
function doBothFail(track: VersionTrack, replaced: VersionTrack): boolean {
  const windows = track.ring.length;
  const [ofNew, ofOld, all] = [track.last(windows), replaced.last(windows), replaced.total];
  const before = { count: all.count - ofOld.count, requestCount: all.requestCount - ofOld.requestCount };
  if (ofOld.count === 0 || before.requestCount <= 0 || rateOf(ofOld) < bothPart * rateOf(ofNew)) return false;
  const past = { baselineCount: before.count, baselineRequestCount: before.requestCount };
  if (![ofOld, ofNew].every((side) => upperTail({ ...past, ...side }) < bothChance)) return false;
  return (ofOld.count >= bothCount && windowsWithFailures(replaced.ring) >= bothWindows) || areAlike(track, replaced);
}

/** Whether the old version's requests may have failed as the new one's, from the first window on in which that one failed. */
function areAlike(track: VersionTrack, replaced: VersionTrack): boolean {
  let windows = 0;
  for (let i = 0; i < track.ring.length && windows === 0; i += 1) {
    if (track.ring.countAt(i) > 0) windows = track.ring.length - i;
  }
  const ofOld = replaced.last(windows);
  return binomialLowerTail(ofOld.count, ofOld.requestCount, rateOf(track.last(windows))) >= alikeChance;
}

function rateOf({ count, requestCount }: WindowNumbers): number {
  return requestCount === 0 ? 0 : count / requestCount;
}
