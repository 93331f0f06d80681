// An incident: one alert firing once, from its start to its resolution. What notify remembers of it while it is open.
import type { CountExample } from '#core/count/count-row.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';

/** What the message of a resolution still needs of the firing. */
export interface FiringFacts {
  /** Identity of the incident. */
  readonly key: string;
  /** Event time at which the condition became true. */
  readonly sinceAtMs: number;
  readonly examples: readonly CountExample[];
}

/** An incident that people were told of and that is not resolved. */
export interface OpenIncident {
  readonly firing: FiringFacts;
  /** Id of the transition that the message shows. */
  readonly step: string;
  /** Event time of that transition. */
  readonly stepAtMs: number;
  /** Where the message is. */
  readonly handle: { readonly channel: string; readonly ts: string };
  /** Who took the message: the messenger, or the fallback because the messenger refused for good. */
  readonly via: 'messenger' | 'fallback';
}

/** Identity of the incident that a transition belongs to: the alert and when it began, so that the next one is another. */
export function incidentKey(transition: AlertTransition): string {
  return `${transition.fingerprint}-${transition.sinceAtMs}`;
}

/** What is remembered of a firing transition; of a repeated one, the incident keeps its beginning. */
export function toFiringFacts(transition: AlertTransition, open: OpenIncident | null): FiringFacts {
  const { sinceAtMs, examples } = transition;
  return open === null
    ? { key: incidentKey(transition), sinceAtMs, examples }
    : { ...open.firing, examples: examples.length > 0 ? examples : open.firing.examples };
}
