// `flagwatch demo`: the embedded pipeline on two hours of recorded lines, played fast, with a bad deploy in them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLiveStatus, type LiveStatus } from '#adapters/console/live-status.ts';
import { consoleDefaults, createConsoleMessenger } from '#adapters/console/messenger.ts';
import type { TextStream } from '#adapters/console/text-stream.ts';
import { createPrometheusMeter, type PrometheusMeter } from '#adapters/prometheus/meter.ts';
import { createSqliteStore } from '#adapters/sqlite/document-store.ts';
import { systemClock } from '#adapters/system/clock.ts';
import { type EmbeddedPipeline, openEmbedded } from '#app/embedded.ts';
import { packageFolder } from '#app/version.ts';
import type { Settings } from '#config/settings.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import { type Logger, silentLogger } from '#ports/logger.ts';
import { metrics } from '#telemetry/metrics.ts';
import { badDeployPhases, type MeshLine, type MeshPhase, parseRecording, playMesh } from './recorded-mesh.ts';

/** What to show. */
export interface DemoOptions {
  readonly settings: Settings;
  readonly rules: readonly AlertRule[];
  /** How long the two hours take. */
  readonly durationMs: number;
  readonly stdout: TextStream;
  readonly signal: AbortSignal;
  readonly logger?: Logger;
}

const source = 'bad-deploy';
const requestsPerSecond = 5;
/** How often lines are fed and the status is shown. */
const stepMs = 50;

/** Plays the story to its end, or until `signal` is aborted. Resolves to the number of lines that were read. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const { stdout, rules } = options;
  const stopping = new AbortController();
  const signal = AbortSignal.any([options.signal, stopping.signal]);
  const clock = systemClock;
  const meter = createPrometheusMeter(Object.values(metrics), { withProcessMetrics: false });
  const deps = { logger: options.logger ?? silentLogger, meter, clock };
  const status = createLiveStatus(stdout);
  const messenger = createConsoleMessenger(consoleDefaults, { stream: stdout, clock, status });
  const store = createSqliteStore({ path: ':memory:' });
  const settings = { ...options.settings, ...demoPace(options.settings) };
  const messengers = { messenger, fallback: messenger };
  const pipeline = await openEmbedded({ settings, rules, sources: [source], deps, store, messengers }, signal);
  const story = new Story(options, { pipeline, status, meter });
  try {
    await Promise.race([story.play(signal), pipeline.running]);
    return story.lineCount;
  } finally {
    status.clear();
    stopping.abort();
    await pipeline.running;
    await store.close();
  }
}

/** A second of the demo is minutes of event time: what waits by the wall clock waits shorter. */
function demoPace(settings: Settings): Partial<Settings> {
  return {
    tickIntervalMs: stepMs,
    idleTimeoutMs: 1000,
    collect: { ...settings.collect, flushIntervalMs: stepMs },
    index: { ...settings.index, flushIntervalMs: 4 * stepMs },
  };
}

interface StoryParts {
  readonly pipeline: EmbeddedPipeline;
  readonly status: LiveStatus;
  readonly meter: PrometheusMeter;
}

class Story {
  readonly #options: DemoOptions;
  readonly #parts: StoryParts;
  readonly #phases: readonly MeshPhase[] = badDeployPhases(1);
  readonly #startAtMs: number;
  readonly #spanMs: number;
  #phase: MeshPhase | undefined;
  lineCount = 0;

  constructor(options: DemoOptions, parts: StoryParts) {
    this.#options = options;
    this.#parts = parts;
    this.#spanMs = this.#phases.at(-1)?.untilMs ?? 0;
    // The story ends about now, so that its times look like today's.
    this.#startAtMs = Math.floor((systemClock.nowMs() - this.#spanMs) / 60_000) * 60_000;
  }

  async play(signal: AbortSignal): Promise<void> {
    const { pipeline } = this.#parts;
    const startedAtMs = systemClock.nowMs();
    let waiting: MeshLine[] = [];
    for (const line of this.#lines()) {
      waiting.push(line);
      const dueAtMs = startedAtMs + ((line.atMs - this.#startAtMs) / this.#spanMs) * this.#options.durationMs;
      if (dueAtMs <= systemClock.nowMs()) continue;
      await pipeline.feed(
        source,
        waiting.map((one) => one.line),
      );
      this.lineCount += waiting.length;
      waiting = [];
      await this.#show(line.atMs);
      await systemClock.sleep(stepMs, signal);
      if (signal.aborted) return;
    }
    await pipeline.feed(
      source,
      waiting.map((one) => one.line),
    );
    this.lineCount += waiting.length;
    await pipeline.settled();
  }

  #lines(): Generator<MeshLine> {
    const file = join(packageFolder(), 'recordings', 'bad-deploy.jsonl');
    const recording = parseRecording(readFileSync(file, 'utf8'));
    const { requestsPerSecond: rate, noiseRatio, seed } = { requestsPerSecond, noiseRatio: 0.004, seed: 1 };
    const startAtMs = this.#startAtMs;
    return playMesh(recording, { startAtMs, requestsPerSecond: rate, noiseRatio, seed, phases: this.#phases });
  }

  async #show(atMs: number): Promise<void> {
    const { meter, status } = this.#parts;
    const phase = this.#phases.find((one) => atMs - this.#startAtMs < one.untilMs);
    const time = new Date(atMs).toISOString().slice(11, 19);
    if (phase !== undefined && phase !== this.#phase) status.log(`${time} UTC  ${phase.name}`);
    this.#phase = phase;
    const lines = await meter.total(metrics.lines);
    const windows = await meter.total(metrics.windowsClosed);
    const firing = await meter.total(metrics.firingAlerts);
    status.show(`${time} UTC  ${lines} lines  ${windows} windows  ${firing === 0 ? 'quiet' : `${firing} firing`}`);
  }
}
