// The changes that an incident goes through, one function each. Used by the book of incidents alone.
import type { AlertTransition } from '#core/evaluate/transition.ts';
import type { Incident, IncidentAlert } from './incident.ts';
import { toFiringFacts } from './incident.ts';
import type { groupOf, Route } from './routing.ts';

/** The alert of an incident with that fingerprint. */
export function alertOf({ alerts }: Incident, fingerprint: string): IncidentAlert | undefined {
  return alerts.find(({ transition }) => transition.fingerprint === fingerprint);
}

/** The alerts with one of them in another state. */
export function replaceAlert(
  alerts: readonly IncidentAlert[],
  before: IncidentAlert,
  after: IncidentAlert,
): readonly IncidentAlert[] {
  return alerts.map((alert) => (alert === before ? after : alert));
}

/** The incident that begins with an alert's firing. */
export function newIncident(route: Route, transition: AlertTransition, group: ReturnType<typeof groupOf>): Incident {
  const firing = toFiringFacts(transition, null);
  return {
    key: route.groupBy === 'all' ? `${group.id}-${transition.sinceAtMs}` : `${group.id}-${firing.key}`,
    groupId: group.id,
    groupLabels: group.labels,
    routeId: route.id,
    receiver: route.receiver,
    targets: route.targets,
    alerts: [{ transition, firing, shownId: null, held: null }],
    beganAtMs: transition.atMs,
    step: null,
    stepAtMs: transition.atMs,
    calledAtMs: transition.atMs,
    reply: null,
    told: {},
  };
}

/** Whether a review changed nothing. */
export function isSame(a: Incident, b: Incident): boolean {
  return (
    a.step === b.step &&
    a.reply?.id === b.reply?.id &&
    a.alerts.length === b.alerts.length &&
    a.alerts.every((alert, i) => alert === b.alerts[i])
  );
}

/** Of an incident whose shown alerts are all over, those that fire and were held back, as an incident of their own. */
export function heldBackRest(incident: Incident): Incident | null {
  const { alerts, groupId, step } = incident;
  const rest = alerts.filter(({ shownId }) => shownId === null);
  const [first] = rest;
  const isShownOver = alerts.every(({ shownId, transition }) => {
    return shownId === null || (shownId === transition.id && transition.status === 'resolved');
  });
  if (step === null || first === undefined || !isShownOver) return null;
  return {
    ...incident,
    key: `${groupId}-${first.firing.key}`,
    alerts: rest,
    beganAtMs: Math.min(...rest.map(({ transition }) => transition.atMs)),
    step: null,
    reply: null,
    told: {},
  };
}
