// What correlate does in the pipeline, for a replay: failed lines in, counts by fault and their watermark out, as records for detect.
import type { Settings } from '#config/settings.ts';
import type { SourceName } from '#core/clock/source-mark-wire.ts';
import type { RequestLine } from '#core/correlate/request-line.ts';
import type { CollectRecord } from '#core/count/partial-count-wire.ts';
import { CorrelateState } from '#pipeline/correlate-state.ts';
import { FaultCounts } from '#pipeline/fault-counts.ts';
import { requestTableSettings } from './loops.ts';

/** Where the failed lines are to come from. */
export interface CorrelationSource {
  readonly cluster: string;
  /** Name of the topic of failed lines. */
  readonly topic: string;
  /** `cluster/topic` of the lines. */
  readonly sourceTopics: readonly string[];
}

/** A watermark of the lines, as detect takes it. */
type LineMark = Extract<CollectRecord, { readonly kind: 'watermark' }>;

/** One partition of correlate. */
export class ReplayedCorrelation {
  readonly #source: SourceName;
  readonly #state: CorrelateState;
  readonly #counts: FaultCounts;

  constructor(settings: Settings, { cluster, topic, sourceTopics }: CorrelationSource) {
    const { windowMs, idleTimeoutMs, paneMs } = settings;
    const table = requestTableSettings(settings);
    this.#source = [cluster, topic, 0];
    this.#state = new CorrelateState({ sourceTopics, windowMs, idleLeaseMs: idleTimeoutMs, table });
    this.#counts = new FaultCounts({ dataCenter: cluster, paneMs });
  }

  /** Takes the failed lines of a stretch of a source and the mark behind them; gives what there is to tell detect. */
  take(lines: readonly RequestLine[], lineMark: LineMark): readonly CollectRecord[] {
    for (const line of lines) this.#state.take({ kind: 'line', source: lineMark.source, line });
    for (const fault of this.#state.take(lineMark).faults) if (fault.revision === 1) this.#counts.add(fault);
    const mark = this.#state.mark(1);
    if (mark === null) return [];
    const rows = this.#counts.take();
    return [
      ...(rows.length === 0 ? [] : [{ kind: 'counts', source: this.#source, rows } as const]),
      { kind: 'watermark', source: this.#source, mark },
    ];
  }
}
