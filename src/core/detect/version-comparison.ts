// How much more likely a window is if the new version fails more often, by a given ratio, than if it does not: exact for small counts.
// The pure statistics under new-version.ts.
import { gammaln } from 'simple-statistics';
import type { WindowNumbers } from './window-ring.ts';

/** Half an event: Jeffreys' prior for a rate, as in `upperTail`. */
const priorCount = 0.5;
const nothing: WindowNumbers = { count: 0, requestCount: 0 };
/** Terms beyond this share of the greatest cannot change a decision. */
const negligible = 1e-12;

/** Both versions in the same window. Counts are whole and not above their requests. */
export interface VersionTable {
  readonly ofNew: WindowNumbers;
  readonly ofOld: WindowNumbers;
}

/**
 * Natural logarithm of the likelihood ratio "the odds of failing are `oddsRatio` times the old version's" against "they are the same",
 * given how many failed in all: Fisher's exact conditioning. What makes both fail cancels out, so it may change with every window; with
 * no failure, or only one version, it is 0. Its expectation (not the logarithm's) is at most 1 if the new version fails no more often.
 *
 * With x of the K failures on the new version: `oddsRatio^x / E[oddsRatio^X]`, X hypergeometric. Example: of 4 and 4 requests 4 fail,
 * 3 of them on the new version; at an odds ratio of 2: 8 / (321 / 70) = 1.74.
 */
export function sameWindowEvidence({ ofNew, ofOld }: VersionTable, oddsRatio: number): number {
  const failed = ofNew.count + ofOld.count;
  const lowest = Math.max(0, failed - ofOld.requestCount);
  const highest = Math.min(ofNew.requestCount, failed);
  if (lowest === highest) return 0;
  const logOdds = Math.log(oddsRatio);
  const logTerm = (x: number) =>
    logChoose(ofNew.requestCount, x) + logChoose(ofOld.requestCount, failed - x) + x * logOdds;
  /** Term at x over the term at x - 1; falls as x grows. */
  const ratio = (x: number) =>
    (oddsRatio * (ofNew.requestCount - x + 1) * (failed - x + 1)) / (x * (ofOld.requestCount - failed + x));
  const mode = lastWhere(lowest, highest, (x) => ratio(x) >= 1);
  let sum = 1;
  for (let x = mode + 1, term = 1; x <= highest && term > negligible; x += 1) sum += term *= ratio(x);
  for (let x = mode, term = 1; x > lowest && term > negligible; x -= 1) sum += term /= ratio(x);
  const all = logChoose(ofNew.requestCount + ofOld.requestCount, failed);
  return ofNew.count * logOdds - (logTerm(mode) + Math.log(sum) - all);
}

/**
 * The same against an earlier time, where the old version has no requests beside the new one's: the likelihood ratio "the rate is
 * `rateRatio` times what it was" against "it is the same", the old rate known only as well as `past` tells it (Gamma-Poisson
 * predictive distributions, as in `upperTail`). A Poisson count spreads wider than a binomial one, so it errs on the careful side.
 * `weighed`: what the new version did in the windows weighed before this one. It is data on the old rate under both, once as it is and
 * once as `rateRatio` times as many requests, so that the ratios of all windows multiply to that of all of them taken together.
 * Counts need not be whole. Example: 0 of 3,000 before, 3 of 10 in this window, 100 times the rate: 1e6 * (3010/4000)^3.5 = 3.7e5.
 */
export function pastEvidence(
  past: WindowNumbers,
  ofNew: WindowNumbers,
  rateRatio: number,
  weighed: WindowNumbers = nothing,
): number {
  if (ofNew.requestCount === 0 || past.requestCount === 0) return 0;
  const shape = past.count + weighed.count + priorCount;
  const same = past.requestCount + weighed.requestCount;
  const raised = past.requestCount + rateRatio * weighed.requestCount;
  return (
    ofNew.count * Math.log(rateRatio) +
    shape * Math.log(raised / same) +
    (shape + ofNew.count) * Math.log((same + ofNew.requestCount) / (raised + rateRatio * ofNew.requestCount))
  );
}

function logChoose(n: number, k: number): number {
  return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1);
}

/** The greatest x of `lowest + 1` to `highest` for which a falling condition holds; `lowest` for none. */
function lastWhere(lowest: number, highest: number, holds: (x: number) => boolean): number {
  let [from, to] = [lowest, highest];
  while (from < to) {
    const middle = Math.ceil((from + to) / 2);
    if (holds(middle)) from = middle;
    else to = middle - 1;
  }
  return from;
}
