// notify at work on one partition of alerts: takes records one at a time, keeps the book of incidents and its mirror in the state topic,
// and keeps the lanes busy. While every place is away records wait: that is the backpressure.
import type { AlertTransition } from '#core/evaluate/transition.ts';
import { decodeTransition } from '#core/evaluate/transition-wire.ts';
import { IncidentBook } from '#core/notify/incident-book.ts';
import type { Routing } from '#core/notify/routing.ts';
import { silenceStatus } from '#core/notify/silence.ts';
import { decodeSilence, isSilenceKey } from '#core/notify/silence-wire.ts';
import type { Messenger } from '#ports/messenger.ts';
import type { OpenedPartition, PartitionProcessor, StreamBatch, StreamRecord } from '#ports/record-stream.ts';
import { metrics } from '#telemetry/metrics.ts';
import type { Delivered } from './delivery.ts';
import { Delivery } from './delivery.ts';
import { DeliveryLane, type LaneOwner } from './delivery-lane.ts';
import { IncidentMessages } from './incident-messages.ts';
import type { LoopDeps } from './loop-deps.ts';
import type { NotifySettings } from './notify-loop.ts';
import { NotifyState } from './notify-state.ts';
import { OwedTellings } from './owed-tellings.ts';

/** What a partition of notify needs. */
export interface NotifyPartitionDeps extends LoopDeps {
  readonly fallback: Messenger;
  readonly routing: Routing;
  /** Every place that is told, by its id. */
  readonly places: ReadonlyMap<string, Messenger>;
}

/** The processor of one partition. */
export class NotifyPartition implements PartitionProcessor, LaneOwner {
  readonly #settings: NotifySettings;
  readonly #deps: NotifyPartitionDeps;
  readonly #book: IncidentBook;
  readonly #state: NotifyState;
  readonly #messages: IncidentMessages;
  readonly #owed: OwedTellings;
  readonly #lanes: ReadonlyMap<string, DeliveryLane>;
  /** Steps whose telling is to be counted, by the incident's key: each transition counts once. */
  readonly #toCount = new Map<string, string>();
  /** Event time of the newest transition, and the wall clock then: the alerts' clock goes on from there. */
  #anchor: { readonly atMs: number; readonly wallMs: number } | null = null;
  #reviewedAtMs = Number.NEGATIVE_INFINITY;
  #rang: () => void = () => undefined;

  constructor(settings: NotifySettings, deps: NotifyPartitionDeps, opened: OpenedPartition) {
    this.#settings = settings;
    this.#deps = deps;
    this.#book = new IncidentBook(deps.routing, { ...settings.book, maxIncidents: settings.maxOpenIncidents });
    this.#state = new NotifyState(settings.names, deps, opened);
    this.#messages = new IncidentMessages(settings, deps);
    const places = [...deps.places.keys()];
    this.#state.restore(this.#book, { places, routing: deps.routing });
    this.#owed = new OwedTellings(this.#book, places);
    this.#lanes = new Map(
      [...deps.places].map(([target, messenger]) => {
        const delivery = new Delivery(settings, { ...deps, messenger }, opened.signal);
        return [target, new DeliveryLane(target, delivery, this, () => this.#rang())] as const;
      }),
    );
  }

  async process(batch: StreamBatch): Promise<void> {
    await this.#tellOwed();
    for (const [i, record] of batch.records.entries()) {
      const isLast = i === batch.records.length - 1;
      await this.#take(record, isLast ? batch.nextOffset : record.offset + 1);
    }
    // What told nobody is handed over with the batch, not one by one.
    if (batch.nextOffset > this.#state.committedOffset) await this.#state.commit([], batch.nextOffset);
  }

  async tick(nowMs: number): Promise<void> {
    this.#throwIfFailed();
    if (nowMs - this.#reviewedAtMs >= this.#settings.reviewMs) {
      this.#reviewedAtMs = nowMs;
      await this.#review(nowMs, false);
    }
    for (const lane of this.#lanes.values()) lane.wake();
  }

  async drain(): Promise<void> {
    // What waits for its group is told early rather than late; a place that is away is told by the next owner.
    await this.#review(this.#deps.clock.nowMs(), true);
    await this.#tellOwed({ isStopping: true });
  }

  next(target: string): ReturnType<LaneOwner['next']> {
    const owed = this.#owed.next(target);
    if (owed === null) return null;
    return { key: owed.incident.key, order: this.#messages.order(owed.incident, target, owed.mustLook) };
  }

  async delivered(key: string, target: string, { told, outcome }: Delivered): Promise<void> {
    const before = this.#book.incident(key)?.told[target];
    const { meter } = this.#deps;
    if (before?.step !== told.step) meter.add(metrics.deliveries, 1, { target, outcome });
    if (this.#toCount.get(key) === told.step) {
      this.#toCount.delete(key);
      meter.add(metrics.messages, 1, { outcome });
    }
    this.#owed.told(key, target);
    this.#book.noteTold(key, target, told);
    await this.#commitChanges(null);
  }

  async #take(record: StreamRecord, nextOffset: number): Promise<void> {
    const { clock } = this.#deps;
    if (record.key !== null && isSilenceKey(Buffer.from(record.key).toString('utf8'))) {
      this.#takeSilence(record);
      this.#book.review(this.#alertsNow(clock.nowMs()));
    } else if (!this.#takeTransition(record)) return;
    if (await this.#commitChanges(nextOffset)) await this.#tellOwed();
  }

  /** Returns whether it is one. */
  #takeTransition(record: StreamRecord): boolean {
    const outcome = decodeTransition(record.value ?? new Uint8Array(0));
    if (outcome.kind !== 'ok') {
      this.#state.setAside(record, outcome.kind === 'skip' ? outcome.reason : outcome.detail);
      return false;
    }
    const transition = outcome.value;
    const problem = this.#messages.findProblem(transition);
    if (problem !== null) {
      this.#state.setAside(record, `cannot be shown: ${problem}`);
      return false;
    }
    if (this.#anchor === null || transition.atMs >= this.#anchor.atMs) {
      this.#anchor = { atMs: transition.atMs, wallMs: this.#deps.clock.nowMs() };
    }
    this.#count(transition, this.#book.take(transition));
    return true;
  }

  #count(transition: AlertTransition, taken: ReturnType<IncidentBook['take']>): void {
    const told = this.#book.list().filter(({ step, targets }) => step === transition.id && targets.length > 0);
    if (taken === 'to_tell' && told.length > 0) {
      // The first place that is told counts for the transition, in the first of its incidents.
      const [first] = told;
      if (first === undefined) return;
      // Its places are away, so this step was never shown: they will be shown the newer one.
      if (this.#toCount.has(first.key)) this.#deps.meter.add(metrics.messages, 1, { outcome: 'overtaken' });
      this.#toCount.set(first.key, transition.id);
      return;
    }
    const outcome = taken === 'to_tell' ? 'no_receiver' : taken;
    const { logger, meter } = this.#deps;
    meter.add(metrics.messages, 1, { outcome });
    const fields = { transition: transition.id, alert: transition.alert, reason: outcome };
    if (quietReasons.has(outcome)) logger.debug('nobody is told of a transition', fields);
    else logger.info('nobody is told of an alert', fields);
  }

  #takeSilence(record: StreamRecord): void {
    const outcome = decodeSilence(record.value ?? new Uint8Array(0));
    const { logger } = this.#deps;
    if (outcome.kind !== 'ok') {
      this.#state.setAside(record, outcome.kind === 'skip' ? outcome.reason : outcome.detail);
      return;
    }
    const { id, author, fromMs, untilMs } = outcome.value;
    const fields = { id, author, from: new Date(fromMs).toISOString(), until: new Date(untilMs).toISOString() };
    if (this.#book.putSilence(outcome.value)) logger.info('a silence was set', fields);
    else logger.error('too many silences: this one does not count', fields);
  }

  async #review(nowMs: number, isFinal: boolean): Promise<void> {
    const atMs = this.#alertsNow(nowMs);
    this.#book.review(atMs, isFinal);
    this.#book.dropExpired(atMs);
    for (const status of ['pending', 'active', 'expired'] as const) {
      const count = this.#book.silences.list().filter((silence) => silenceStatus(silence, atMs) === status).length;
      this.#deps.meter.set(metrics.silences, count, { status });
    }
    if (await this.#commitChanges(null)) for (const lane of this.#lanes.values()) lane.wake();
  }

  /** Writes down what changed, `nextOffset` with it. Returns whether anything had. */
  async #commitChanges(nextOffset: number | null): Promise<boolean> {
    const changes = this.#book.takeChanges();
    for (const { key } of changes.forgotten) {
      this.#toCount.delete(key);
      this.#reportForgotten(key);
    }
    const incidents = [...changes.incidents].map((key) => [key, this.#book.incident(key)] as const);
    const silences = changes.silences.map((id) => {
      return [id, this.#book.silences.list().find((silence) => silence.id === id) ?? null] as const;
    });
    if (incidents.length === 0 && silences.length === 0) return false;
    this.#owed.changed(incidents.map(([, incident]) => incident).filter((incident) => incident !== null));
    const records = [...this.#state.incidentRecords(incidents), ...this.#state.silenceRecords(silences)];
    await this.#state.commit(records, nextOffset);
    return true;
  }

  #reportForgotten(key: string): void {
    this.#deps.meter.add(metrics.messages, 1, { outcome: 'forgotten' });
    this.#deps.logger.error('too many open incidents: the oldest is forgotten, its end will not be shown', {
      key,
      maxOpenIncidents: this.#settings.maxOpenIncidents,
    });
  }

  /** Resolves when all places know what they are to know, but for those that are away while another is not. */
  async #tellOwed({ isStopping } = { isStopping: false }): Promise<void> {
    const lanes = [...this.#lanes.values()];
    for (const lane of lanes) lane.wake();
    for (;;) {
      this.#throwIfFailed();
      const working = lanes.filter(({ isFailing }) => !isFailing);
      const mayGoOn = working.length > 0 || lanes.length === 0 || isStopping;
      if (mayGoOn && working.every(({ isAtRest }) => isAtRest)) return;
      await new Promise<void>((resolve) => {
        this.#rang = resolve;
      });
    }
  }

  #throwIfFailed(): void {
    for (const lane of this.#lanes.values()) lane.throwIfFailed();
  }

  /** Now, by the alerts' clock: event time of the newest transition, carried on by the wall clock. */
  #alertsNow(nowMs: number): number {
    return this.#anchor === null ? nowMs : this.#anchor.atMs + Math.max(0, nowMs - this.#anchor.wallMs);
  }
}

/** Everyday outcomes; the others are somebody’s decision, and worth a line. */
const quietReasons: ReadonlySet<string> = new Set([
  'not_firing',
  'already_told',
  'no_incident',
  'older_than_incident',
  'waiting',
]);
