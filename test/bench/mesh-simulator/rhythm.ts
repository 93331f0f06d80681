// How many requests begin when: hours of the day, days of the week, ramps, and arrivals that come in clumps.
import type { SeededRandom } from './seeded-random.ts';
import type { FlowSpec } from './topology.ts';

/** Traffic that grows, stays, and falls again, without anything being wrong. */
export interface Ramp {
  readonly flow: string;
  readonly fromMs: number;
  readonly riseMs: number;
  readonly holdMs: number;
  readonly fallMs: number;
  readonly factor: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** The users live in Seoul. */
const zoneMs = 9 * hourMs;
/** Of a job that runs after each full hour. */
const sweepMs = 3 * 60_000;
/** Saturday and Sunday have less of the working day's traffic. */
const weekendFactor = 0.85;

/** Requests that begin at this time, relative to the day's mean. */
function rhythmFactor(flow: FlowSpec, atMs: number): number {
  const localMs = atMs + zoneMs;
  switch (flow.rhythm) {
    case 'daily': {
      const hour = (((localMs / hourMs - flow.shiftHours) % 24) + 24) % 24;
      // 1 January 1970 was a Thursday.
      const day = Math.floor(localMs / dayMs + 4) % 7;
      return (dayShape(hour) / meanOfDay) * (day === 0 || day === 6 ? weekendFactor : 1);
    }
    case 'hourly':
      return localMs % hourMs < sweepMs ? hourMs / sweepMs : 0;
    case 'steady':
      return 1;
  }
}

// Deep night at four, a peak at lunch, a higher one in the evening: three to six times the night.
function dayShape(hour: number): number {
  const bump = (at: number, width: number): number => {
    const apart = Math.min(Math.abs(hour - at), 24 - Math.abs(hour - at));
    return Math.exp(-(apart * apart) / (2 * width * width));
  };
  return 0.25 + 0.7 * bump(12.5, 2.6) + bump(20.5, 2.8) + 0.25 * bump(16, 3);
}

const meanOfDay = Array.from({ length: 288 }, (_, i) => dayShape(i / 12)).reduce((sum, value) => sum + value, 0) / 288;

/** What a ramp does at this time; 1 outside. */
function rampFactor(ramp: Ramp, atMs: number): number {
  const sinceMs = atMs - ramp.fromMs;
  if (sinceMs < 0) return 1;
  const { riseMs, holdMs, fallMs, factor } = ramp;
  if (sinceMs < riseMs) return 1 + ((factor - 1) * sinceMs) / riseMs;
  if (sinceMs < riseMs + holdMs) return factor;
  return 1 + (factor - 1) * Math.max(0, 1 - (sinceMs - riseMs - holdMs) / fallMs);
}

/** Blocks of this length have a rate of their own. */
const blockMs = 10_000;
/** Within minutes traffic wanders by some 6 %, and from block to block jumps by 12 %: more than chance alone gives. */
const wander = { keep: 0.995, step: 0.006 };
const blockVariation = 0.12;

/** The beginnings of one flow's requests, in order. */
export class Arrivals {
  readonly #flow: FlowSpec;
  readonly #scale: number;
  readonly #ramps: readonly Ramp[];
  readonly #random: SeededRandom;
  #block = Number.NaN;
  #blockRate = 0;
  #wander = 0;

  constructor(flow: FlowSpec, scale: number, ramps: readonly Ramp[], random: SeededRandom) {
    this.#flow = flow;
    this.#scale = scale;
    this.#ramps = ramps.filter((ramp) => ramp.flow === flow.name);
    this.#random = random;
  }

  /** Times within `[fromMs, fromMs + lengthMs)`; to be asked for in order. */
  take(fromMs: number, lengthMs: number): readonly number[] {
    const perMs = this.#rateAt(fromMs) / 1000;
    const times: number[] = [];
    if (perMs === 0) return times;
    for (let atMs = this.#random.exponential(1 / perMs); atMs < lengthMs; atMs += this.#random.exponential(1 / perMs)) {
      times.push(fromMs + atMs);
    }
    return times;
  }

  #rateAt(atMs: number): number {
    const block = Math.floor(atMs / blockMs);
    if (block !== this.#block) {
      this.#block = block;
      this.#wander = wander.keep * this.#wander + wander.step * this.#random.normal();
      this.#blockRate = Math.exp(this.#wander) * this.#random.gamma(blockVariation);
    }
    let rate = this.#flow.perSecond * this.#scale * this.#blockRate * rhythmFactor(this.#flow, atMs);
    for (const ramp of this.#ramps) rate *= rampFactor(ramp, atMs);
    return rate;
  }
}
