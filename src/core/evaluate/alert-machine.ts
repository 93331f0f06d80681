// The states of one alert: inactive → pending → firing → resolved, in event time. Pure: the evaluator keeps the states.
import type { AlertStatus } from './transition.ts';

/** An alert that is not inactive. Plain JSON. */
export interface ActiveAlert {
  readonly status: 'pending' | 'firing';
  /** Start of the first anomalous window. */
  readonly sinceAtMs: number;
  /** End of the latest anomalous window. */
  readonly lastAnomalyAtMs: number;
}

/** One closed window as the alert sees it. */
export interface AlertWindow {
  readonly startAtMs: number;
  readonly endAtMs: number;
  readonly isAnomaly: boolean;
}

/** How long the condition must hold before the alert fires, and how long it goes on after the condition stopped. */
export interface AlertDelays {
  readonly forMs: number;
  readonly keepFiringForMs: number;
}

/** The state after a window (`null`: inactive), and the step that was taken (`null`: none). */
export interface AlertStep {
  readonly active: ActiveAlert | null;
  readonly status: AlertStatus | null;
}

/**
 * The next state. The condition holds from the start of the first anomalous window to the end of the latest, so with windows of 10 s
 * `for: 10s` fires after one of them and `for: 30s` after three in a row. `keep_firing_for: 30s` resolves at the end of the third
 * calm one.
 */
export function stepAlert(active: ActiveAlert | null, window: AlertWindow, delays: AlertDelays): AlertStep {
  if (window.isAnomaly) return stepAnomalous(active, window, delays);
  if (active === null) return { active: null, status: null };
  if (active.status === 'pending') return { active: null, status: 'inactive' };
  const calmMs = window.endAtMs - active.lastAnomalyAtMs;
  return calmMs >= delays.keepFiringForMs ? { active: null, status: 'resolved' } : { active, status: null };
}

function stepAnomalous(active: ActiveAlert | null, window: AlertWindow, delays: AlertDelays): AlertStep {
  const sinceAtMs = active?.sinceAtMs ?? window.startAtMs;
  const isFiring = active?.status === 'firing' || window.endAtMs - sinceAtMs >= delays.forMs;
  const status = isFiring ? 'firing' : 'pending';
  const next: ActiveAlert = { status, sinceAtMs, lastAnomalyAtMs: window.endAtMs };
  return { active: next, status: status === active?.status ? null : status };
}
