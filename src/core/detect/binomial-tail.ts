// How likely so many of so few requests are by chance, exactly, at a fixed rate: what the conditions with a limit decide by.
import { gammaln } from 'simple-statistics';

/** Terms of the continued fraction. It needs about the root of the number of requests; a million of them take some 300. */
const maxTerms = 10_000;
/** Two terms that change the value by less than this change no decision. */
const negligible = 1e-14;
/** Stands for 0 where a step of the fraction would divide by it (Lentz's method). */
const tiny = 1e-300;

/**
 * Probability, 0..1, of `count` or more selected among `requestCount` requests, each selected with probability `rate` (0..1). That it is
 * below 0.001 says the same as: the lower bound of the one-sided exact interval (Clopper and Pearson, 1934) at 99.9 % is above `rate`.
 * Example: 3 of 15 at a rate of 0.1: 0.184.
 */
export function binomialUpperTail(count: number, requestCount: number, rate: number): number {
  if (count <= 0) return 1;
  if (count > requestCount || rate <= 0) return 0;
  if (rate >= 1) return 1;
  return incompleteBeta(rate, count, requestCount - count + 1);
}

/** Probability, 0..1, of `count` or fewer. */
export function binomialLowerTail(count: number, requestCount: number, rate: number): number {
  return binomialUpperTail(requestCount - count, requestCount, 1 - rate);
}

/** The regularised incomplete beta function I_x(a, b), 0 < x < 1 (https://dlmf.nist.gov/8.17, equations 4 and 22). */
function incompleteBeta(x: number, a: number, b: number): number {
  const logFront = gammaln(a + b) - gammaln(a) - gammaln(b) + a * Math.log(x) + b * Math.log1p(-x);
  // The fraction converges fast on this side of the mean only; the other side is its complement.
  if (x <= (a + 1) / (a + b + 2)) return Math.min(1, (Math.exp(logFront) * betaFraction(x, a, b)) / a);
  return Math.max(0, 1 - (Math.exp(logFront) * betaFraction(1 - x, b, a)) / b);
}

function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= maxTerms; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    value *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    value *= c * d;
    if (Math.abs(c * d - 1) < negligible) break;
  }
  return value;
}

function nonZero(value: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}
