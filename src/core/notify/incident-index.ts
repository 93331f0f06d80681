// Incidents by what they are looked up by: key, group, alert. Used by the book of incidents alone.
import type { Incident } from './incident.ts';
import { isOver } from './incident.ts';
import { type FiringAlert, firingAlertOf } from './inhibition.ts';

/** The incidents of one partition. */
export class IncidentIndex {
  /** By key, the one changed last at the end. */
  readonly #incidents = new Map<string, Incident>();
  /** Key of the incident of a group that is not over. */
  readonly #openOf = new Map<string, string>();
  /** Keys of the incidents in which an alert fires, by fingerprint. */
  readonly #keysOf = new Map<string, Set<string>>();
  readonly #firing = new Map<string, FiringAlert>();

  get size(): number {
    return this.#incidents.size;
  }

  get(key: string): Incident | null {
    return this.#incidents.get(key) ?? null;
  }

  /** All, the one changed last at the end; a copy. */
  list(): readonly Incident[] {
    return [...this.#incidents.values()];
  }

  /** The one whose last change is longest ago. */
  oldest(): Incident | null {
    const [oldest] = this.#incidents.values();
    return oldest ?? null;
  }

  /** The incident of a group that is not over. */
  openOf(groupId: string): Incident | null {
    return this.get(this.#openOf.get(groupId) ?? '');
  }

  /** Every alert that fires. */
  firing(): Iterable<FiringAlert> {
    return this.#firing.values();
  }

  /** The incidents in which an alert fires. */
  withFiring(fingerprint: string): readonly Incident[] {
    return [...(this.#keysOf.get(fingerprint) ?? [])].map((key) => this.get(key)).filter((one) => one !== null);
  }

  /** Adds an incident, or replaces the one with its key. */
  set(incident: Incident): void {
    const { key } = incident;
    this.delete(key);
    this.#incidents.set(key, incident);
    if (!isOver(incident)) this.#openOf.set(incident.groupId, key);
    for (const { transition } of incident.alerts) {
      const { fingerprint, status } = transition;
      if (status !== 'firing') continue;
      this.#keysOf.set(fingerprint, (this.#keysOf.get(fingerprint) ?? new Set()).add(key));
      this.#firing.set(fingerprint, firingAlertOf(transition));
    }
  }

  delete(key: string): void {
    const incident = this.#incidents.get(key);
    if (incident === undefined) return;
    this.#incidents.delete(key);
    if (this.#openOf.get(incident.groupId) === key) this.#openOf.delete(incident.groupId);
    for (const { transition } of incident.alerts) {
      const keys = this.#keysOf.get(transition.fingerprint);
      keys?.delete(key);
      if (keys !== undefined && keys.size > 0) continue;
      this.#keysOf.delete(transition.fingerprint);
      this.#firing.delete(transition.fingerprint);
    }
  }
}
