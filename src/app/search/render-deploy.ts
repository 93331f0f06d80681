// A deploy's flags beside those of the other deploys of its service in the same time: are the errors only in the new one?
import { toVisibleText } from '#core/notify/visible-text.ts';
import type { FoundWindow } from './found-documents.ts';

/** What one deploy answered. */
interface DeployTally {
  readonly version: string;
  readonly deployId: string;
  /** Requests by reporter: both proxies log each request. */
  readonly requests: Map<string, number>;
  /** Lines by flag and reporter. */
  readonly flags: Map<string, Map<string, number>>;
}

/** Text that compares the deploy with the others of its service. `windows`: those of the service, the deploy's among them. */
export function renderDeploy(deployId: string, windows: readonly FoundWindow[]): string {
  const tallies = tallyDeploys(windows);
  const own = tallies.find((tally) => tally.deployId === deployId);
  if (own === undefined) return `${toVisibleText(deployId)}: no window of it is stored\n`;
  const others = tallies.filter((tally) => tally !== own);
  const service =
    windows.find(({ destination }) => destination.deployId === deployId)?.destination.service ?? 'unknown';
  const times = windows.filter(({ destination }) => destination.deployId === deployId);
  const from = new Date(Math.min(...times.map(({ startAtMs }) => startAtMs))).toISOString();
  const to = new Date(Math.max(...times.map(({ endAtMs }) => endAtMs))).toISOString();
  const rows = [own, ...others].map((tally) => renderTally(tally));
  const head = `deploy ${deployId} of ${service} ${own.version}, ${from} to ${to}`;
  return `${[head, ...rows, verdict(own, others)].map((row) => toVisibleText(row)).join('\n')}\n`;
}

function tallyDeploys(windows: readonly FoundWindow[]): readonly DeployTally[] {
  const tallies = new Map<string, DeployTally>();
  for (const { destination, reporter, requestCount, flagCounts } of windows) {
    const deployId = destination.deployId ?? 'unknown';
    const key = JSON.stringify([destination.version, deployId]);
    const tally = tallies.get(key) ?? { version: destination.version, deployId, requests: new Map(), flags: new Map() };
    tallies.set(key, tally);
    tally.requests.set(reporter, (tally.requests.get(reporter) ?? 0) + requestCount);
    for (const [flag, count] of flagCounts) {
      const byReporter = tally.flags.get(flag) ?? new Map<string, number>();
      tally.flags.set(flag, byReporter);
      byReporter.set(reporter, (byReporter.get(reporter) ?? 0) + count);
    }
  }
  return mergeUnknown([...tallies.values()]);
}

/** The caller's proxy knows the version of the callee and not its deploy: where the version has one deploy only, it is that one. */
function mergeUnknown(tallies: readonly DeployTally[]): readonly DeployTally[] {
  const known = tallies.filter(({ deployId }) => deployId !== 'unknown');
  return tallies.filter((tally) => {
    const same = known.filter(({ version }) => version === tally.version);
    const [only] = same;
    if (tally.deployId !== 'unknown' || only === undefined || same.length > 1) return true;
    for (const [reporter, count] of tally.requests)
      only.requests.set(reporter, (only.requests.get(reporter) ?? 0) + count);
    for (const [flag, counts] of tally.flags) {
      const sum = only.flags.get(flag) ?? new Map<string, number>();
      only.flags.set(flag, sum);
      for (const [reporter, count] of counts) sum.set(reporter, (sum.get(reporter) ?? 0) + count);
    }
    return false;
  });
}

function renderTally({ version, deployId, requests, flags }: DeployTally): string {
  const views = [...requests].map(([reporter, count]) => `${count} seen by the ${reporter}`).join(', ');
  const told = [...flags].map(([flag, byReporter]) => `${flag} ${renderViews(byReporter, requests)}`).join('; ');
  return `  ${version} (${deployId}): requests ${views}; flags ${told || 'none'}`;
}

function renderViews(byReporter: ReadonlyMap<string, number>, requests: ReadonlyMap<string, number>): string {
  return [...byReporter]
    .map(([reporter, count]) => `${count} (${renderShare(count / (requests.get(reporter) ?? count))}, ${reporter})`)
    .join(', ');
}

function verdict(own: DeployTally, others: readonly DeployTally[]): string {
  const ownFlags = [...own.flags.keys()];
  if (ownFlags.length === 0) return 'No flags: nothing speaks against this deploy.';
  if (others.length === 0) return 'No other deploy answered in this time: there is nothing to compare with.';
  const only = ownFlags.filter((flag) => others.every((other) => !other.flags.has(flag)));
  const both = ownFlags.filter((flag) => !only.includes(flag));
  const compared = both.map((flag) => {
    const elsewhere = Math.max(...others.map((other) => share(other, flag)));
    return `${flag} in others too: ${renderShare(share(own, flag))} here, at most ${renderShare(elsewhere)} there`;
  });
  const parts = [...(only.length === 0 ? [] : [`ONLY in this deploy: ${only.join(', ')}`]), ...compared];
  return parts.join('; ');
}

/** The largest share of requests with the flag, as one of the two proxies saw it, 0..1. */
function share({ flags, requests }: DeployTally, flag: string): number {
  const views = [...(flags.get(flag) ?? [])].map(([reporter, count]) => count / (requests.get(reporter) ?? count));
  return Math.max(0, ...views);
}

function renderShare(ratio: number): string {
  return `${(100 * ratio).toFixed(1)} %`;
}
