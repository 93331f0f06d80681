// Decides what a transition means for people, given the incident of its alert that is open, if any.
import type { AlertTransition } from '#core/evaluate/transition.ts';
import type { OpenIncident } from './incident.ts';
import { incidentKey } from './incident.ts';

/** Why nothing is sent: a closed list, also a metric label. */
type IgnoreReason = 'not_firing' | 'already_told' | 'no_incident' | 'older_than_incident';

/** `post` a new message, `update` the open incident's message, `close` it with the resolution, or `ignore`. */
export type NotifyPlan =
  | { readonly kind: 'post' }
  | { readonly kind: 'update' | 'close'; readonly open: OpenIncident }
  | { readonly kind: 'ignore'; readonly reason: IgnoreReason };

/** The plan for one transition. A function of the transition and the committed state alone, so a repeat gives the same plan. */
export function planNotification(transition: AlertTransition, open: OpenIncident | null): NotifyPlan {
  if (transition.status === 'firing') return planFiring(transition, open);
  if (transition.status !== 'resolved') return { kind: 'ignore', reason: 'not_firing' };
  if (open === null) return { kind: 'ignore', reason: 'no_incident' };
  if (transition.atMs < open.stepAtMs) return { kind: 'ignore', reason: 'older_than_incident' };
  return { kind: 'close', open };
}

function planFiring(transition: AlertTransition, open: OpenIncident | null): NotifyPlan {
  if (open === null) return { kind: 'post' };
  if (transition.id === open.step) return { kind: 'ignore', reason: 'already_told' };
  if (transition.atMs < open.stepAtMs) return { kind: 'ignore', reason: 'older_than_incident' };
  // Another start without a resolution between: a second incident is a new message all the same.
  return incidentKey(transition) === open.firing.key ? { kind: 'update', open } : { kind: 'post' };
}
