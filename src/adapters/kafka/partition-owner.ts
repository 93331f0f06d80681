// Owns one assigned partition until it is lost or the loop stops: opens it, feeds its processor, opens it anew after
// failures. Everything that its processor is asked happens in one row, so calls never overlap.
import { AdapterError } from '#ports/adapter-error.ts';
import { Bell } from '#ports/bell.ts';
import type { Limiter } from '#ports/limiter.ts';
import type { PartitionProcessor } from '#ports/record-stream.ts';
import { metrics } from '#telemetry/metrics.ts';
import { nameOf, type PartitionName } from './cluster-client.ts';
import { type LoopContext, type OpenPartitionParts, openPartition } from './open-partition.ts';
import type { ReadBatch } from './partition-reader.ts';
import { backoffMs } from './within.ts';

/** What ends a partition's work, and what has to be true before it begins again. */
export interface Ownership {
  /** Aborted when the partition is another member's, or nobody may work any more: nothing is committed then. */
  readonly lost: AbortSignal;
  /** Aborted when the loop stops in good order: what is finished is committed. */
  readonly stop: AbortSignal;
  /** Resolves when the group has confirmed that this process is a member, after the call. */
  readonly confirmed: (signal: AbortSignal) => Promise<void>;
  readonly openings: Limiter;
}

/** Works on the partition until `lost` or `stop`. Rejects only with what is not an `AdapterError`: a bug. */
export async function ownPartition(context: LoopContext, of: PartitionName, ownership: Ownership): Promise<void> {
  const { settings, deps } = context;
  const ends = AbortSignal.any([ownership.lost, ownership.stop]);
  let failures = 0;
  while (!ends.aborted) {
    const beganAtMs = deps.clock.nowMs();
    const error = await failureOf(context, of, ownership, ends);
    if (ends.aborted || error === null) return;
    failures = deps.clock.nowMs() - beganAtMs >= settings.healthyAfterMs ? 1 : failures + 1;
    const pauseMs = backoffMs(failures, settings.retryFirstMs, settings.retryMaxMs);
    reportFailure(context, of, error, { failures, pauseMs });
    await deps.clock.sleep(pauseMs, ends);
    // Fenced, we may be the one who was given up and does not know yet: only a live member opens then, else two would fence
    // each other in turns.
    if (error.code === 'KAFKA_FENCED') await ownership.confirmed(ends);
  }
}

/** What the work failed with, `null` where it ended in good order. Rejects with a bug. */
async function failureOf(
  context: LoopContext,
  of: PartitionName,
  ownership: Ownership,
  ends: AbortSignal,
): Promise<AdapterError | null> {
  try {
    await openAndWork(context, of, ownership, ends);
    return null;
  } catch (error) {
    if (ends.aborted && isExpectedEnd(error)) {
      const fields = { partition: nameOf(of), error: String(error) };
      context.deps.logger.info('work on a partition was cut short', fields);
      return null;
    }
    if (error instanceof AdapterError) return error;
    throw error;
  }
}

/** A lost or stopping partition: its calls are refused or aborted. */
function isExpectedEnd(error: unknown): boolean {
  return error instanceof AdapterError || (error instanceof Error && error.name === 'AbortError');
}

function reportFailure(
  { deps, options }: LoopContext,
  of: PartitionName,
  error: AdapterError,
  fields: { readonly failures: number; readonly pauseMs: number },
): void {
  const all = { partition: nameOf(of), code: error.code, error: error.message, ...fields };
  deps.meter.add(metrics.partitionFailures, 1, { loop: options.loop, code: error.code });
  const mends = error.retryable || error.code === 'KAFKA_FENCED';
  if (mends) deps.logger.warn('work on a partition failed, it is opened anew', all);
  else deps.logger.error('work on a partition failed for a reason that time does not mend; it is tried again', all);
}

async function openAndWork(
  context: LoopContext,
  of: PartitionName,
  ownership: Ownership,
  ends: AbortSignal,
): Promise<void> {
  const { deps, options } = context;
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  ownership.lost.addEventListener('abort', abort, { once: true });
  const release = await ownership.openings.enter(ends);
  let open: OpenPartitionParts | null = null;
  try {
    if (ends.aborted) return;
    const beganAtMs = deps.clock.nowMs();
    open = await openPartition(context, of, controller.signal);
    release();
    deps.meter.add(metrics.partitionsOpened, 1, { loop: options.loop });
    deps.logger.info('opened a partition', {
      partition: nameOf(of),
      position: open.reader.position,
      tookMs: deps.clock.nowMs() - beganAtMs,
    });
    await work(context, of, { open, ends });
    if (ownership.stop.aborted && !ownership.lost.aborted) await open.processor.drain();
  } finally {
    release();
    ownership.lost.removeEventListener('abort', abort);
    controller.abort();
    if (open !== null) context.closings.add(open.close());
  }
}

interface Work {
  readonly open: OpenPartitionParts;
  readonly ends: AbortSignal;
}

async function work(context: LoopContext, of: PartitionName, { open, ends }: Work): Promise<void> {
  const { deps, options } = context;
  const { clock } = deps;
  const bell = new Bell();
  const reading = new Reading(open.reader, bell);
  let isTickDue = false;
  const planTick = (): void => {
    isTickDue = false;
    void clock.sleep(options.tickMs, ends).then(() => {
      isTickDue = true;
      bell.ring();
    });
  };
  planTick();
  while (!ends.aborted) {
    reading.begin();
    await bell.rung();
    if (ends.aborted) return;
    const batch = reading.take();
    if (batch !== null) await processBatch(context, of, { open, batch });
    if (!isTickDue || ends.aborted) continue;
    planTick();
    await checked(open, open.processor.tick(clock.nowMs()));
  }
}

/** The one read that is under way, across ticks. */
class Reading {
  readonly #reader: OpenPartitionParts['reader'];
  readonly #bell: Bell;
  #underWay = false;
  #batch: ReadBatch | null = null;
  #failure: { readonly error: unknown } | null = null;

  constructor(reader: OpenPartitionParts['reader'], bell: Bell) {
    this.#reader = reader;
    this.#bell = bell;
  }

  begin(): void {
    // What was read and not taken yet (it came during a tick) must not be overtaken: the next read would take its place.
    if (this.#underWay || this.#batch !== null || this.#failure !== null) return;
    this.#underWay = true;
    this.#reader.next().then(
      (batch) => this.#end(batch, null),
      (error: unknown) => this.#end(null, { error }),
    );
  }

  /** What came since the last call. Throws what reading failed with. */
  take(): ReadBatch | null {
    if (this.#failure !== null) throw this.#failure.error;
    const batch = this.#batch;
    this.#batch = null;
    return batch;
  }

  #end(batch: ReadBatch | null, failure: { readonly error: unknown } | null): void {
    this.#underWay = false;
    this.#batch = batch;
    this.#failure = failure;
    this.#bell.ring();
  }
}

interface BatchWork {
  readonly open: OpenPartitionParts;
  readonly batch: ReadBatch;
}

async function processBatch(context: LoopContext, of: PartitionName, { open, batch }: BatchWork): Promise<void> {
  const { deps, options, settings } = context;
  const labels = { loop: options.loop, topic: of.topic };
  deps.meter.add(metrics.consumedRecords, batch.records.length, labels);
  deps.meter.add(metrics.consumedBytes, batch.valueBytes, labels);
  // A batch that waits for something else to answer would hide that the partition grows behind it.
  const probe = setInterval(() => {
    open.reader.probeLag().catch(() => undefined);
  }, settings.lagProbeMs);
  try {
    await checked(open, open.processor.process(batch));
  } finally {
    clearInterval(probe);
  }
}

/** A processor may not go on after a commit that failed, even where it swallowed the failure. */
async function checked(open: OpenPartitionParts, call: ReturnType<PartitionProcessor['tick']>): Promise<void> {
  await call;
  const failure = open.failedCommit();
  if (failure !== undefined) throw failure;
}
