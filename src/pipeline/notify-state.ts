// What notify writes: its state beside its offsets, and what it cannot read. One hand-over at a time, whoever asks for it.
import { type Incident, isDone } from '#core/notify/incident.ts';
import type { IncidentBook } from '#core/notify/incident-book.ts';
import { decodeIncident, encodeIncident, incidentStateKey } from '#core/notify/notify-state-wire.ts';
import type { Routing } from '#core/notify/routing.ts';
import type { Silence } from '#core/notify/silence.ts';
import { decodeSilence, encodeSilence, isSilenceKey, silenceKey } from '#core/notify/silence-wire.ts';
import type { OpenedPartition, OutputRecord, StreamRecord } from '#ports/record-stream.ts';
import { metrics } from '#telemetry/metrics.ts';
import { encodeRecordLetter } from './dead-letter.ts';
import type { LoopDeps } from './loop-deps.ts';
import type { TopicNames } from './topics.ts';

/** The state topic and the dead letters of one partition. */
export class NotifyState {
  readonly #names: TopicNames;
  readonly #deps: LoopDeps;
  readonly #opened: OpenedPartition;
  #deadLetters: OutputRecord[] = [];
  #last: Promise<void> = Promise.resolve();
  #committedOffset: number;

  constructor(names: TopicNames, deps: LoopDeps, opened: OpenedPartition) {
    this.#names = names;
    this.#deps = deps;
    this.#opened = opened;
    this.#committedOffset = opened.committedOffset ?? 0;
  }

  get committedOffset(): number {
    return this.#committedOffset;
  }

  /** Puts what the state topic holds into the book. Places that are configured no more are told no more. */
  restore(
    book: IncidentBook,
    { places, routing }: { readonly places: readonly string[]; readonly routing: Routing },
  ): void {
    for (const [key, value] of this.#opened.state) {
      const outcome = isSilenceKey(key) ? decodeSilence(value) : decodeIncident(value);
      if (outcome.kind !== 'ok') {
        this.#reportUnreadable(key, outcome.kind === 'dead-letter' ? outcome.detail : outcome.reason);
        continue;
      }
      if ('matchers' in outcome.value) {
        book.putSilence(outcome.value);
        continue;
      }
      const incident = outcome.value;
      const wanted = routing.routeById(incident.routeId)?.targets ?? incident.targets;
      const restored = { ...incident, targets: wanted.filter((target) => places.includes(target)) };
      // Left over from places that are gone: nobody is owed anything.
      if (!isDone(restored)) book.restore(restored);
    }
    // What was read is what is there.
    book.takeChanges();
  }

  /** Resolves when `records` and the dead letters so far are handed over; `nextOffset` `null` leaves the offset where it is. */
  commit(records: readonly OutputRecord[], nextOffset: number | null): Promise<void> {
    const handOver = this.#last.then(async () => {
      const letters = this.#deadLetters;
      this.#deadLetters = [];
      const offset = Math.max(this.#committedOffset, nextOffset ?? 0);
      await this.#opened.handOver.commit({ records: [...letters, ...records], nextOffset: offset });
      this.#committedOffset = offset;
    });
    // A hand-over that failed fails the next one as well; who waits for this one hears of it.
    this.#last = handOver.catch(() => undefined);
    return handOver;
  }

  /** State records of incidents; `null` deletes one. */
  incidentRecords(incidents: readonly (readonly [key: string, incident: Incident | null])[]): readonly OutputRecord[] {
    return incidents.map(([key, incident]) =>
      this.#record(incidentStateKey(key), incident === null ? null : encodeIncident(incident)),
    );
  }

  /** State records of silences; `null` deletes one. */
  silenceRecords(silences: readonly (readonly [id: string, silence: Silence | null])[]): readonly OutputRecord[] {
    return silences.map(([id, silence]) =>
      this.#record(silenceKey(id), silence === null ? null : encodeSilence(silence)),
    );
  }

  /** Puts a record of the input into the dead-letter topic, with the next hand-over. */
  setAside(record: StreamRecord, detail: string): void {
    const { logger, meter } = this.#deps;
    const { origin } = this.#opened;
    const reason = 'unreadable_internal_record';
    logger.error('a record of the alerts cannot be read; it is in the dead-letter topic', {
      partition: origin.partition,
      offset: record.offset,
      detail,
    });
    meter.add(metrics.deadLetters, 1, { loop: 'notify', reason });
    const letter = { origin, loop: 'notify', record, reason, detail } as const;
    this.#deadLetters.push(encodeRecordLetter(this.#names.deadLetters, letter));
  }

  #reportUnreadable(key: string, detail: string): void {
    // A message stays as it is; a later firing of the alert is told as a new incident.
    this.#deps.meter.add(metrics.deadLetters, 1, { loop: 'notify', reason: 'unreadable_internal_record' });
    this.#deps.logger.error('the state of an open incident or a silence cannot be read: its end will not be shown', {
      key,
      detail,
    });
  }

  #record(key: string, value: string | null): OutputRecord {
    return { topic: this.#names.notifyState, partition: this.#opened.origin.partition, key, value };
  }
}
