// An incident: the alerts of one group from the first that fires until all are resolved, and who has been told what of it. Plain JSON: it
// is notify's state, written before anybody is told and again after, so that a restart neither forgets nor repeats.
import type { CountExample } from '#core/count/count-row.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import type { Labels } from '#core/labels.ts';

/** What the message of a resolution still needs of the firing. */
export interface FiringFacts {
  /** Identity of the alert's firing. */
  readonly key: string;
  /** Event time at which the condition became true. */
  readonly sinceAtMs: number;
  readonly examples: readonly CountExample[];
}

/** Why a firing alert is not told: a closed list, also a metric label. */
export const holdReasons = ['inhibited', 'silenced', 'muted'] as const;
export type HoldReason = (typeof holdReasons)[number];

/** An alert of an incident. */
export interface IncidentAlert {
  /** Its latest step, `firing` or `resolved`. */
  readonly transition: AlertTransition;
  readonly firing: FiringFacts;
  /** Id of the step that the message shows; `null`: the message does not show the alert. */
  readonly shownId: string | null;
  /** Why it is not told, or no more of it; `null` while nothing is in the way. */
  readonly held: HoldReason | null;
  /** What inhibited it is over: until this time, by the clock of the alerts, it is held all the same. */
  readonly heldUntilMs?: number;
}

/** Something said once, below the message. `id` tells it from others. */
export interface IncidentReply {
  readonly id: string;
  readonly kind: 'severity' | 'reminder' | 'silence_ends' | 'follows';
  readonly atMs: number;
  /** Of a silence: whose, until when. */
  readonly author?: string;
  readonly untilMs?: number;
  /** What it turned out to follow from: the labels of that alert, `alertname` among them. */
  readonly cause?: Labels;
}

/** What one place was told. */
export interface Told {
  /** Step that the message shows there. */
  readonly step: string;
  /** Id of the last reply there; `null` for none. */
  readonly reply: string | null;
  /** Where the message is. */
  readonly handle: { readonly channel: string; readonly ts: string };
  /** Who took the message: the messenger, or the fallback because the messenger refused for good. */
  readonly via: 'messenger' | 'fallback';
}

/** An incident that is not over, or whose end is not told everywhere. */
export interface Incident {
  /** Identity; travels with every message. */
  readonly key: string;
  /** The group that it is about; the group's next incident has the same. */
  readonly groupId: string;
  readonly groupLabels: Labels;
  readonly routeId: string;
  readonly receiver: string;
  readonly targets: readonly string[];
  readonly alerts: readonly IncidentAlert[];
  /** Event time of its first alert's arrival: `group_wait` begins. */
  readonly beganAtMs: number;
  /** Id of the transition up to which it is to be told; `null`: nobody is to be told yet. */
  readonly step: string | null;
  /** When `step` was last changed, by the clock of the alerts: `group_interval` begins. */
  readonly stepAtMs: number;
  /** When people were last called, not only a message edited: `repeat_interval` begins. */
  readonly calledAtMs: number;
  readonly reply: IncidentReply | null;
  readonly told: Readonly<Record<string, Told>>;
}

/** Identity of one firing of an alert, so that the next one is another. */
export function incidentKey(transition: AlertTransition): string {
  return `${transition.fingerprint}-${transition.sinceAtMs}`;
}

/** What is remembered of a firing transition; of a repeated one, the alert keeps its beginning. */
export function toFiringFacts(transition: AlertTransition, before: FiringFacts | null): FiringFacts {
  const { sinceAtMs, examples } = transition;
  return before === null
    ? { key: incidentKey(transition), sinceAtMs, examples }
    : { ...before, examples: examples.length > 0 ? examples : before.examples };
}

/** Whether its message shows alerts and all of them are resolved. */
export function isOver({ alerts, step }: Incident): boolean {
  return step !== null && alerts.every(({ transition }) => transition.status === 'resolved');
}

/** Whether a place still has to be told something. */
export function isOwedTo(incident: Incident, target: string): boolean {
  const told = Object.hasOwn(incident.told, target) ? incident.told[target] : undefined;
  if (incident.step === null) return false;
  return told?.step !== incident.step || told.reply !== (incident.reply?.id ?? told.reply);
}

/** Whether nothing is left to be done: it is over, and everybody knows. */
export function isDone(incident: Incident): boolean {
  return isOver(incident) && incident.targets.every((target) => !isOwedTo(incident, target));
}
