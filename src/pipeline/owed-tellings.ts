// What each place is owed: incidents whose message there does not show what it should, in the order in which they changed.
import type { Incident } from '#core/notify/incident.ts';
import { isOwedTo } from '#core/notify/incident.ts';
import type { IncidentBook } from '#core/notify/incident-book.ts';

/** Something owed. `mustLook`: an earlier owner may have told it without a record of it. */
export interface Owed {
  readonly incident: Incident;
  readonly mustLook: boolean;
}

/** Keys of incidents by place. */
export class OwedTellings {
  readonly #book: IncidentBook;
  readonly #keys: ReadonlyMap<string, Set<string>>;
  /** `key/place` of what was owed already when the partition was opened. */
  readonly #doubtful = new Set<string>();

  constructor(book: IncidentBook, places: readonly string[]) {
    this.#book = book;
    this.#keys = new Map(places.map((place) => [place, new Set<string>()]));
    this.changed(book.list());
    for (const [place, keys] of this.#keys) for (const key of keys) this.#doubtful.add(`${key}/${place}`);
  }

  /** Notes incidents that changed. */
  changed(incidents: readonly Incident[]): void {
    for (const incident of incidents) {
      for (const place of incident.targets) if (isOwedTo(incident, place)) this.#keys.get(place)?.add(incident.key);
    }
  }

  /** What the place is owed and changed longest ago; `null` for nothing. */
  next(place: string): Owed | null {
    const keys = this.#keys.get(place);
    for (const key of keys ?? []) {
      const incident = this.#book.incident(key);
      if (incident !== null && isOwedTo(incident, place)) {
        return { incident, mustLook: this.#doubtful.has(`${key}/${place}`) };
      }
      keys?.delete(key);
    }
    return null;
  }

  /** From here on the incident's message there is known. */
  told(key: string, place: string): void {
    this.#doubtful.delete(`${key}/${place}`);
  }
}
