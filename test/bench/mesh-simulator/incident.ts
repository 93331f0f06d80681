// What goes wrong in a simulated mesh, when and where: incidents, and their effects on requests.
import type { Deploy } from './fleet.ts';

/** How a request can fail, by the names under which correlation tells the causes. */
export type FailureCause =
  | 'client_error'
  | 'app_error'
  | 'app_closed'
  | 'app_down'
  | 'unreachable'
  | 'no_endpoint'
  | 'no_route'
  | 'circuit_open'
  | 'caller_left'
  | 'timeout';

/** Where and when an effect holds; `null` is any. */
interface Scope {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly source: string | null;
  readonly destination: string;
  readonly version: string | null;
}

/** A share of the calls fails; it goes evenly from `from` to `to`, 0..1. */
export interface FailEffect extends Scope {
  readonly kind: 'fail';
  readonly cause: Exclude<FailureCause, 'timeout' | 'client_error'>;
  readonly share: { readonly from: number; readonly to: number };
}

/** A share of the requests takes `factor` times its own work and some `addMs` (median) more; timeouts come of that by themselves. */
export interface SlowEffect extends Scope {
  readonly kind: 'slow';
  readonly share: number;
  readonly factor: number;
  readonly addMs: number;
}

/** The calls are not made at all. */
interface SilenceEffect extends Scope {
  readonly kind: 'silence';
}

export type Effect = FailEffect | SlowEffect | SilenceEffect;

/** The kinds of incidents, as tables name them. */
export const incidentKinds = [
  'canary-1-percent',
  'canary-5-percent',
  'bad-rollout',
  'service-gone',
  'route-lost',
  'timeouts',
  'slow-callee',
  'callers-leaving',
  'breaker-open',
  'traffic-gone',
  'low-volume',
  'slow-burn',
  'innocent-deploy',
] as const;
export type IncidentKind = (typeof incidentKinds)[number];

/** One incident with what should be said about it. */
export interface Incident {
  readonly kind: IncidentKind;
  /** From the first request that can fail on. */
  readonly onsetAtMs: number;
  readonly endAtMs: number;
  /** The service that breaks, or is called in vain. */
  readonly destination: string;
  /** The caller, where the incident is one edge's alone. */
  readonly source: string | null;
  /** The version to be named, where it is one version's alone. */
  readonly version: string | null;
  /** A new version that must not be blamed. */
  readonly innocentVersion: string | null;
  /** What a person would write about it. */
  readonly story: string;
}

/** All that is planned for a run. */
export interface Plan {
  readonly startAtMs: number;
  readonly endAtMs: number;
  readonly incidents: readonly Incident[];
  readonly effects: readonly Effect[];
  readonly deploys: readonly Deploy[];
}

/** The share of calls that an effect breaks at this time. */
export function failShareAt({ share, fromMs, untilMs }: FailEffect, atMs: number): number {
  return share.from + ((share.to - share.from) * (atMs - fromMs)) / (untilMs - fromMs);
}
