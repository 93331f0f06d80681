// What each deploy of a service answered in a span of time: requests and flags from windows, faults from failed requests.
import type { Fault } from '#core/classify/classification.ts';
import { faultParties } from '#core/classify/classification.ts';
import type { FoundEnd, FoundRequest, FoundWindow } from './found-documents.ts';

/** What one deploy answered. */
export interface DeployTally {
  readonly version: string;
  readonly deployId: string;
  /** Start of its first window. */
  firstAtMs: number;
  /** End of its last window. */
  lastAtMs: number;
  /** Requests by reporter: both proxies log each request. */
  readonly requests: Map<string, number>;
  /** Lines by flag and reporter. */
  readonly flags: Map<string, Map<string, number>>;
  /** Failed requests that broke on the way to it or in it, by `fault (party)`. */
  readonly faults: Map<string, number>;
}

/** Tallies in the order in which the deploys come first among the windows. `requests` may be of other services too. */
export function tallyDeploys(
  windows: readonly FoundWindow[],
  requests: readonly FoundRequest[],
): readonly DeployTally[] {
  const tallies = new Map<string, DeployTally>();
  for (const window of windows) addWindow(tallies, window);
  const merged = mergeUnknown([...tallies.values()]);
  const services = new Set(windows.map(({ destination }) => destination.service));
  for (const { root } of requests) {
    if (!services.has(root.destination.service)) continue;
    const tally = findTally(merged, root.destination);
    const party = faultParties[root.fault as Fault] ?? 'unknown';
    if (tally !== null) add(tally.faults, `${root.fault} (${party})`, 1);
  }
  return merged;
}

/** The most requests that one side has seen: what counts of failed requests are shares of. */
export function exposureOf({ requests }: DeployTally): number {
  return Math.max(0, ...requests.values());
}

/** The deploy that answered before this one came, most of all; `null` where none did. */
export function replacedBy(own: DeployTally, others: readonly DeployTally[]): DeployTally | null {
  const before = others.filter(({ firstAtMs }) => firstAtMs < own.firstAtMs);
  return before.reduce<DeployTally | null>(
    (most, tally) => (most === null || exposureOf(tally) > exposureOf(most) ? tally : most),
    null,
  );
}

function addWindow(tallies: Map<string, DeployTally>, window: FoundWindow): void {
  const { destination, reporter, requestCount, flagCounts } = window;
  const deployId = destination.deployId ?? 'unknown';
  const key = JSON.stringify([destination.version, deployId]);
  const tally = tallies.get(key) ?? newTally(destination.version, deployId);
  tallies.set(key, tally);
  tally.firstAtMs = Math.min(tally.firstAtMs, window.startAtMs);
  tally.lastAtMs = Math.max(tally.lastAtMs, window.endAtMs);
  add(tally.requests, reporter, requestCount);
  for (const [flag, count] of flagCounts) addFlag(tally, flag, reporter, count);
}

function newTally(version: string, deployId: string): DeployTally {
  return {
    version,
    deployId,
    firstAtMs: Number.POSITIVE_INFINITY,
    lastAtMs: Number.NEGATIVE_INFINITY,
    requests: new Map(),
    flags: new Map(),
    faults: new Map(),
  };
}

function add(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}

function addFlag(tally: DeployTally, flag: string, reporter: string, count: number): void {
  const byReporter = tally.flags.get(flag) ?? new Map<string, number>();
  tally.flags.set(flag, byReporter);
  add(byReporter, reporter, count);
}

/** The caller's proxy knows the version of the callee and not its deploy: where the version has one deploy only, it is that one. */
function mergeUnknown(tallies: readonly DeployTally[]): readonly DeployTally[] {
  const known = tallies.filter(({ deployId }) => deployId !== 'unknown');
  return tallies.filter((tally) => {
    const only = tally.deployId === 'unknown' ? onlyOf(known, tally.version) : null;
    if (only === null) return true;
    only.firstAtMs = Math.min(only.firstAtMs, tally.firstAtMs);
    only.lastAtMs = Math.max(only.lastAtMs, tally.lastAtMs);
    for (const [reporter, count] of tally.requests) add(only.requests, reporter, count);
    for (const [flag, counts] of tally.flags) {
      for (const [reporter, count] of counts) addFlag(only, flag, reporter, count);
    }
    return false;
  });
}

function onlyOf(tallies: readonly DeployTally[], version: string): DeployTally | null {
  const [only, ...more] = tallies.filter((tally) => tally.version === version);
  return only === undefined || more.length > 0 ? null : only;
}

function findTally(tallies: readonly DeployTally[], { version, deployId }: FoundEnd): DeployTally | null {
  const name = deployId ?? 'unknown';
  const same = tallies.find((tally) => tally.version === version && tally.deployId === name);
  return same ?? (deployId === null ? onlyOf(tallies, version) : null);
}
