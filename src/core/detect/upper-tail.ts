// How likely so many failures are by chance, exactly, for small counts too: the second opinion beside z.
import { gammaln } from 'simple-statistics';

/** What was seen before, and the window to be judged. All 0 or more, not always whole; `baselineRequestCount` more than 0. */
export interface TailQuestion {
  readonly baselineCount: number;
  readonly baselineRequestCount: number;
  readonly count: number;
  readonly requestCount: number;
}

/** Half an event: Jeffreys' prior for a rate. It keeps "never seen" from meaning "impossible". */
const priorCount = 0.5;
/** Terms beyond this share of the sum cannot change a decision. */
const negligible = 1e-12;
/** Bound of the summation; what is left is then bounded by a geometric series and added. */
const maxTerms = 20_000;

/**
 * Probability, 0..1, of `count` or more lines among `requestCount` requests when nothing has changed: the upper tail of the
 * Gamma-Poisson (negative binomial) predictive distribution. With much baseline it is the Poisson tail at the baseline's rate; with
 * little it is wider, because the rate itself is not well known. Example: 0 of 3,000 before, 5 of 100 in this window: 9e-9.
 */
export function upperTail(question: TailQuestion): number {
  const { baselineCount, baselineRequestCount, count, requestCount } = question;
  if (count <= 0) return 1;
  if (requestCount <= 0) return 0;
  const shape = baselineCount + priorCount;
  const q = requestCount / (baselineRequestCount + requestCount);
  // Below the mean the tail is large, and no threshold is near: the sum from there would be long for nothing.
  if (count <= (shape * requestCount) / baselineRequestCount) return 1;
  const logTerm =
    gammaln(count + shape) - gammaln(shape) - gammaln(count + 1) + shape * Math.log1p(-q) + count * Math.log(q);
  let term = Math.exp(logTerm);
  let sum = 0;
  for (let k = count; k < count + maxTerms; k += 1) {
    sum += term;
    const ratio = ((k + shape) / (k + 1)) * q;
    const rest = ratio < 1 ? (term * ratio) / (1 - ratio) : Number.POSITIVE_INFINITY;
    if (rest <= negligible * sum) break;
    term *= ratio;
    if (k === count + maxTerms - 1) sum += rest;
  }
  return Math.min(1, sum);
}
