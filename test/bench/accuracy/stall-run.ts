// Input that stops and catches up, on the live loops: a partition that no lines reach, then a partition that nobody reads. The mesh is
// well all the time, so only alerts about the input may fire.
import type { AlertRule } from '#core/evaluate/rule.ts';
import { SimulatedMesh } from '../mesh-simulator/mesh.ts';
import { SeededRandom } from '../mesh-simulator/seeded-random.ts';
import type { FiredAlert } from './alert-matching.ts';
import { LivePipeline } from './live-pipeline.ts';

/** A stall and what was said about the input in its time. */
interface JudgedStall {
  /** `no_lines`: shippers stop, the reader is at the end; `no_reader`: lines come, nobody reads them. Then all at once. */
  readonly kind: 'no_lines' | 'no_reader';
  readonly partition: number;
  readonly fromMs: number;
  readonly untilMs: number;
  /** From the stall to the first alert about the input, milliseconds of the wall clock; `null` for none. */
  readonly delayMs: number | null;
}

/** A run with stalls. */
export interface StallRun {
  readonly seed: number;
  readonly stalls: readonly JudgedStall[];
  /** Alerts about the mesh: each of them is false. */
  readonly falseAlerts: readonly FiredAlert[];
  readonly seconds: number;
}

const minuteMs = 60_000;
const stepMs = 1000;
const partitionCount = 6;
const learningMs = 75 * minuteMs;
const calmMs = 20 * minuteMs;
const stallMs = 4 * minuteMs;
const scale = 1;

/** Two hours with both kinds of stall. */
export async function runStalls(seed: number, rules: readonly AlertRule[]): Promise<StallRun> {
  const random = new SeededRandom(seed, 5);
  const startAtMs = Date.UTC(2026, 10, 18, 2);
  const stall = (kind: JudgedStall['kind'], fromMs: number) => {
    const partition = Math.floor(random.next() * partitionCount);
    return { kind, partition, fromMs, untilMs: fromMs + stallMs };
  };
  const first = stall('no_lines', startAtMs + learningMs);
  const stalls = [first, stall('no_reader', first.untilMs + calmMs)];
  const endAtMs = startAtMs + learningMs + 2 * (stallMs + calmMs);
  const conditions = new Map(rules.map(({ alert, condition }) => [alert, condition.kind]));
  const fired: FiredAlert[] = [];
  const startedAtMs = performance.now();
  const plan = { startAtMs, endAtMs, incidents: [], effects: [], deploys: [] };
  const mesh = new SimulatedMesh({ seed, plan, scale, partitionCount });
  const pipeline = await LivePipeline.open({
    rules,
    partitionCount,
    startAtMs,
    onTransition: ({ status, alert, atMs, labels, verdict, isShadow }) => {
      if (status !== 'firing' || isShadow) return;
      fired.push({ alert, condition: conditions.get(alert) ?? 'unknown', atMs, labels, reason: verdict.reason });
    },
  });
  const held: Uint8Array[][] = Array.from({ length: partitionCount }, () => []);
  for (let second = mesh.nextSecond(); second !== null && second.atMs < endAtMs; second = mesh.nextSecond()) {
    const nowMs = second.atMs + stepMs;
    const arrived = second.chunks.map((chunks, partition) => {
      const lines = chunks.flatMap(splitLines);
      const stalled = stalls.find((one) => one.partition === partition && one.fromMs <= nowMs && nowMs < one.untilMs);
      const waiting = held[partition] ?? [];
      waiting.push(...lines);
      if (stalled !== undefined) return stalled.kind === 'no_reader' ? null : [];
      return waiting.splice(0);
    });
    await pipeline.advance(nowMs, arrived);
  }
  const isPipeline = ({ condition }: FiredAlert): boolean => condition === 'pipeline';
  return {
    seed,
    stalls: stalls.map((one) => {
      const about = fired.find((alert) => isPipeline(alert) && one.fromMs <= alert.atMs && alert.atMs <= one.untilMs);
      return { ...one, delayMs: about === undefined ? null : about.atMs - one.fromMs };
    }),
    falseAlerts: fired.filter((alert) => !isPipeline(alert)),
    seconds: (performance.now() - startedAtMs) / 1000,
  };
}

function splitLines(chunk: Buffer): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < chunk.length; ) {
    const end = chunk.indexOf(0x0a, start);
    lines.push(chunk.subarray(start, end));
    start = end + 1;
  }
  return lines;
}
