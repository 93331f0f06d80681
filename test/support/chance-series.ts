// Numbers as chance gives them, the same for each seed: what detectors have to live with.

/** sfc32: a source of numbers in [0, 1) from a seed, good enough for millions of draws that have to be independent. */
export function seeded(seed: number): () => number {
  const state = Int32Array.of(seed, 0x9e3779b9, 0x243f6a88, 1);
  const next = () => {
    const [a = 0, b = 0, c = 0, counter = 0] = state;
    const sum = (a + b + counter) | 0;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + sum;
    state[3] = counter + 1;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let i = 0; i < 20; i += 1) next();
  return next;
}

/** A standard normal number. */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A Poisson count; from a mean of 200 on by its normal approximation. */
export function poisson(random: () => number, mean: number): number {
  if (mean <= 0) return 0;
  if (mean > 200) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  let count = 0;
  let term = Math.exp(-mean);
  for (let left = random() - term; left > 0 && term > 0; left -= term) {
    count += 1;
    term *= mean / count;
  }
  return count;
}

/** How many of so many requests are selected, each with the same probability, 0 to 1; by the gaps between those that are. */
export function drawn(random: () => number, requestCount: number, rate: number): number {
  if (rate <= 0) return 0;
  const logMissed = Math.log1p(-Math.min(rate, 1 - 1e-12));
  let count = 0;
  for (let at = gap(random, logMissed); at < requestCount; at += 1 + gap(random, logMissed)) count += 1;
  return count;
}

function gap(random: () => number, logMissed: number): number {
  return Math.floor(Math.log(1 - random()) / logMissed);
}
