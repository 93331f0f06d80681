// The world around the notify loop, in memory: a channel, a topic with its state and its committed offset, and accidents at any await.
// What happened in the channel and what was committed outlasts a crash; all else is lost.
import type { AlertTransition } from '#core/evaluate/transition.ts';
import { encodeTransition } from '#core/evaluate/transition-wire.ts';
import type { MessageContent } from '#core/notify/message.ts';
import { defaultRouting, defaultTarget, type RoutingConfig } from '#core/notify/routing.ts';
import type { Silence } from '#core/notify/silence.ts';
import { encodeSilence, silenceKey } from '#core/notify/silence-wire.ts';
import { createNotifyLoop, type NotifySettings, notifyDefaults } from '#pipeline/notify-loop.ts';
import { topicNames } from '#pipeline/topics.ts';
import { AdapterError } from '#ports/adapter-error.ts';
import type { MessageHandle, MessageReply, Messenger } from '#ports/messenger.ts';
import type { OpenedPartition, OutputRecord, StreamRecord } from '#ports/record-stream.ts';
import { defaultMasker } from './default-masker.ts';
import { CountingMeter, RecordingLogger, SkippingClock } from './recording.ts';

/** The process dies here: nothing after this point happens in it. */
class Killed extends Error {}

/** Every alert is an incident of its own: what most tests of notify are about. */
export const eachAlert: RoutingConfig = { ...defaultRouting, route: { ...defaultRouting.route, groupBy: 'all' } };

/** What goes wrong at an await: the process dies, or the call fails for now, or for good. */
export type Accident = 'kill' | 'retryable' | 'permanent';

/** Asked at every await, before the effect and after it; `null`: nothing goes wrong. */
export type Fate = (point: string) => Accident | null;

/** A message of the channel, with the steps that it showed, in order. */
export interface ChannelMessage {
  readonly key: string;
  readonly ts: string;
  readonly steps: string[];
}

/** A channel that takes posts and edits, with accidents. */
export class AccidentalMessenger implements Messenger {
  readonly messages: ChannelMessage[] = [];
  readonly calls: string[] = [];
  /** Ids of what was said below messages. */
  readonly replies: string[] = [];
  /** The latest content by key. */
  readonly contents = new Map<string, MessageContent>();
  readonly #name: string;
  readonly #fate: Fate;

  constructor(name: string, fate: Fate) {
    this.#name = name;
    this.#fate = fate;
  }

  async post(content: MessageContent): Promise<MessageHandle> {
    return await this.#call('post', () => {
      const ts = String(this.messages.length + 1);
      this.messages.push({ key: content.key, ts, steps: [content.step] });
      this.contents.set(content.key, content);
      return { channel: this.#name, ts };
    });
  }

  async update(handle: MessageHandle, content: MessageContent): Promise<MessageHandle> {
    return await this.#call('update', () => {
      const message = this.messages.find(({ ts }) => ts === handle.ts);
      if (message === undefined || handle.channel !== this.#name) throw new Error(`no message ${handle.ts} here`);
      this.contents.set(content.key, content);
      // An edit that changes nothing is none that anybody sees.
      if (message.steps.at(-1) !== content.step) message.steps.push(content.step);
      return handle;
    });
  }

  async reply(_handle: MessageHandle, { id }: MessageReply): Promise<void> {
    await this.#call('reply', () => void (this.replies.includes(id) || this.replies.push(id)));
  }

  async find(key: string): ReturnType<Messenger['find']> {
    return await this.#call('find', () => {
      const message = this.messages.findLast((one) => one.key === key);
      return message === undefined
        ? null
        : { handle: { channel: this.#name, ts: message.ts }, step: message.steps.at(-1) ?? '' };
    });
  }

  ping(): Promise<void> {
    return Promise.resolve();
  }

  async #call<T>(method: string, effect: () => T): Promise<T> {
    this.calls.push(method);
    await happen(this.#fate, `${method} before`);
    const result = effect();
    await happen(this.#fate, `${method} after`);
    return result;
  }
}

/** One partition of alerts, its state, and notify working on it. */
export class NotifyWorld {
  readonly clock = new SkippingClock();
  readonly meter = new CountingMeter();
  readonly logger = new RecordingLogger();
  readonly channel: AccidentalMessenger;
  readonly console: AccidentalMessenger;
  readonly state = new Map<string, Uint8Array>();
  readonly deadLetters: OutputRecord[] = [];
  committedOffset: number | null = null;
  controller = new AbortController();
  /** Other places than the default one, by id. */
  readonly places = new Map<string, AccidentalMessenger>();
  /** Wall time that passes after the last record, in seconds of ticks, before the loop stops. */
  tickSeconds = 0;
  readonly #records: StreamRecord[];
  readonly #fate: Fate;
  readonly #settings: NotifySettings;

  constructor(
    inputs: readonly (AlertTransition | Silence | string)[],
    fate: Fate,
    changes: Partial<NotifySettings> = {},
  ) {
    this.#fate = fate;
    this.channel = new AccidentalMessenger('C1', fate);
    this.console = new AccidentalMessenger('console', () => null);
    const render = { timeZone: 'UTC', language: 'en', searchUrlTemplate: null } as const;
    this.#settings = {
      ...notifyDefaults,
      routing: eachAlert,
      names: topicNames('flagwatch'),
      render,
      masker: defaultMasker,
      ...changes,
    };
    this.#records = inputs.map((input, i) => ({
      // Gaps, as transactions leave them.
      offset: i * 2,
      key: typeof input === 'object' && 'matchers' in input ? Buffer.from(silenceKey(input.id)) : null,
      value: Buffer.from(toText(input)),
    }));
    for (const id of Object.values(this.#settings.routing.receivers).flat()) {
      if (id !== defaultTarget) this.places.set(id, new AccidentalMessenger(id, (point) => fate(`${id} ${point}`)));
    }
  }

  /** Where reading ends. */
  get endOffset(): number {
    return this.#records.length * 2;
  }

  /** Opens the partition and works to its end. Rejects with what stopped it. */
  async work(batchSize = this.#records.length): Promise<void> {
    const { clock, meter, logger } = this;
    const deps = { messenger: this.channel, fallback: this.console, receivers: this.places, clock, meter, logger };
    const loop = createNotifyLoop(this.#settings, deps);
    const { processor, startOffset } = await loop.open(this.#opened());
    const from = startOffset === 'earliest' ? 0 : startOffset;
    const records = this.#records.filter(({ offset }) => offset >= from);
    for (let i = 0; i < records.length; i += batchSize) {
      const batch = records.slice(i, i + batchSize);
      await processor.process({ records: batch, nextOffset: (batch.at(-1)?.offset ?? 0) + 2, behind: 0 });
    }
    // What an earlier owner left owed is told even where nothing is left to be read.
    await processor.process({ records: [], nextOffset: this.committedOffset ?? 0, behind: 0 });
    for (let second = 0; second < this.tickSeconds; second += 1) {
      clock.advance(1000);
      await processor.tick(clock.nowMs());
      await processor.process({ records: [], nextOffset: this.committedOffset ?? 0, behind: 0 });
    }
    await processor.drain();
  }

  /** Works on through every kill, as a supervisor would see to it. Returns how often it was killed. */
  async workThroughKills(batchSize?: number): Promise<number> {
    for (let kills = 0; ; kills += 1) {
      try {
        await this.work(batchSize);
        return kills;
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
      }
    }
  }

  #opened(): OpenedPartition {
    return {
      origin: { cluster: 'dc1', topic: 'flagwatch.alerts', partition: 3 },
      partitionCount: 4,
      handOver: { commit: (handed) => this.#commit(handed) },
      committedOffset: this.committedOffset,
      state: new Map(this.state),
      isAtEnd: () => Promise.resolve(false),
      signal: this.controller.signal,
    };
  }

  async #commit(handed: { readonly records: readonly OutputRecord[]; readonly nextOffset: number }): Promise<void> {
    await happen(this.#fate, 'commit before', ['kill']);
    for (const record of handed.records) {
      const { topic, key, value, partition } = record;
      if (topic === 'flagwatch.dead-letters') this.deadLetters.push(record);
      else if (topic !== 'flagwatch.notify-state' || partition !== 3 || key === null) throw new Error(`to ${topic}?`);
      else if (value === null) this.state.delete(key);
      else this.state.set(key, Buffer.from(value));
    }
    this.committedOffset = handed.nextOffset;
    await happen(this.#fate, 'commit after', ['kill']);
  }
}

function toText(input: AlertTransition | Silence | string): string {
  if (typeof input === 'string') return input;
  return 'matchers' in input ? encodeSilence(input) : encodeTransition(input);
}

async function happen(
  fate: Fate,
  point: string,
  possible: readonly Accident[] = ['kill', 'retryable', 'permanent'],
): Promise<void> {
  await Promise.resolve();
  const accident = fate(point);
  if (accident === null || !possible.includes(accident)) return;
  if (accident === 'kill') throw new Killed(point);
  const isRetryable = accident === 'retryable';
  throw new AdapterError(isRetryable ? 'SLACK_TIMEOUT' : 'SLACK_AUTH', point, { retryable: isRetryable });
}
