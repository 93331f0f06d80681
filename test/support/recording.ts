// Stand-ins for what loops and adapters are given: a clock that skips its sleeps, a meter and a logger that remember.
import type { Logger } from '#ports/logger.ts';
import type { Meter } from '#ports/meter.ts';
import type { Clock } from '#ports/system.ts';

/** A clock on which every sleep is over at once: time goes on by what was slept. */
export class SkippingClock implements Clock {
  #nowMs: number;
  /** How long each sleep was, milliseconds. */
  readonly sleeps: number[] = [];

  constructor(startAtMs = 1_000_000_000_000) {
    this.#nowMs = startAtMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  advance(durationMs: number): void {
    this.#nowMs += durationMs;
  }

  sleep(durationMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    this.sleeps.push(durationMs);
    this.#nowMs += durationMs;
    return Promise.resolve();
  }
}

/** A meter whose counters can be read: `counts.get('flagwatch_messages_total{outcome=posted}')`. */
export class CountingMeter implements Meter {
  readonly counts = new Map<string, number>();

  add(metric: { readonly name: string }, amount: number, labels: Readonly<Record<string, string>> = {}): void {
    const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
    const key = pairs.length === 0 ? metric.name : `${metric.name}{${pairs.join(',')}}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + amount);
  }

  set(): void {
    // Gauges are not looked at.
  }

  observe(): void {
    // Histograms are not looked at.
  }
}

/** A logger that keeps `level message` of each entry, and the fields beside it. */
export class RecordingLogger implements Logger {
  readonly lines: string[] = [];
  readonly fields: Readonly<Record<string, unknown>>[] = [];

  debug(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#keep('debug', message, fields);
  }

  info(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#keep('info', message, fields);
  }

  warn(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#keep('warn', message, fields);
  }

  error(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#keep('error', message, fields);
  }

  child(): Logger {
    return this;
  }

  #keep(level: string, message: string, fields: Readonly<Record<string, unknown>>): void {
    this.lines.push(`${level} ${message}`);
    this.fields.push(fields);
  }
}
