// What notify would tell people of a sequence of transitions, without telling anybody: routes, groups, inhibitions and rendered messages in
// event time. For rule tests and backtests.
import { systemClock } from '#adapters/system/clock.ts';
import { configuredMasker } from '#app/masker.ts';
import { toRouting } from '#app/notify-routing.ts';
import type { Settings } from '#config/settings.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import type { HoldReason, Incident } from '#core/notify/incident.ts';
import { holdReasons, isOwedTo } from '#core/notify/incident.ts';
import { IncidentBook } from '#core/notify/incident-book.ts';
import type { MessageContent } from '#core/notify/message.ts';
import { compileRouting, type Routing } from '#core/notify/routing.ts';
import { IncidentMessages } from '#pipeline/incident-messages.ts';
import { notifyDefaults } from '#pipeline/notify-loop.ts';
import { silentLogger } from '#ports/logger.ts';

/** One message, or one edit or reply of it, in one place. */
export interface Telling {
  readonly atMs: number;
  readonly receiver: string;
  /** Id of the place. */
  readonly target: string;
  readonly kind: 'posted' | 'edited' | 'reply';
  readonly content: MessageContent;
  /** What is said below the message; `null` for nothing. */
  readonly reply: string | null;
  /** Ids of the transitions that the message shows. */
  readonly shownIds: ReadonlySet<string>;
}

const silentMeter = { add: () => undefined, set: () => undefined, observe: () => undefined };
/** How often what waits is looked at, as notify does. */
const waitStepMs = notifyDefaults.reviewMs;
/** How often what is held back or may be repeated is looked at: the finest grain of time intervals and reminders. */
const holdStepMs = 60_000;

/** Takes transitions in the order of their event time. Deterministic. */
export class NotifyRehearsal {
  readonly tellings: Telling[] = [];
  readonly #held = new Map<string, HoldReason>();
  readonly #book: IncidentBook;
  readonly #routing: Routing;
  readonly #messages: IncidentMessages;
  #nowMs = Number.NEGATIVE_INFINITY;

  constructor(settings: Settings) {
    const { notify } = settings;
    this.#routing = compileRouting(toRouting(settings));
    this.#book = new IncidentBook(this.#routing, { ...notifyDefaults.book, maxIncidents: notify.maxOpenIncidents });
    const render = {
      timeZone: notify.timeZone,
      language: notify.language,
      searchUrlTemplate: notify.requestUrl ?? null,
    };
    const deps = { logger: silentLogger, meter: silentMeter, clock: systemClock };
    this.#messages = new IncidentMessages({ render, masker: configuredMasker(settings) }, deps);
  }

  /** Takes the next transition. */
  take(transition: AlertTransition): void {
    this.advance(transition.atMs);
    this.#nowMs = Math.max(this.#nowMs, transition.atMs);
    const outcome = this.#book.take(transition);
    const held = holdReasons.find((reason) => reason === outcome);
    if (held !== undefined) this.#held.set(transition.id, held);
    this.#tell();
  }

  /** Lets time pass: what waited for its group is told, reminders are given. */
  advance(atMs: number): void {
    for (let next = this.#nextReviewMs(); next < atMs; next = this.#nextReviewMs()) {
      this.#nowMs = next;
      this.#book.review(next);
      this.#tell();
    }
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  /** Ends the rehearsal `lateMs` after the last transition, whatever waits longer. */
  finish(lateMs: number): void {
    if (Number.isFinite(this.#nowMs)) this.advance(this.#nowMs + lateMs);
  }

  /** Why nobody was told of a transition when it came; `null` where nothing was in the way. */
  heldBy(transitionId: string): HoldReason | null {
    return this.#held.get(transitionId) ?? null;
  }

  #nextReviewMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const incident of this.#book.list()) {
      const isWaiting = incident.alerts.some(
        ({ transition, shownId, held }) => transition.id !== shownId && held === null,
      );
      if (isWaiting) return this.#nowMs + waitStepMs;
      const isHeld = incident.alerts.some(({ held }) => held !== null);
      const repeats = this.#routing.routeById(incident.routeId)?.repeatIntervalMs ?? null;
      if (isHeld) next = Math.min(next, this.#nowMs + holdStepMs);
      else if (repeats !== null)
        next = Math.min(next, Math.max(incident.calledAtMs + repeats, this.#nowMs + waitStepMs));
    }
    return next;
  }

  #tell(): void {
    for (const key of this.#book.takeChanges().incidents) {
      const incident = this.#book.incident(key);
      if (incident === null) continue;
      for (const { transition, shownId, held } of incident.alerts) {
        if (held !== null && shownId !== transition.id) this.#held.set(transition.id, held);
      }
      for (const target of incident.targets) if (isOwedTo(incident, target)) this.#tellPlace(incident, target);
    }
    this.#book.takeChanges();
  }

  #tellPlace(incident: Incident, target: string): void {
    const { content, reply, before } = this.#messages.order(incident, target, false);
    const isNewReply = reply !== null && reply.id !== before?.reply;
    const shown = incident.alerts.flatMap(({ shownId }) => (shownId === null ? [] : [shownId]));
    const told = { atMs: this.#nowMs, receiver: incident.receiver, target, content, shownIds: new Set(shown) };
    if (before?.step !== content.step) {
      this.tellings.push({ ...told, kind: before === null ? 'posted' : 'edited', reply: null });
    }
    if (isNewReply) this.tellings.push({ ...told, kind: 'reply', reply: reply.text });
    const handle = before?.handle ?? { channel: target, ts: incident.key };
    this.#book.noteTold(incident.key, target, {
      step: content.step,
      reply: incident.reply?.id ?? null,
      handle,
      via: 'messenger',
    });
  }
}
