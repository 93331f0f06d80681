// Which alerts speak of which incident, and how well: the measure of the simulated runs. Pure.
import type { AlertTransition } from '#core/evaluate/transition.ts';
import type { Incident } from '../mesh-simulator/incident.ts';
import { relatedServices } from '../mesh-simulator/topology.ts';

/** An alert that fired, as far as the measure looks at it. */
export interface FiredAlert {
  readonly alert: string;
  /** Kind of the rule's condition. */
  readonly condition: string;
  readonly atMs: number;
  readonly labels: AlertTransition['labels'];
  readonly reason: string;
}

/**
 * `right`: it names the service that broke (or, where the proxy knew no destination, the caller that has no route), and no version that
 * did not. `wrong_version`: the right service, another version. `blames_deploy`: it calls a deploy the cause that was not. `related`:
 * a service that calls the broken one or is called by it. `pipeline`: about the input. `false`: none of these.
 */
export type Standing = 'right' | 'wrong_version' | 'blames_deploy' | 'related' | 'pipeline' | 'false';

/** An alert with its standing. */
export interface JudgedAlert extends FiredAlert {
  readonly standing: Standing;
}

/** An incident with the alerts that it made. */
export interface JudgedIncident {
  readonly incident: Incident;
  readonly alerts: readonly JudgedAlert[];
  /** Whether the right service was named. */
  readonly isFound: boolean;
  /** Whether the right version was named as well; `true` where there is none to be named. */
  readonly isVersionFound: boolean;
  /**
   * From the onset to the first alert that is right (with the version where there is one to be named and an alert does so), in
   * milliseconds of event time; `null` for a missed incident.
   */
  readonly delayMs: number | null;
}

/** A run as measured. */
export interface JudgedRun {
  readonly incidents: readonly JudgedIncident[];
  /** Alerts that belong to no incident. */
  readonly strays: readonly JudgedAlert[];
}

/** So long after its end an incident may still be told of: windows close, means fall. */
const tailMs = 3 * 60_000;

/** Gives each alert to the incident in whose time it fired. Incidents do not overlap. */
export function matchAlerts(incidents: readonly Incident[], alerts: readonly FiredAlert[]): JudgedRun {
  const strays: JudgedAlert[] = [];
  const byIncident = new Map<Incident, JudgedAlert[]>(incidents.map((incident) => [incident, []]));
  for (const alert of alerts) {
    const incident = incidents.find(
      ({ onsetAtMs, endAtMs }) => onsetAtMs <= alert.atMs && alert.atMs <= endAtMs + tailMs,
    );
    const judged = { ...alert, standing: standingOf(alert, incident ?? null) };
    const own = incident === undefined || judged.standing === 'false' ? undefined : byIncident.get(incident);
    (own ?? strays).push(judged);
  }
  return { incidents: [...byIncident].map(([incident, own]) => judgeIncident(incident, own)), strays };
}

function standingOf({ labels, condition, atMs }: FiredAlert, incident: Incident | null): Standing {
  if (condition === 'pipeline') return 'pipeline';
  if (incident === null || isRollback(condition, atMs, incident)) return 'false';
  const destination = known(labels['destination_service']);
  const version = known(labels['destination_version']);
  const namesEdge = destination === null && incident.source !== null && labels['source_service'] === incident.source;
  if (destination === incident.destination || namesEdge) {
    if (incident.version !== null && version !== null && version !== incident.version) return 'wrong_version';
    const isInnocent = condition === 'new_version' && incident.innocentVersion !== null;
    return isInnocent && version === incident.innocentVersion ? 'blames_deploy' : 'right';
  }
  const related = relatedServices(incident.destination);
  return related.has(destination ?? labels['source_service'] ?? '') ? 'related' : 'false';
}

/** A version that is taken back has no traffic any more, and that is as it should be. */
function isRollback(condition: string, atMs: number, { version, innocentVersion, endAtMs }: Incident): boolean {
  return (condition === 'dip' || condition === 'absent') && (version ?? innocentVersion) !== null && atMs > endAtMs;
}

function judgeIncident(incident: Incident, alerts: readonly JudgedAlert[]): JudgedIncident {
  const right = alerts.filter(({ standing }) => standing === 'right');
  const exact = right.filter(
    ({ labels }) => incident.version === null || labels['destination_version'] === incident.version,
  );
  const first = Math.min(...(exact.length > 0 ? exact : right).map(({ atMs }) => atMs));
  return {
    incident,
    alerts,
    isFound: right.length > 0,
    isVersionFound: exact.length > 0,
    delayMs: right.length > 0 ? first - incident.onsetAtMs : null,
  };
}

function known(label: string | undefined): string | null {
  return label === undefined || label === '' || label === 'unknown' ? null : label;
}
