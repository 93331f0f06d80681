// The catalogue of Envoy's response flags: lookup by both names. The world is open: a flag that is not here is data as well.
import { downstreamFlags } from './downstream-flags.ts';
import { reachFlags } from './reach-flags.ts';
import type { ResponseFlag } from './response-flag.ts';
import { routeAndPolicyFlags } from './route-and-policy-flags.ts';
import { shedAndInjectedFlags } from './shed-and-injected-flags.ts';
import { upstreamFlags } from './upstream-flags.ts';

/** All flags of Envoy 1.40, by what they are about. */
export const responseFlags: readonly ResponseFlag[] = [
  ...reachFlags,
  ...upstreamFlags,
  ...downstreamFlags,
  ...routeAndPolicyFlags,
  ...shedAndInjectedFlags,
];

const byShortName: ReadonlyMap<string, ResponseFlag> = new Map(responseFlags.map((flag) => [flag.shortName, flag]));
const byLongName: ReadonlyMap<string, ResponseFlag> = new Map(responseFlags.map((flag) => [flag.longName, flag]));

/** The entry of a flag by its short name (`UC`) or its long one (`UpstreamConnectionTermination`), or `null`. */
export function findFlag(name: string): ResponseFlag | null {
  return byShortName.get(name) ?? byLongName.get(name) ?? null;
}

/** Whether Envoy 1.40 has a flag with this short name. Others come from extensions and newer releases: keep and count them. */
export function isKnownFlag(shortName: string): boolean {
  return byShortName.has(shortName);
}
