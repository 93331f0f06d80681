// Delivery of one message: by the messenger, as often as it takes; by the fallback where the messenger refuses for good. Never posts
// twice where it can know: whenever a message may be there already, it looks first.
import type { Told } from '#core/notify/incident.ts';
import type { MessageContent } from '#core/notify/message.ts';
import { AdapterError } from '#ports/adapter-error.ts';
import type { Logger } from '#ports/logger.ts';
import type { MessageHandle, MessageReply, Messenger } from '#ports/messenger.ts';
import type { Meter } from '#ports/meter.ts';
import type { Clock } from '#ports/system.ts';
import { metrics } from '#telemetry/metrics.ts';

/** How patiently. */
export interface DeliverySettings {
  /** Wait after the first failure, milliseconds; doubles with each. */
  readonly retryFirstMs: number;
  /** The longest wait between two tries: how late an alert may be once the messenger is well again. */
  readonly retryMaxMs: number;
  /** The longest that the other side may make us wait at once, milliseconds. */
  readonly retryAfterMaxMs: number;
}

/** As on-call engineers would have it. */
export const deliveryDefaults: DeliverySettings = {
  retryFirstMs: 1000,
  // An alert half a minute after Slack is back is still an alert.
  retryMaxMs: 30_000,
  retryAfterMaxMs: 300_000,
};

/** What delivery needs. */
export interface DeliveryDeps {
  readonly messenger: Messenger;
  readonly fallback: Messenger;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly clock: Clock;
}

/** What is to be told in one place. */
export interface DeliveryOrder {
  readonly content: MessageContent;
  /** What is to be said below the message; `null` where nothing is. */
  readonly reply: { readonly id: string; readonly text: string } | null;
  /** What the place was told before; `null` for a new message. */
  readonly before: Told | null;
  /** Whether somebody may have told it already without a record of it. */
  readonly mustLook: boolean;
}

/** How a message went out: a closed list, also a metric label. */
type MessageOutcome = 'posted' | 'updated' | 'adopted' | 'fell_back';

/** What the place is told now, and how that came about. */
export interface Delivered {
  readonly told: Told;
  readonly outcome: MessageOutcome;
}

/** Delivers to one place, for one partition. */
export class Delivery {
  readonly #settings: DeliverySettings;
  readonly #deps: DeliveryDeps;
  readonly #signal: AbortSignal;

  constructor(settings: DeliverySettings, deps: DeliveryDeps, signal: AbortSignal) {
    this.#settings = settings;
    this.#deps = deps;
    this.#signal = signal;
  }

  /**
   * Resolves when the message is with people; calls `onFailure` for each try that failed and is made again. Throws `AdapterError`
   * `ABORTED` once the partition is not ours any more.
   */
  async deliver(order: DeliveryOrder, onFailure: () => void): Promise<Delivered> {
    // Who took the beginning of an incident gets its end as well.
    if (order.before?.via === 'fallback') return this.#fallBack(order);
    for (let failures = 0; ; failures += 1) {
      this.#throwIfAborted();
      try {
        // A call that failed may have taken effect all the same.
        return await this.#tell(order, order.mustLook || failures > 0);
      } catch (error) {
        if (!(error instanceof AdapterError)) throw error;
        this.#throwIfAborted();
        if (!error.retryable) return this.#giveUp(order, error);
        onFailure();
        await this.#waitAfter(error, order, failures);
      }
    }
  }

  async #tell({ content, before, reply }: DeliveryOrder, mustLook: boolean): Promise<Delivered> {
    const delivered = await this.#show(content, before, mustLook);
    if (reply === null || reply.id === before?.reply) return delivered;
    await this.#reply(delivered.told, { key: content.key, ...reply, mustLook }, content);
    return { ...delivered, told: { ...delivered.told, reply: reply.id } };
  }

  async #show(content: MessageContent, before: Told | null, mustLook: boolean): Promise<Delivered> {
    const { messenger } = this.#deps;
    if (before !== null && before.step === content.step) return { told: before, outcome: 'updated' };
    const found = mustLook ? await this.#look(content.key) : null;
    const toTold = (handle: MessageHandle): Told => ({
      step: content.step,
      reply: before?.reply ?? null,
      handle: { channel: handle.channel, ts: handle.ts },
      via: 'messenger',
    });
    if (found?.step === content.step) {
      this.#deps.logger.info('a message was there already: it is not sent again', { key: content.key });
      return { told: toTold(found.handle), outcome: 'adopted' };
    }
    const handle = found?.handle ?? before?.handle ?? null;
    if (handle === null) return { told: toTold(await messenger.post(content, this.#signal)), outcome: 'posted' };
    return { told: toTold(await messenger.update(handle, content, this.#signal)), outcome: 'updated' };
  }

  async #reply({ handle }: Told, reply: MessageReply, content: MessageContent): Promise<void> {
    const { messenger, meter } = this.#deps;
    if (messenger.reply === undefined) await messenger.update(handle, content, this.#signal);
    else await messenger.reply(handle, reply, this.#signal);
    meter.add(metrics.replies, 1);
  }

  /** The message with that key. Where looking is refused for good we tell without it: twice is better than never. */
  async #look(key: string): ReturnType<Messenger['find']> {
    try {
      return await this.#deps.messenger.find(key, this.#signal);
    } catch (error) {
      if (!(error instanceof AdapterError) || error.retryable) throw error;
      this.#throwIfAborted();
      this.#deps.logger.error('cannot look for a message that may be there: after a crash it may be told twice', {
        key,
        code: error.code,
        error: error.message,
      });
      return null;
    }
  }

  #giveUp(order: DeliveryOrder, error: AdapterError): Promise<Delivered> {
    const { key, title, summary, status } = order.content;
    this.#deps.logger.error('a message was refused for good; it goes to the fallback', {
      code: error.code,
      error: error.message,
      key,
      status,
      // All that matters, so that it is at least in the log.
      title,
      summary,
    });
    return this.#fallBack(order);
  }

  async #fallBack({ content, before, reply }: DeliveryOrder): Promise<Delivered> {
    const { fallback, logger } = this.#deps;
    const toTold = ({ channel, ts }: MessageHandle): Delivered => ({
      told: { step: content.step, reply: reply?.id ?? null, handle: { channel, ts }, via: 'fallback' },
      outcome: 'fell_back',
    });
    try {
      const isThere = before?.via === 'fallback';
      return toTold(
        isThere
          ? await fallback.update(before.handle, content, this.#signal)
          : await fallback.post(content, this.#signal),
      );
    } catch (error) {
      // The log has the message; a broken console is no reason to hold all later alerts back.
      logger.error('the fallback failed as well: the message is only here', {
        error: String(error),
        key: content.key,
        title: content.title,
        summary: content.summary,
      });
      return toTold({ channel: 'log', ts: content.step });
    }
  }

  async #waitAfter(error: AdapterError, { content }: DeliveryOrder, failures: number): Promise<void> {
    const { retryFirstMs, retryMaxMs, retryAfterMaxMs } = this.#settings;
    const backoffMs = Math.min(retryMaxMs, retryFirstMs * 2 ** Math.min(failures, 30));
    const waitMs = Math.max(backoffMs, Math.min(retryAfterMaxMs, error.retryAfterMs ?? 0));
    const fields = { code: error.code, error: error.message, key: content.key, failures: failures + 1, waitMs };
    this.#deps.meter.add(metrics.sinkRetries, 1, { sink: 'messenger', code: error.code });
    // From the third time on somebody should know: alerts are late.
    if (failures < 2) this.#deps.logger.warn('a message could not be sent; it is tried again', fields);
    else this.#deps.logger.error('a message still cannot be sent; alerts wait behind it', fields);
    await this.#deps.clock.sleep(waitMs, this.#signal);
  }

  #throwIfAborted(): void {
    if (this.#signal.aborted) throw new AdapterError('ABORTED', 'stopped while telling people', { retryable: true });
  }
}
