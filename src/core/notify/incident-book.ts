// All that notify remembers of one partition of alerts: incidents and silences. Takes transitions and the passing of time, and says which
// incidents changed; the loop writes those down, then tells. Deterministic: the same calls in the same order give the same book.
import type { AlertTransition } from '#core/evaluate/transition.ts';
import { alertLabels } from './alert-matcher.ts';
import type { HoldReason, Incident, IncidentAlert, Told } from './incident.ts';
import { isDone, isOver, toFiringFacts } from './incident.ts';
import { alertOf, heldBackRest, isSame, newIncident, replaceAlert } from './incident-changes.ts';
import { IncidentIndex } from './incident-index.ts';
import { reviewIncident, type Surroundings } from './review.ts';
import { groupOf, type Route, type Routing } from './routing.ts';
import { type Silence, Silences, silenceStatus } from './silence.ts';

/** Bounds of the book. */
export interface BookLimits {
  /** Incidents; beyond it the oldest is forgotten. */
  readonly maxIncidents: number;
  /** Alerts of one incident; further ones are not told, and counted. */
  readonly maxAlerts: number;
  readonly maxSilences: number;
  readonly silenceNoticeMs: number;
  /** How long a silence is kept after its end, for `silence list`. */
  readonly keepExpiredMs: number;
}

/** What a transition came to: a closed list, also a metric label. `waiting`: the group's wait is not over. */
export type IntakeOutcome =
  | 'not_firing'
  | 'already_told'
  | 'no_incident'
  | 'older_than_incident'
  | 'shadow'
  | 'too_many_alerts'
  | HoldReason
  | 'waiting'
  | 'to_tell';

/** Incidents and silences that are no longer what the state topic holds. */
export interface BookChanges {
  /** Keys; those that `incident` does not know any more are to be deleted. */
  readonly incidents: ReadonlySet<string>;
  /** Incidents that were forgotten because there were too many. */
  readonly forgotten: readonly Incident[];
  readonly silences: readonly string[];
}

/** The book. Every method that changes it leaves what was changed for `takeChanges`. */
export class IncidentBook {
  readonly silences = new Silences();
  readonly #routing: Routing;
  readonly #limits: BookLimits;
  readonly #around: Surroundings;
  readonly #incidents = new IncidentIndex();
  #changed = new Set<string>();
  /** Keys of the incidents that the transition at hand is part of. */
  #touched = new Set<string>();
  #forgotten: Incident[] = [];
  #changedSilences = new Set<string>();

  constructor(routing: Routing, limits: BookLimits) {
    this.#routing = routing;
    this.#limits = limits;
    const { silences } = this;
    const firing = () => this.#incidents.firing();
    this.#around = { routing, silences, firing, silenceNoticeMs: limits.silenceNoticeMs };
  }

  get size(): number {
    return this.#incidents.size;
  }

  incident(key: string): Incident | null {
    return this.#incidents.get(key);
  }

  /** All incidents, the one changed last at the end. */
  list(): readonly Incident[] {
    return this.#incidents.list();
  }

  /** What the state topic held. */
  restore(incident: Incident): void {
    this.#incidents.set(incident);
  }

  /** Takes one transition; `atMs` of the transition is the time of the decision. */
  take(transition: AlertTransition): IntakeOutcome {
    if (transition.isShadow === true) return 'shadow';
    if (transition.status !== 'firing' && transition.status !== 'resolved') return 'not_firing';
    const known = this.#incidents.withFiring(transition.fingerprint);
    this.#touched = new Set();
    const outcome = transition.status === 'firing' ? this.#fire(transition, known) : this.#resolve(transition, known);
    if (outcome !== 'to_tell') return outcome;
    const touched = [...this.#touched].map((key) => [key, this.#incidents.get(key)?.step ?? null] as const);
    this.review(transition.atMs);
    return this.#outcomeOf(transition, touched);
  }

  /** Looks at what waits, is held back or is to be repeated, at a time. */
  review(atMs: number, isFinal = false): void {
    for (const incident of this.#incidents.list()) {
      if (!this.#isToReview(incident)) continue;
      const reviewed = reviewIncident(incident, this.#around, { atMs, isFinal });
      if (reviewed === null) this.#remove(incident);
      else this.#putReviewed(incident, reviewed);
    }
  }

  #isToReview(incident: Incident): boolean {
    if (incident.alerts.some(({ transition, shownId, held }) => transition.id !== shownId || held !== null))
      return true;
    if (isOver(incident)) return false;
    const { inhibition } = this.#routing;
    if (incident.alerts.some(({ transition }) => inhibition.mayFollow(alertLabels(transition)))) return true;
    return this.silences.size > 0 || this.#routing.routeById(incident.routeId)?.repeatIntervalMs !== null;
  }

  #putReviewed(before: Incident, reviewed: Incident): void {
    const rest = heldBackRest(reviewed);
    if (rest !== null) {
      // What people saw is over; what they were never told of would begin in a message that looks settled.
      this.#put({ ...reviewed, alerts: reviewed.alerts.filter(({ shownId }) => shownId !== null) });
      this.#put(rest);
    } else if (isDone(reviewed)) this.#remove(reviewed);
    else if (!isSame(before, reviewed)) this.#put(reviewed);
  }

  /** Adds or replaces a silence. Returns whether there was room. */
  putSilence(silence: Silence): boolean {
    const isNew = !this.silences.list().some(({ id }) => id === silence.id);
    if (isNew && this.silences.size >= this.#limits.maxSilences) return false;
    this.silences.put(silence);
    this.#changedSilences.add(silence.id);
    return true;
  }

  /** Forgets silences that are long over. */
  dropExpired(atMs: number): void {
    for (const silence of this.silences.list()) {
      if (silenceStatus(silence, atMs - this.#limits.keepExpiredMs) !== 'expired') continue;
      this.silences.delete(silence.id);
      this.#changedSilences.add(silence.id);
    }
  }

  /** Notes what a place was told. An incident that everybody knows to be over is forgotten. */
  noteTold(key: string, target: string, told: Told): void {
    const incident = this.#incidents.get(key);
    if (incident === null) return;
    const next = { ...incident, told: { ...incident.told, [target]: told } };
    if (isDone(next)) this.#remove(next);
    else this.#put(next);
  }

  /** What has changed since the last call. */
  takeChanges(): BookChanges {
    const changes = { incidents: this.#changed, forgotten: this.#forgotten, silences: [...this.#changedSilences] };
    this.#changed = new Set();
    this.#forgotten = [];
    this.#changedSilences = new Set();
    return changes;
  }

  #fire(transition: AlertTransition, known: readonly Incident[]): IntakeOutcome {
    const latest = known.map((incident) => alertOf(incident, transition.fingerprint)?.transition);
    if (latest.some((one) => one?.id === transition.id)) return 'already_told';
    if (latest.some((one) => one !== undefined && transition.atMs < one.atMs)) return 'older_than_incident';
    const alert = { fingerprint: transition.fingerprint, labels: alertLabels(transition) };
    const routes = this.#routing.routesOf(alert.labels);
    const kept = routes.filter((route) => this.#fireIn(route, transition, groupOf(route, alert)));
    return kept.length > 0 ? 'to_tell' : 'too_many_alerts';
  }

  #fireIn(route: Route, transition: AlertTransition, group: ReturnType<typeof groupOf>): boolean {
    const open = this.#incidents.openOf(group.id);
    const before = open === null ? undefined : alertOf(open, transition.fingerprint);
    // Another start without a resolution between: of an alert by itself that is another incident.
    const isAnother = before !== undefined && before.firing.sinceAtMs !== transition.sinceAtMs;
    if (open === null || (isAnother && route.groupBy === 'all')) {
      if (open !== null) this.#remove(open);
      this.#put(newIncident(route, transition, group));
      this.#forgetBeyondCap();
      return true;
    }
    const kept = before === undefined ? this.#withRoom(open.alerts) : open.alerts;
    if (kept === null) return false;
    const firing = toFiringFacts(transition, isAnother ? null : (before?.firing ?? null));
    const alert = { transition, firing, shownId: before?.shownId ?? null, held: before?.held ?? null };
    this.#put({ ...open, alerts: before === undefined ? [...kept, alert] : replaceAlert(kept, before, alert) });
    return true;
  }

  /** Room for one more alert: one that is over goes for it. `null`: there is none. */
  #withRoom(alerts: readonly IncidentAlert[]): readonly IncidentAlert[] | null {
    if (alerts.length < this.#limits.maxAlerts) return alerts;
    const gone = alerts.findIndex(({ transition, shownId }) => {
      return transition.status === 'resolved' && shownId === transition.id;
    });
    return gone < 0 ? null : alerts.filter((_alert, i) => i !== gone);
  }

  #resolve(transition: AlertTransition, known: readonly Incident[]): IntakeOutcome {
    if (known.length === 0) return 'no_incident';
    const fresh = known.filter((incident) => {
      const before = alertOf(incident, transition.fingerprint);
      return before !== undefined && transition.atMs >= before.transition.atMs;
    });
    if (fresh.length === 0) return 'older_than_incident';
    for (const incident of fresh) {
      const before = alertOf(incident, transition.fingerprint);
      if (before === undefined) continue;
      const alerts = replaceAlert(incident.alerts, before, { ...before, transition, held: null });
      this.#put({ ...incident, alerts });
    }
    return 'to_tell';
  }

  #outcomeOf(
    transition: AlertTransition,
    touched: readonly (readonly [key: string, stepBefore: string | null])[],
  ): IntakeOutcome {
    const alerts: IncidentAlert[] = [];
    for (const [key, stepBefore] of touched) {
      const incident = this.#incidents.get(key);
      // One that nobody is told of is gone as soon as it is over.
      if (incident?.step !== stepBefore && (incident !== null || stepBefore !== null)) return 'to_tell';
      if (incident === null) continue;
      const alert = alertOf(incident, transition.fingerprint);
      if (alert !== undefined) alerts.push(alert);
    }
    if (alerts.some(({ held, shownId }) => held === null || shownId !== null)) return 'waiting';
    return alerts[0]?.held ?? 'no_incident';
  }

  #put(incident: Incident): void {
    this.#incidents.set(incident);
    this.#changed.add(incident.key);
    this.#touched.add(incident.key);
  }

  #remove(incident: Incident): void {
    this.#incidents.delete(incident.key);
    this.#changed.add(incident.key);
  }

  #forgetBeyondCap(): void {
    if (this.#incidents.size <= this.#limits.maxIncidents) return;
    const oldest = this.#incidents.oldest();
    if (oldest === null) return;
    this.#remove(oldest);
    this.#forgotten.push(oldest);
  }
}
