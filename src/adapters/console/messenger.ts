// The messenger without Slack: messages go to the console, as Slack would show them. Also what notify falls back to.
import type { MessageContent } from '#core/notify/message.ts';
import { toVisibleLines, toVisibleText } from '#core/notify/visible-text.ts';
import type { MessageHandle, MessageReply, Messenger } from '#ports/messenger.ts';
import type { Clock } from '#ports/system.ts';
import type { LiveStatus } from './live-status.ts';
import { renderForConsole } from './render-message.ts';
import type { TextStream } from './text-stream.ts';

/** How the console stands in for a channel. */
export interface ConsoleMessengerSettings {
  /** Shown as the channel's name. */
  readonly channel: string;
  /** Whether to colour: `auto` on a terminal only. */
  readonly colors: 'auto' | 'never';
  /** Messages that `find` remembers; the oldest are forgotten. A console forgets everything when the process ends. */
  readonly maxRemembered: number;
}

/** The console as it is. */
export const consoleDefaults: ConsoleMessengerSettings = {
  channel: 'the console',
  colors: 'auto',
  // Incidents of weeks, a few hundred bytes each.
  maxRemembered: 1000,
};

/** Where it writes. `status` is the status line on the same terminal, if there is one. */
export interface ConsoleMessengerDeps {
  readonly stream: TextStream;
  readonly clock: Clock;
  readonly status?: LiveStatus;
}

/** A messenger that writes. Never throws but what the stream throws; an update is the message once more, marked as edited. */
export function createConsoleMessenger(settings: ConsoleMessengerSettings, deps: ConsoleMessengerDeps): Messenger {
  return new ConsoleMessenger(settings, deps);
}

interface Remembered {
  readonly handle: MessageHandle;
  readonly step: string;
}

class ConsoleMessenger implements Messenger {
  readonly #settings: ConsoleMessengerSettings;
  readonly #deps: ConsoleMessengerDeps;
  readonly #remembered = new Map<string, Remembered>();
  #sequence = 0;

  constructor(settings: ConsoleMessengerSettings, deps: ConsoleMessengerDeps) {
    this.#settings = settings;
    this.#deps = deps;
  }

  async post(content: MessageContent): Promise<MessageHandle> {
    this.#sequence += 1;
    const seconds = Math.floor(this.#deps.clock.nowMs() / 1000);
    const handle = { channel: 'console', ts: `${seconds}.${String(this.#sequence).padStart(6, '0')}` };
    this.#write(content, false);
    this.#remember(content, handle);
    return handle;
  }

  async update(handle: MessageHandle, content: MessageContent): Promise<MessageHandle> {
    // What stands there already is not written again: an update is idempotent.
    if (this.#remembered.get(content.key)?.step !== content.step) this.#write(content, true);
    this.#remember(content, handle);
    return handle;
  }

  async reply(_handle: MessageHandle, { key, text }: MessageReply): Promise<void> {
    const { stream, status } = this.#deps;
    const shown = `${toVisibleText(key)}: ${toVisibleLines(text).replaceAll('\n', '\n  ')}`;
    const write = (): void => void stream.write(`\n  \u21b3 ${shown}\n`);
    if (status === undefined) write();
    else status.around(write);
  }

  find(key: string): Promise<Remembered | null> {
    return Promise.resolve(this.#remembered.get(key) ?? null);
  }

  ping(): Promise<void> {
    return Promise.resolve();
  }

  #write(content: MessageContent, isEdited: boolean): void {
    const { stream, status } = this.#deps;
    const isTerminal = stream.isTTY === true;
    const text = renderForConsole(content, {
      columns: stream.columns ?? 100,
      isColored: isTerminal && this.#settings.colors === 'auto',
      channel: this.#settings.channel,
      isEdited,
    });
    const write = (): void => void stream.write(`\n${text}\n`);
    if (status === undefined) write();
    else status.around(write);
  }

  #remember(content: MessageContent, handle: MessageHandle): void {
    this.#remembered.delete(content.key);
    this.#remembered.set(content.key, { handle, step: content.step });
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > this.#settings.maxRemembered && oldest !== undefined) this.#remembered.delete(oldest);
  }
}
