// Plays slots in several threads, the services shared out: series never cross destination services, so each thread judges as one alone
// would, and what they tell is laid together in the order in which one would tell it.
import { Worker } from 'node:worker_threads';
import { AdapterError, type AdapterErrorCode } from '#ports/adapter-error.ts';
import type { PlannedSlot } from './closing-plan.ts';
import type { PastBlock } from './past-slot.ts';
import type { PlayedRules, PlayedSlot, PlayerSettings, ToldTransition } from './slot-player.ts';

/** What a thread is begun with. */
export interface JobStart {
  readonly sets: readonly PlayedRules[];
  readonly settings: PlayerSettings;
}

/** What a thread says of a slot. */
export type JobAnswer =
  | { readonly kind: 'played'; readonly played: PlayedSlot }
  | { readonly kind: 'failed'; readonly code: AdapterErrorCode; readonly message: string };

/** Threads, in the order of which services were given to them. */
export class SlotJobs {
  readonly #jobs: readonly Job[];
  readonly #jobByService = new Map<string, Job>();

  /** Starts the threads; `close` ends them. */
  constructor(
    sets: readonly PlayedRules[],
    { windowMs, paneMs, idleTimeoutMs, detect }: PlayerSettings,
    count: number,
  ) {
    const start: JobStart = {
      sets: sets.map(({ rules }) => ({ rules })),
      settings: { windowMs, paneMs, idleTimeoutMs, detect },
    };
    this.#jobs = Array.from({ length: count }, () => new Job(start));
  }

  /** Plays the next slot; slots may be given before those before are played. Rejects with `AdapterError` on a block that cannot be read. */
  async play(slot: PlannedSlot): Promise<PlayedSlot> {
    const blocks = this.#share(slot.blocks);
    const faults = this.#share(slot.faults);
    const played = await Promise.all(
      this.#jobs.map((job) => job.play({ ...slot, blocks: blocks.get(job) ?? [], faults: faults.get(job) ?? [] })),
    );
    return {
      told: played.flatMap(({ told }) => told).sort(compareTold),
      seriesCounts: (played[0]?.seriesCounts ?? []).map((_, set) => {
        return played.reduce((sum, { seriesCounts }) => sum + (seriesCounts[set] ?? 0), 0);
      }),
    };
  }

  #share(blocks: readonly PastBlock[]): ReadonlyMap<Job, readonly PastBlock[]> {
    return Map.groupBy(blocks, (block) => {
      const job = this.#jobByService.get(block.service) ?? this.#leastLoaded();
      this.#jobByService.set(block.service, job);
      job.bytes += block.counts.length;
      return job;
    });
  }

  #leastLoaded(): Job {
    return this.#jobs.reduce((least, job) => (job.bytes < least.bytes ? job : least));
  }

  /** Ends the threads, whatever they are at. */
  async close(): Promise<void> {
    await Promise.all(this.#jobs.map((job) => job.close()));
  }
}

function compareTold(a: ToldTransition, b: ToldTransition): number {
  const byPlace = a.window - b.window || a.set - b.set || a.chain - b.chain || a.rule - b.rule;
  if (byPlace !== 0 || a.series === b.series) return byPlace;
  return a.series < b.series ? -1 : 1;
}

/** One thread. */
class Job {
  /** Counts that it was given: the next service goes to who has the least. */
  bytes = 0;
  readonly #worker: Worker;
  readonly #waiting: PromiseWithResolvers<PlayedSlot>[] = [];
  #error: Error | null = null;

  constructor(start: JobStart) {
    // Sources run as they are, and then their imports are those of sources.
    const isSource = import.meta.url.endsWith('.ts');
    const url = isSource ? new URL('./play-worker.ts', import.meta.url) : new URL('./play-worker.js', import.meta.url);
    this.#worker = new Worker(url, { workerData: start, ...(isSource ? { execArgv: ['--conditions=source'] } : {}) });
    this.#worker.on('message', (answer: JobAnswer) => this.#take(answer));
    this.#worker.on('error', (error: Error) => this.#fail(error));
  }

  play(slot: PlannedSlot): Promise<PlayedSlot> {
    const answered = Promise.withResolvers<PlayedSlot>();
    if (this.#error !== null) answered.reject(this.#error);
    else {
      this.#waiting.push(answered);
      this.#worker.postMessage(slot);
    }
    return answered.promise;
  }

  #take(answer: JobAnswer): void {
    if (answer.kind === 'failed') {
      this.#fail(new AdapterError(answer.code, answer.message, { retryable: false }));
    } else this.#waiting.shift()?.resolve(answer.played);
  }

  #fail(error: Error): void {
    this.#error = error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
