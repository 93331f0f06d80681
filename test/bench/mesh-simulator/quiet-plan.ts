// A day of a mesh in which nothing happens that anybody should be woken for: daily rhythm, ramps of traffic, sound deploys, a job that
// runs by the hour, and the failures of any day.
import { everydayTrouble } from './everyday-trouble.ts';
import type { Deploy } from './fleet.ts';
import type { Plan } from './incident.ts';
import { nextVersion } from './incident-plan.ts';
import type { Ramp } from './rhythm.ts';
import { SeededRandom } from './seeded-random.ts';
import { services } from './topology.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Plans 24 hours in which nothing happens that anybody should be woken for, from midnight in Seoul on. */
export function planQuietDay(seed: number): Plan & { readonly ramps: readonly Ramp[] } {
  const random = new SeededRandom(seed, 4);
  const startAtMs = Date.UTC(2026, 10, 16 + Math.floor(random.next() * 7), 15);
  const deployed = random.shuffle(services.filter(({ namespace }) => !['ingress', 'batch'].includes(namespace)));
  const deploys = deployed.slice(0, 4).map(({ name, version }, i): Deploy => {
    const atMs = startAtMs + (4 + i * 4.5 + random.next()) * hourMs;
    const shares = [0.01, 0.05, 0.25, 0.5, 1];
    return {
      service: name,
      version: nextVersion(version, i),
      deployId: `d-${3000 + i}`,
      steps: shares.map((share, step) => ({ atMs: atMs + step * 10 * minuteMs, share })),
    };
  });
  const ramp = (flow: string, hour: number, factor: number, riseMin: number): Ramp => ({
    flow,
    fromMs: startAtMs + (hour + random.next()) * hourMs,
    riseMs: riseMin * minuteMs,
    holdMs: random.between(20, 70) * minuteMs,
    fallMs: riseMin * 2 * minuteMs,
    factor,
  });
  const ramps = [ramp('visits', 10, 2, 12), ramp('purchases', 17, 3, 8), ramp('logins', 21, 1.6, 15)];
  const endAtMs = startAtMs + 24 * hourMs;
  const effects = everydayTrouble(startAtMs, endAtMs, random);
  return { startAtMs, endAtMs, incidents: [], effects, deploys, ramps };
}
