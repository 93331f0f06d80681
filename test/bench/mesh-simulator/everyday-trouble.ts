// Short troubles that any mesh has many times a day, and that nobody should be woken for: a pod that stumbles for seconds, a mobile network
// that loses some users, somebody who tries paths that do not exist.
import type { Effect, FailEffect } from './incident.ts';
import type { SeededRandom } from './seeded-random.ts';
import { edges } from './topology.ts';

interface EverydayTrouble {
  readonly everyMs: number;
  readonly lengthMs: readonly [number, number];
  readonly share: number;
  readonly cause: FailEffect['cause'];
  /** `null`: an edge that chance chooses. */
  readonly edge: readonly [source: string, destination: string] | null;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const troubles: readonly EverydayTrouble[] = [
  { everyMs: 30 * minuteMs, lengthMs: [2000, 5000], share: 0.1, cause: 'app_closed', edge: null },
  { everyMs: 30 * minuteMs, lengthMs: [2000, 5000], share: 0.1, cause: 'app_error', edge: null },
  {
    everyMs: 2 * hourMs,
    lengthMs: [30_000, 60_000],
    share: 0.03,
    cause: 'caller_left',
    edge: ['gateway', 'storefront'],
  },
  { everyMs: 5 * hourMs, lengthMs: [10_000, 20_000], share: 0.1, cause: 'no_route', edge: ['gateway', 'storefront'] },
];

/** The troubles of a span, at times that chance chooses. */
export function everydayTrouble(startAtMs: number, endAtMs: number, random: SeededRandom): readonly Effect[] {
  return troubles.flatMap(({ everyMs, lengthMs, share, cause, edge }) => {
    const effects: FailEffect[] = [];
    for (let atMs = startAtMs + random.exponential(everyMs); atMs < endAtMs; atMs += random.exponential(everyMs)) {
      const chosen = random.pick(edges);
      const [source, destination] = edge ?? [chosen.source, chosen.destination];
      const untilMs = atMs + random.between(...lengthMs);
      const even = { from: share, to: share };
      effects.push({ kind: 'fail', cause, share: even, fromMs: atMs, untilMs, source, destination, version: null });
    }
    return effects;
  });
}
