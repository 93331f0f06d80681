// notify: alert transitions → messages to people. One transition at a time: tell, then hand over the incident's state with the offset.
// So after a crash only the first transition that tells anybody may have been told already, and for that one we look first.
import type { AlertTransition } from '#core/evaluate/transition.ts';
import { decodeTransition } from '#core/evaluate/transition-wire.ts';
import { maskExamples, maskTransition } from '#core/mask/mask-counts.ts';
import type { Masker } from '#core/mask/masker.ts';
import type { OpenIncident } from '#core/notify/incident.ts';
import { toFiringFacts } from '#core/notify/incident.ts';
import type { MessageContent } from '#core/notify/message.ts';
import { decodeNotifyState, encodeNotifyState } from '#core/notify/notify-state-wire.ts';
import type { NotifyPlan } from '#core/notify/plan.ts';
import { planNotification } from '#core/notify/plan.ts';
import type { RenderSettings } from '#core/notify/render.ts';
import { renderMessage } from '#core/notify/render.ts';
import type { Messenger } from '#ports/messenger.ts';
import type {
  ConsumeOptions,
  OpenedPartition,
  OutputRecord,
  PartitionProcessor,
  StreamBatch,
  StreamRecord,
} from '#ports/record-stream.ts';
import { metrics } from '#telemetry/metrics.ts';
import { countMasked } from './count-masked.ts';
import { encodeDeadLetter } from './dead-letter.ts';
import type { DeliverySettings } from './delivery.ts';
import { Delivery, deliveryDefaults } from './delivery.ts';
import type { LoopDeps } from './loop-deps.ts';
import type { TopicNames } from './topics.ts';

/** Settings of notify. */
export interface NotifySettings extends DeliverySettings {
  readonly names: TopicNames;
  readonly render: RenderSettings;
  /** Every text of a message that comes from lines or rules goes through it. */
  readonly masker: Masker;
  /** Incidents of one partition that are remembered; beyond it the oldest is forgotten and its end is not shown. */
  readonly maxOpenIncidents: number;
  readonly tickMs: number;
}

/** Everything but the names of topics, how messages read and what is masked in them. */
export const notifyDefaults: Omit<NotifySettings, 'names' | 'render' | 'masker'> = {
  ...deliveryDefaults,
  // More alerts at once than anybody reads, at about 1 KB each.
  maxOpenIncidents: 10_000,
  tickMs: 1000,
};

/** What notify needs. `fallback` takes what the messenger refuses for good: nothing is lost in silence. */
export interface NotifyDeps extends LoopDeps {
  readonly messenger: Messenger;
  readonly fallback: Messenger;
}

/** The notify loop, to be run by a record stream. */
export function createNotifyLoop(settings: NotifySettings, deps: NotifyDeps): ConsumeOptions {
  return {
    loop: 'notify',
    topics: [settings.names.alerts],
    stateTopic: settings.names.notifyState,
    tickMs: settings.tickMs,
    open: (opened) => {
      const processor = new NotifyPartition(settings, deps, opened);
      return Promise.resolve({ processor, startOffset: opened.committedOffset ?? 'earliest' });
    },
  };
}

class NotifyPartition implements PartitionProcessor {
  readonly #settings: NotifySettings;
  readonly #deps: NotifyDeps;
  readonly #opened: OpenedPartition;
  readonly #delivery: Delivery;
  /** By fingerprint, the one told last at the end: a mirror of the state topic's partition, in its order. */
  readonly #open = new Map<string, OpenIncident>();
  #deadLetters: OutputRecord[] = [];
  /** Until the first telling was committed, an earlier owner may have told it and died before its commit. */
  #mayBeTold = true;
  #committedOffset: number;

  constructor(settings: NotifySettings, deps: NotifyDeps, opened: OpenedPartition) {
    this.#settings = settings;
    this.#deps = deps;
    this.#opened = opened;
    this.#delivery = new Delivery(settings, deps, opened.signal);
    this.#committedOffset = opened.committedOffset ?? 0;
    for (const [fingerprint, value] of opened.state) this.#restore(fingerprint, value);
  }

  async process(batch: StreamBatch): Promise<void> {
    for (const [i, record] of batch.records.entries()) {
      const isLast = i === batch.records.length - 1;
      await this.#take(record, isLast ? batch.nextOffset : record.offset + 1);
    }
    // What told nobody is handed over with the batch, not one by one.
    if (batch.nextOffset > this.#committedOffset) await this.#commit([], batch.nextOffset);
  }

  tick(): Promise<void> {
    return Promise.resolve();
  }

  drain(): Promise<void> {
    // Every batch is handed over before the next one comes: nothing is left to finish.
    return Promise.resolve();
  }

  async #take(record: StreamRecord, nextOffset: number): Promise<void> {
    const outcome = decodeTransition(record.value ?? new Uint8Array(0));
    if (outcome.kind !== 'ok') {
      this.#setAside(record, outcome.kind === 'skip' ? outcome.reason : outcome.detail);
      return;
    }
    const transition = outcome.value;
    const plan = planNotification(transition, this.#open.get(transition.fingerprint) ?? null);
    if (plan.kind === 'ignore') {
      this.#ignore(transition, plan.reason);
      return;
    }
    const content = this.#render(record, transition, plan);
    if (content !== null) await this.#tell(transition, plan, { content, nextOffset });
  }

  async #tell(
    transition: AlertTransition,
    plan: Exclude<NotifyPlan, { kind: 'ignore' }>,
    { content, nextOffset }: { readonly content: MessageContent; readonly nextOffset: number },
  ): Promise<void> {
    const { fingerprint } = transition;
    const before = plan.kind === 'post' ? null : plan.open;
    const told = await this.#delivery.deliver({ content, before, mustLook: this.#mayBeTold });
    if (plan.kind === 'close') {
      await this.#commit([this.#stateRecord(fingerprint, null)], nextOffset);
      this.#open.delete(fingerprint);
    } else {
      const { id: step, atMs: stepAtMs } = transition;
      const incident: OpenIncident = { firing: toFiringFacts(transition, before), step, stepAtMs, ...told };
      const forgotten = this.#oldestBeyondCap(fingerprint);
      const records = [this.#stateRecord(fingerprint, incident)];
      if (forgotten !== null) records.push(this.#stateRecord(forgotten, null));
      await this.#commit(records, nextOffset);
      this.#open.delete(fingerprint);
      this.#open.set(fingerprint, incident);
      if (forgotten !== null) this.#open.delete(forgotten);
    }
    this.#mayBeTold = false;
  }

  /** `null` where the transition cannot be shown: our own record with something else inside than its version promises. */
  #render(record: StreamRecord, transition: AlertTransition, plan: NotifyPlan): MessageContent | null {
    const before = plan.kind === 'update' || plan.kind === 'close' ? plan.open.firing : null;
    try {
      const { masker, render } = this.#settings;
      // Rendered from what is masked, so that nothing is cut in half before it is recognised.
      const masked = before === null ? null : { ...before, examples: maskExamples(before.examples, masker) };
      const content = renderMessage(maskTransition(transition, masker), masked, render);
      countMasked(masker, this.#deps.meter);
      return content;
    } catch (error) {
      this.#setAside(record, `cannot be shown: ${String(error)}`);
      return null;
    }
  }

  #setAside(record: StreamRecord, detail: string): void {
    const { logger, meter } = this.#deps;
    const { origin } = this.#opened;
    const reason = 'unreadable_internal_record';
    logger.error('an alert transition cannot be read; it is in the dead-letter topic', {
      partition: origin.partition,
      offset: record.offset,
      detail,
    });
    meter.add(metrics.deadLetters, 1, { loop: 'notify', reason });
    const value = record.value ?? new Uint8Array(0);
    const letter = { origin, offset: record.offset, loop: 'notify', reason, detail, value } as const;
    this.#deadLetters.push(encodeDeadLetter(this.#settings.names.deadLetters, letter));
  }

  #ignore(transition: AlertTransition, reason: Extract<NotifyPlan, { kind: 'ignore' }>['reason']): void {
    this.#deps.meter.add(metrics.messages, 1, { outcome: reason });
    this.#deps.logger.debug('nobody is told of a transition', { transition: transition.id, reason });
  }

  #restore(fingerprint: string, value: Uint8Array): void {
    const outcome = decodeNotifyState(value);
    if (outcome.kind === 'ok') {
      this.#open.set(fingerprint, outcome.value);
      return;
    }
    // Its message stays as it is; a later firing of the alert is told as a new incident.
    this.#deps.meter.add(metrics.deadLetters, 1, { loop: 'notify', reason: 'unreadable_internal_record' });
    this.#deps.logger.error('the state of an open incident cannot be read: its end will not be shown', {
      fingerprint,
      detail: outcome.kind === 'dead-letter' ? outcome.detail : outcome.reason,
    });
  }

  #oldestBeyondCap(fingerprint: string): string | null {
    if (this.#open.has(fingerprint) || this.#open.size < this.#settings.maxOpenIncidents) return null;
    const [oldest] = this.#open.keys();
    if (oldest === undefined) return null;
    this.#deps.meter.add(metrics.messages, 1, { outcome: 'forgotten' });
    this.#deps.logger.error('too many open incidents: the oldest is forgotten, its end will not be shown', {
      fingerprint: oldest,
      maxOpenIncidents: this.#settings.maxOpenIncidents,
    });
    return oldest;
  }

  #stateRecord(fingerprint: string, incident: OpenIncident | null): OutputRecord {
    const { partition } = this.#opened.origin;
    const value = incident === null ? null : encodeNotifyState(incident);
    return { topic: this.#settings.names.notifyState, partition, key: fingerprint, value };
  }

  async #commit(records: readonly OutputRecord[], nextOffset: number): Promise<void> {
    await this.#opened.handOver.commit({ records: [...this.#deadLetters, ...records], nextOffset });
    this.#deadLetters = [];
    this.#committedOffset = nextOffset;
  }
}
