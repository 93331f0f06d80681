// What goes wrong with a call at a time: the effects of incidents, and the failures of any day.
import type { Effect, FailEffect, FailureCause, SlowEffect } from './incident.ts';
import { failShareAt } from './incident.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { CallSpec } from './topology.ts';

/** Causes that keep the caller's proxy from sending anything. */
const beforeCauses = ['no_route', 'no_endpoint', 'circuit_open', 'unreachable'] as const;
type BeforeCause = (typeof beforeCauses)[number];

function isBefore(cause: FailureCause): cause is BeforeCause {
  return (beforeCauses as readonly FailureCause[]).includes(cause);
}

/** Own work is log-normal about its median; one request in so many waits for something (a lock, a collection, a cold cache). */
const workSigma = 0.45;
const pause = { share: 0.002, medianMs: 250, sigma: 0.8 };

/** All effects of a plan, asked second by second. */
export class Trouble {
  readonly #effects: readonly Effect[];
  #active: readonly Effect[] = [];

  constructor(effects: readonly Effect[]) {
    this.#effects = effects;
  }

  /** To be called before the calls of the span are asked about. */
  moveTo(fromMs: number, untilMs: number): void {
    this.#active = this.#effects.filter((effect) => effect.fromMs < untilMs && effect.untilMs > fromMs);
  }

  /** Whether the call is not made at all. */
  isSilent(call: CallSpec, atMs: number): boolean {
    return this.#active.some((effect) => effect.kind === 'silence' && holds(effect, call, null, atMs));
  }

  /** What keeps the caller's proxy from sending, `null` for nothing. */
  beforeSending(call: CallSpec, atMs: number, random: SeededRandom): BeforeCause | null {
    for (const effect of this.#active) {
      if (effect.kind !== 'fail' || !isBefore(effect.cause) || !holds(effect, call, null, atMs)) continue;
      if (random.chance(failShareAt(effect, atMs))) return effect.cause;
    }
    return random.chance(call.noise.unreachable) ? 'unreachable' : null;
  }

  /** What goes wrong with an attempt that has reached the callee, `null` for nothing. */
  atCallee(call: CallSpec, version: string, atMs: number, random: SeededRandom): FailureCause | null {
    for (const effect of this.#active) {
      if (effect.kind !== 'fail' || isBefore(effect.cause) || !holds(effect, call, version, atMs)) continue;
      if (random.chance(failShareAt(effect, atMs))) return effect.cause;
    }
    const { appClosed, appError, callerLeft, clientError } = call.noise;
    const at = random.next();
    if (at < appClosed) return 'app_closed';
    if (at < appClosed + appError) return 'app_error';
    if (at < appClosed + appError + callerLeft) return 'caller_left';
    return at < appClosed + appError + callerLeft + clientError ? 'client_error' : null;
  }

  /** How long the callee works on the request itself, in milliseconds. */
  workMs(medianMs: number, call: CallSpec, version: string, atMs: number, random: SeededRandom): number {
    let workMs = random.logNormal(medianMs, workSigma);
    if (random.chance(pause.share)) workMs += random.logNormal(pause.medianMs, pause.sigma);
    for (const effect of this.#active) {
      if (effect.kind !== 'slow' || !holds(effect, call, version, atMs) || !random.chance(effect.share)) continue;
      workMs = workMs * effect.factor + (effect.addMs > 0 ? random.logNormal(effect.addMs, 0.3) : 0);
    }
    return Math.round(workMs);
  }
}

function holds(
  effect: Effect | FailEffect | SlowEffect,
  call: CallSpec,
  version: string | null,
  atMs: number,
): boolean {
  return (
    effect.fromMs <= atMs &&
    atMs < effect.untilMs &&
    effect.destination === call.destination &&
    (effect.source === null || effect.source === call.source) &&
    (effect.version === null || version === null || effect.version === version)
  );
}
