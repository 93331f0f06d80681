// A deploy's flags and faults beside those of the other deploys of its service in the same time: are the errors only in the new one?
import { toVisibleText } from '#core/notify/visible-text.ts';
import type { DeployTally } from './deploy-tally.ts';
import { exposureOf, replacedBy, tallyDeploys } from './deploy-tally.ts';
import type { FoundRequest, FoundWindow } from './found-documents.ts';

/**
 * Text that compares the deploy with the others of its service. `windows`: those of the service, the deploy's among them; `requests`:
 * the failed requests of the same time.
 */
export function renderDeploy(
  deployId: string,
  windows: readonly FoundWindow[],
  requests: readonly FoundRequest[],
): string {
  const tallies = tallyDeploys(windows, requests);
  const own = tallies.find((tally) => tally.deployId === deployId);
  if (own === undefined) return `${toVisibleText(deployId)}: no window of it is stored\n`;
  const others = tallies.filter((tally) => tally !== own);
  const replaced = replacedBy(own, others);
  const service =
    windows.find(({ destination }) => destination.deployId === deployId)?.destination.service ?? 'unknown';
  const [from, to] = [own.firstAtMs, own.lastAtMs].map((atMs) => new Date(atMs).toISOString());
  const rows = [own, ...others].map((tally) => renderTally(tally, tally === replaced));
  const head = `deploy ${deployId} of ${service} ${own.version}, ${from} to ${to}`;
  const verdicts = [flagVerdict(own, others), ...faultVerdict(own, others)];
  return `${[head, ...rows, ...verdicts].map((row) => toVisibleText(row)).join('\n')}\n`;
}

function renderTally(tally: DeployTally, isReplaced: boolean): string {
  const { version, deployId, requests, flags, faults } = tally;
  const views = [...requests].map(([reporter, count]) => `${count} seen by the ${reporter}`).join(', ');
  const told = [...flags].map(([flag, byReporter]) => `${flag} ${renderViews(byReporter, requests)}`).join('; ');
  const broken = [...faults].map(([fault, count]) => `${fault} ${count} of ${exposureOf(tally)}`).join('; ');
  const name = `${version} (${deployId})${isReplaced ? ', the one it replaces' : ''}`;
  const failed = broken === '' ? '' : `; failed requests ${broken}`;
  return `  ${name}: requests ${views}; flags ${told || 'none'}${failed}`;
}

function renderViews(byReporter: ReadonlyMap<string, number>, requests: ReadonlyMap<string, number>): string {
  return [...byReporter]
    .map(([reporter, count]) => `${count} (${renderShare(count / (requests.get(reporter) ?? count))}, ${reporter})`)
    .join(', ');
}

function flagVerdict(own: DeployTally, others: readonly DeployTally[]): string {
  const names = [...own.flags.keys()];
  if (names.length === 0) return 'No flags: nothing speaks against this deploy.';
  if (others.length === 0) return 'No other deploy answered in this time: there is nothing to compare with.';
  return compare(names, own, others, flagShare);
}

function faultVerdict(own: DeployTally, others: readonly DeployTally[]): readonly string[] {
  const names = [...own.faults.keys()];
  if (names.length === 0 || others.length === 0) return [];
  return [`Faults: ${compare(names, own, others, faultShare)}`];
}

function compare(
  names: readonly string[],
  own: DeployTally,
  others: readonly DeployTally[],
  shareOf: (tally: DeployTally, name: string) => number,
): string {
  const isElsewhere = (name: string): boolean => others.some((other) => shareOf(other, name) > 0);
  const only = names.filter((name) => !isElsewhere(name));
  const compared = names.filter(isElsewhere).map((name) => {
    const elsewhere = Math.max(...others.map((other) => shareOf(other, name)));
    return `${name} in others too: ${renderShare(shareOf(own, name))} here, at most ${renderShare(elsewhere)} there`;
  });
  return [...(only.length === 0 ? [] : [`ONLY in this deploy: ${only.join(', ')}`]), ...compared].join('; ');
}

/** The largest share of requests with the flag, as one of the two proxies saw it, 0..1. */
function flagShare({ flags, requests }: DeployTally, flag: string): number {
  const views = [...(flags.get(flag) ?? [])].map(([reporter, count]) => count / (requests.get(reporter) ?? count));
  return Math.max(0, ...views);
}

function faultShare(tally: DeployTally, fault: string): number {
  const count = tally.faults.get(fault) ?? 0;
  return count === 0 ? 0 : count / Math.max(count, exposureOf(tally));
}

function renderShare(ratio: number): string {
  // A few in ten thousand are not none.
  return `${(100 * ratio).toFixed(ratio > 0 && ratio < 0.001 ? 3 : 1)} %`;
}
