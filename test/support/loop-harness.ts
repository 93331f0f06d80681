// What a loop is driven with in unit tests: an opened partition without a broker, batches, a clock and a meter that stand still.
import { AdapterError } from '#ports/adapter-error.ts';
import type { Meter, MetricSpec } from '#ports/meter.ts';
import type { OpenedPartition, OutputRecord, StreamBatch, StreamRecord } from '#ports/record-stream.ts';
import type { Clock } from '#ports/system.ts';

/** A hand-over that was committed. */
export interface Commit {
  readonly records: readonly OutputRecord[];
  readonly nextOffset: number;
}

/** A partition as one owner has opened it; records what is handed over, and fails when told to. */
export class RecordedPartition implements OpenedPartition {
  readonly origin: { readonly cluster: string; readonly topic: string; readonly partition: number };
  readonly partitionCount: number = 1;
  readonly committedOffset: number | null;
  readonly state: ReadonlyMap<string, Uint8Array>;
  readonly signal: AbortSignal = new AbortController().signal;
  readonly commits: Commit[] = [];
  atEnd = true;
  failNext = false;
  readonly handOver: OpenedPartition['handOver'] = {
    commit: (handed: Commit): Promise<void> => {
      if (this.failNext) {
        this.failNext = false;
        return Promise.reject(new AdapterError('KAFKA_TIMEOUT', 'told to fail', { retryable: true }));
      }
      this.commits.push(handed);
      return Promise.resolve();
    },
  };

  constructor(
    options: {
      readonly topic?: string;
      readonly committedOffset?: number | null;
      readonly state?: ReadonlyMap<string, Uint8Array>;
    } = {},
  ) {
    this.origin = { cluster: 'dc1', topic: options.topic ?? 'logs', partition: 0 };
    this.committedOffset = options.committedOffset ?? null;
    this.state = options.state ?? new Map();
  }

  isAtEnd(): Promise<boolean> {
    return Promise.resolve(this.atEnd);
  }

  /** All records handed over to a topic. */
  written(topic: string): OutputRecord[] {
    return this.commits.flatMap((commit) => commit.records).filter((record) => record.topic === topic);
  }
}

/** Texts or bytes as a batch that begins at `firstOffset`. */
export function toBatch(values: readonly (string | Uint8Array | null)[], firstOffset = 0): StreamBatch {
  const records: StreamRecord[] = values.map((value, i) => ({
    offset: firstOffset + i,
    key: null,
    value: typeof value === 'string' ? Buffer.from(value) : value,
  }));
  return { records, nextOffset: firstOffset + values.length, behind: 0 };
}

/** A clock that stands where it is set. */
export class StandingClock implements Clock {
  atMs: number;

  constructor(atMs = 0) {
    this.atMs = atMs;
  }

  nowMs(): number {
    return this.atMs;
  }

  sleep(durationMs: number): Promise<void> {
    this.atMs += durationMs;
    return Promise.resolve();
  }
}

/** A meter that sums: `total(metric)` over all labels, or over those with the given values. */
export class SummingMeter implements Meter {
  readonly #values = new Map<string, { metric: string; labels: Readonly<Record<string, string>>; value: number }>();

  add(metric: MetricSpec, amount: number, labels: Readonly<Record<string, string>> = {}): void {
    const entry = this.#entry(metric, labels);
    entry.value += amount;
  }

  set(metric: MetricSpec, value: number, labels: Readonly<Record<string, string>> = {}): void {
    this.#entry(metric, labels).value = value;
  }

  observe(metric: MetricSpec, _value: number, labels: Readonly<Record<string, string>> = {}): void {
    this.add(metric, 1, labels);
  }

  total(metric: MetricSpec, labels: Readonly<Record<string, string>> = {}): number {
    let sum = 0;
    for (const entry of this.#values.values()) {
      const matches = Object.entries(labels).every(([name, value]) => entry.labels[name] === value);
      if (entry.metric === metric.name && matches) sum += entry.value;
    }
    return sum;
  }

  #entry(metric: MetricSpec, labels: Readonly<Record<string, string>>): { value: number } {
    const key = `${metric.name}${JSON.stringify(labels)}`;
    let entry = this.#values.get(key);
    if (entry === undefined) {
      entry = { metric: metric.name, labels, value: 0 };
      this.#values.set(key, entry);
    }
    return entry;
  }
}
