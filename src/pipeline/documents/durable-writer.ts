// Writes documents until each is durable or refused for good: the only place where index waits for a store that is not there.
import { AdapterError } from '#ports/adapter-error.ts';
import type { DocumentStore, StoreDocument, WriteResult } from '#ports/document-store.ts';
import type { Logger } from '#ports/logger.ts';
import type { Meter } from '#ports/meter.ts';
import type { Clock } from '#ports/system.ts';
import { metrics } from '#telemetry/metrics.ts';
import type { DocumentKind } from './document-index.ts';

/** Settings of a writer. */
export interface DurableWriterSettings {
  /** Name of the store as a metric label: `elasticsearch` or `sqlite`. */
  readonly sink: string;
  /** First wait before something is sent again; doubled each time that nothing was accepted. */
  readonly retryInitialMs: number;
  /** Longest wait, also where the store asks for a longer one: it must not take minutes to notice that the store is back. */
  readonly retryMaxMs: number;
  /** A store that does not take documents is logged at once and then this often. */
  readonly logIntervalMs: number;
}

/** What a writer needs. */
export interface DurableWriterDeps {
  readonly store: DocumentStore;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly clock: Clock;
}

/** When to stop. */
export interface WriteSignals {
  /** Aborted: stop at once. */
  readonly signal: AbortSignal;
  /** Aborted: what fails is not tried again. */
  readonly retrySignal: AbortSignal;
}

/** A document that the store will never take. */
export interface Rejection {
  /** Its place in the list that was to be written. */
  readonly position: number;
  readonly detail: string;
}

interface Attempt {
  readonly accepted: number;
  readonly rejected: readonly Rejection[];
  /** Places, in the list of the attempt, of what is to be sent again. */
  readonly again: readonly number[];
  readonly problem: Problem | null;
}

interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly isRetryable: boolean;
  readonly retryAfterMs: number;
}

/** One for all partitions of a process, so that an outage of the store is one story in the log. */
export class DurableWriter {
  readonly #settings: DurableWriterSettings;
  readonly #deps: DurableWriterDeps;
  #outageSinceMs: number | null = null;
  #loggedAtMs = 0;

  constructor(settings: DurableWriterSettings, deps: DurableWriterDeps) {
    this.#settings = settings;
    this.#deps = deps;
  }

  /**
   * Resolves when every document is in the store, but for those that it returns. Waits for the store as long as the signals
   * allow, then throws `AdapterError` ABORTED; what was written stays written.
   */
  async write(
    kind: DocumentKind,
    documents: readonly StoreDocument[],
    signals: WriteSignals,
  ): Promise<readonly Rejection[]> {
    const rejections: Rejection[] = [];
    let positions = documents.map((_, position) => position);
    let pending = documents;
    for (let failures = 0; pending.length > 0; failures += 1) {
      const attempt = await this.#attempt(kind, pending, signals.signal);
      for (const { position, detail } of attempt.rejected) {
        rejections.push({ position: positions[position] ?? position, detail });
      }
      if (attempt.problem === null) {
        this.#noteSuccess();
        break;
      }
      if (attempt.accepted > 0) failures = 0;
      const before = positions;
      positions = attempt.again.map((place) => before[place] ?? place);
      pending = positions.flatMap((position) => documents[position] ?? []);
      await this.#wait(attempt.problem, pending.length, failures, signals);
    }
    return rejections;
  }

  async #attempt(kind: DocumentKind, documents: readonly StoreDocument[], signal: AbortSignal): Promise<Attempt> {
    const { store, clock, meter } = this.#deps;
    const startedAtMs = clock.nowMs();
    try {
      const results = await store.write(documents, signal);
      if (results.length !== documents.length) throw new Error('a store gives one result for each document');
      return this.#sort(kind, results);
    } catch (error) {
      if (!(error instanceof AdapterError) || signal.aborted) throw signal.aborted ? aborted() : error;
      return { accepted: 0, rejected: [], again: [...documents.keys()], problem: toProblem(error) };
    } finally {
      meter.observe(metrics.sinkSeconds, (clock.nowMs() - startedAtMs) / 1000, { sink: this.#settings.sink });
    }
  }

  #sort(kind: DocumentKind, results: readonly WriteResult[]): Attempt {
    const counts = { created: 0, duplicate: 0, retry: 0, rejected: 0 };
    const rejected: Rejection[] = [];
    const again: number[] = [];
    let detail = '';
    results.forEach((result, position) => {
      counts[result.kind] += 1;
      if (result.kind === 'rejected') rejected.push({ position, detail: result.detail });
      else if (result.kind === 'retry') {
        again.push(position);
        detail = result.detail;
      }
    });
    const { meter } = this.#deps;
    for (const [result, count] of Object.entries(counts)) {
      if (count > 0) meter.add(metrics.documents, count, { kind, outcome: result === 'retry' ? 'retried' : result });
    }
    const problem = again.length === 0 ? null : { code: 'partial', detail, isRetryable: true, retryAfterMs: 0 };
    return { accepted: results.length - again.length, rejected, again, problem };
  }

  async #wait(problem: Problem, documents: number, failures: number, signals: WriteSignals): Promise<void> {
    const { sink, retryInitialMs, retryMaxMs } = this.#settings;
    this.#deps.meter.add(metrics.sinkRetries, 1, { sink, code: problem.code });
    const waitMs = Math.min(retryMaxMs, Math.max(retryInitialMs * 2 ** failures, problem.retryAfterMs));
    this.#noteFailure(problem, documents, waitMs);
    const patience = AbortSignal.any([signals.signal, signals.retrySignal]);
    if (!patience.aborted) await this.#deps.clock.sleep(waitMs, patience);
    if (patience.aborted) throw aborted();
  }

  #noteFailure(problem: Problem, documents: number, waitMs: number): void {
    const nowMs = this.#deps.clock.nowMs();
    const isFirst = this.#outageSinceMs === null;
    this.#outageSinceMs ??= nowMs;
    if (!isFirst && nowMs - this.#loggedAtMs < this.#settings.logIntervalMs) return;
    this.#loggedAtMs = nowMs;
    const { code, detail } = problem;
    const outageMs = nowMs - this.#outageSinceMs;
    const fields = { sink: this.#settings.sink, code, detail, documents, waitMs, outageMs };
    const { logger } = this.#deps;
    if (problem.isRetryable) logger.warn('the document store does not take all documents; they wait', fields);
    else logger.error('the document store refuses requests; documents wait until that is mended', fields);
  }

  #noteSuccess(): void {
    if (this.#outageSinceMs === null) return;
    const outageMs = this.#deps.clock.nowMs() - this.#outageSinceMs;
    this.#outageSinceMs = null;
    this.#deps.logger.info('the document store takes documents again', { sink: this.#settings.sink, outageMs });
  }
}

function toProblem(error: AdapterError): Problem {
  const { code, message, retryable, retryAfterMs } = error;
  return { code, detail: message, isRetryable: retryable, retryAfterMs: retryAfterMs ?? 0 };
}

function aborted(): AdapterError {
  return new AdapterError('ABORTED', 'writing documents was stopped', { retryable: true });
}
