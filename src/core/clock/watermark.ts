// Watermarks: how far event time has come, over all source partitions. collect makes a mark for each, detect takes the minimum.
import { spanStartAtMs } from './event-time.ts';

/** What collect knows of one source partition. */
export interface SourceMark {
  /** How many partitions the topic has: a reader must hear from all of them before it believes in a minimum. */
  readonly partitionCount: number;
  /** Stream time: the greatest event time seen by this reader; `null` before the first line. */
  readonly streamAtMs: number | null;
  /** Stream time less the allowed lateness: no more events before this are expected. */
  readonly watermarkAtMs: number | null;
  /** Nothing new at the end of the partition for the idle timeout: it does not hold the rest, as long as that is confirmed. */
  readonly isIdle: boolean;
  /** Wall clock of the reader when it wrote the mark. */
  readonly writtenAtMs: number;
}

/** How the tracker reads marks. */
export interface WatermarkSettings {
  /** The `cluster/topic` names that must be heard of. */
  readonly sourceTopics: readonly string[];
  /** Aligns the end when all are idle. */
  readonly windowMs: number;
  /**
   * How long a reader's word that its partition is idle counts, by the newest wall clock of all marks. A partition whose reader
   * died may have new lines that nobody has read: it holds the rest until a reader speaks again.
   */
  readonly idleLeaseMs: number;
  /** Added to the end when all are idle; 0 by default. For who waits for partners of what came last: silence ends that wait too. */
  readonly idleGraceMs?: number;
  /** Sources end, as files do: one that is idle has nothing more to bring, and is not missed. */
  readonly isFinite?: boolean;
}

/** Plain form of a tracker, for snapshots. */
export interface WatermarkSnapshot {
  readonly currentAtMs: number | null;
  readonly marks: readonly (readonly [string, SourceMark])[];
}

interface TopicMarks {
  readonly expected: number;
  readonly known: number;
}

/**
 * The watermark over all source partitions: the minimum of those that are not idle. It never goes back. It does not start
 * before every partition of every topic was heard of. When all are idle it goes to the end of the last window with data, so
 * that windows close when traffic stops, and no further: silence is not counted as zeros. Decided by the marks alone, so every
 * reader of the same marks decides the same.
 *
 * Example: windows of 10 s, partition 0 at 12:00:47, partition 1 at 12:00:31, lateness 5 s: the watermark is 12:00:26. Partition 1
 * idle: 12:00:42. Both idle: 12:00:50.
 */
export class WatermarkTracker {
  readonly #marks = new Map<string, SourceMark>();
  readonly #settings: WatermarkSettings;
  #currentAtMs: number | null = null;

  constructor(settings: WatermarkSettings) {
    this.#settings = settings;
  }

  /** Takes a mark of `cluster/topic`, `partition`; returns the watermark, `null` before it has started. */
  update(topic: string, partition: number, mark: SourceMark): number | null {
    const name = `${topic}/${partition}`;
    const before = this.#marks.get(name);
    // A reader that was restarted has forgotten its stream time; it is not taken back.
    this.#marks.set(name, {
      ...mark,
      streamAtMs: latest(before?.streamAtMs ?? null, mark.streamAtMs),
      watermarkAtMs: latest(before?.watermarkAtMs ?? null, mark.watermarkAtMs),
    });
    this.#currentAtMs = latest(this.#currentAtMs, this.#minimum());
    return this.#currentAtMs;
  }

  /** The watermark, `null` before it has started. */
  get currentAtMs(): number | null {
    return this.#currentAtMs;
  }

  /** How many known partitions are idle. */
  get idleCount(): number {
    const newestMs = this.#newestWrittenAtMs();
    return [...this.#marks.values()].filter((mark) => this.#countsAsIdle(mark, newestMs)).length;
  }

  /** Whether nothing comes at all, from any partition heard of. */
  get areAllIdle(): boolean {
    return this.#marks.size > 0 && this.idleCount === this.#marks.size;
  }

  /**
   * Whether nothing seems to be missing: no partition that had lines within `memoryMs` of the newest line is idle. An idle one may have
   * stalled on its way to us; what has been quiet for longer is not waited for. Of sources that end: not all have ended.
   */
  isComplete(memoryMs: number): boolean {
    const newestMs = this.#newestWrittenAtMs();
    if (this.#settings.isFinite === true) return !this.areAllIdle;
    let newestLineMs = Number.NEGATIVE_INFINITY;
    for (const { streamAtMs } of this.#marks.values())
      newestLineMs = Math.max(newestLineMs, streamAtMs ?? newestLineMs);
    for (const mark of this.#marks.values()) {
      const wasBusy = mark.streamAtMs !== null && newestLineMs - mark.streamAtMs < memoryMs;
      if (wasBusy && this.#countsAsIdle(mark, newestMs)) return false;
    }
    return true;
  }

  /** What is known of each partition, by `cluster/topic/partition`. */
  sources(): readonly { readonly name: string; readonly streamAtMs: number | null; readonly isIdle: boolean }[] {
    const newestMs = this.#newestWrittenAtMs();
    return [...this.#marks].map(([name, mark]) => {
      return { name, streamAtMs: mark.streamAtMs, isIdle: this.#countsAsIdle(mark, newestMs) };
    });
  }

  #newestWrittenAtMs(): number {
    let newestMs = Number.NEGATIVE_INFINITY;
    for (const mark of this.#marks.values()) newestMs = Math.max(newestMs, mark.writtenAtMs);
    return newestMs;
  }

  #countsAsIdle(mark: SourceMark, newestMs: number): boolean {
    return mark.isIdle && newestMs - mark.writtenAtMs <= this.#settings.idleLeaseMs;
  }

  #minimum(): number | null {
    if (!this.#hasHeardOfAll()) return null;
    let minimum = Number.POSITIVE_INFINITY;
    let streamAtMs: number | null = null;
    const newestMs = this.#newestWrittenAtMs();
    for (const mark of this.#marks.values()) {
      streamAtMs = latest(streamAtMs, mark.streamAtMs);
      if (!this.#countsAsIdle(mark, newestMs))
        minimum = Math.min(minimum, mark.watermarkAtMs ?? Number.NEGATIVE_INFINITY);
    }
    if (minimum === Number.NEGATIVE_INFINITY) return null;
    if (minimum !== Number.POSITIVE_INFINITY) return minimum;
    if (streamAtMs === null) return null;
    const { windowMs, idleGraceMs = 0 } = this.#settings;
    return spanStartAtMs(streamAtMs, windowMs) + windowMs + idleGraceMs;
  }

  #hasHeardOfAll(): boolean {
    const topics = new Map<string, TopicMarks>();
    for (const [name, mark] of this.#marks) {
      const topic = name.slice(0, name.lastIndexOf('/'));
      const seen = topics.get(topic);
      topics.set(topic, {
        expected: Math.max(seen?.expected ?? 0, mark.partitionCount),
        known: (seen?.known ?? 0) + 1,
      });
    }
    return this.#settings.sourceTopics.every((topic) => {
      const seen = topics.get(topic);
      return seen !== undefined && seen.known >= seen.expected;
    });
  }

  snapshot(): WatermarkSnapshot {
    return { currentAtMs: this.#currentAtMs, marks: [...this.#marks] };
  }

  /** A tracker that goes on where the snapshot was taken. Topics that are no longer read are forgotten: they would hold the rest. */
  static restore(settings: WatermarkSettings, snapshot: WatermarkSnapshot): WatermarkTracker {
    const tracker = new WatermarkTracker(settings);
    for (const [name, mark] of snapshot.marks) {
      if (settings.sourceTopics.includes(name.slice(0, name.lastIndexOf('/')))) tracker.#marks.set(name, mark);
    }
    tracker.#currentAtMs = snapshot.currentAtMs;
    return tracker;
  }
}

function latest(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.max(a, b);
}
