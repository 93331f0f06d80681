// How likely so few requests are by chance, exactly, for small counts too: the second opinion of dips, and the mirror of upper-tail.
import { gammaln } from 'simple-statistics';

/** What was usual, and the windows to be judged. All 0 or more, not always whole; `baselineWindows` and `windows` more than 0. */
export interface LowerTailQuestion {
  /** Requests in the baseline. */
  readonly baselineCount: number;
  readonly baselineWindows: number;
  readonly count: number;
  readonly windows: number;
}

/** Half an event: Jeffreys' prior for a rate. */
const priorCount = 0.5;
/** Terms beyond this share of the sum cannot change a decision. */
const negligible = 1e-12;

/**
 * Probability, 0..1, of `count` requests or fewer in `windows` windows when nothing has changed: the lower tail of the Gamma-Poisson
 * (negative binomial) predictive distribution. With much baseline it is the Poisson tail at the baseline's rate; with little it is wider.
 * A count that is not whole is taken as the next greater one. Example: 1,050 in 35 windows before, 0 in one now: 1.4e-13.
 */
export function lowerTail({ baselineCount, baselineWindows, count, windows }: LowerTailQuestion): number {
  const shape = baselineCount + priorCount;
  const q = windows / (baselineWindows + windows);
  const whole = Math.ceil(count);
  // From the mean on the tail is large, and no threshold is near.
  if (whole >= (shape * windows) / baselineWindows) return 1;
  let term = Math.exp(
    gammaln(whole + shape) - gammaln(shape) - gammaln(whole + 1) + shape * Math.log1p(-q) + whole * Math.log(q),
  );
  let sum = 0;
  // Below the mean the terms fall towards 0 faster and faster.
  for (let k = whole; k >= 0 && term > negligible * sum; k -= 1) {
    sum += term;
    term *= k / ((k - 1 + shape) * q);
  }
  return Math.min(1, sum);
}
