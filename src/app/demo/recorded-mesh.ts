// Turns the recorded requests of recordings/ into a stream of hours: real lines, re-timed, with an incident in it. The same settings
// give the same lines, byte for byte. Fed to the pipeline by `demo` and by the end-to-end tests.

/** What a recorded request stands for (recordings/README.md). */
type RequestKind = 'steady' | 'canary' | 'noise' | 'broken';

/** Until when, counted from the start, a mix of requests goes on, and the mix. */
export interface MeshPhase {
  readonly name: string;
  readonly untilMs: number;
  /** Share of requests that the new version serves, 0..1. */
  readonly canaryRatio: number;
  /** Share of the new version's requests that break, 0..1. */
  readonly brokenRatio: number;
}

/** Settings of a stream. */
export interface MeshSettings {
  readonly startAtMs: number;
  readonly requestsPerSecond: number;
  /** Share of requests that fail for everyday reasons, 0..1. */
  readonly noiseRatio: number;
  readonly phases: readonly MeshPhase[];
  readonly seed: number;
}

/** A line of the stream. */
export interface MeshLine {
  /** Event time: the end of the request at this proxy. */
  readonly atMs: number;
  /** The pod that wrote it: the key of the record in Kafka. */
  readonly pod: string;
  readonly line: string;
}

interface LineTemplate {
  /** Text between the places of start time, request id and trace id. */
  readonly pieces: readonly string[];
  readonly fillers: readonly ('start' | 'request' | 'trace' | 'span')[];
  /** Start after the request's first start. */
  readonly delayMs: number;
  readonly durationMs: number;
  readonly pod: string;
}

/** Recorded requests by kind. */
export type Recording = Readonly<Record<RequestKind, readonly (readonly LineTemplate[])[]>>;

/** Reads recordings/bad-deploy.jsonl. Throws on text that is not such a file. */
export function parseRecording(text: string): Recording {
  const recording: Record<RequestKind, LineTemplate[][]> = { steady: [], canary: [], noise: [], broken: [] };
  for (const row of text.split('\n')) {
    if (row === '') continue;
    const { kind, lines } = JSON.parse(row) as { kind: RequestKind; lines: readonly string[] };
    const starts = lines.map((line) => Date.parse((JSON.parse(line) as { start_time: string }).start_time));
    const firstMs = Math.min(...starts);
    recording[kind].push(lines.map((line, i) => toTemplate(line, (starts[i] ?? firstMs) - firstMs)));
  }
  return recording;
}

function toTemplate(line: string, delayMs: number): LineTemplate {
  const record = JSON.parse(line) as Record<string, string | number | null>;
  const traceparent = String(record['traceparent'] ?? '').split('-');
  const texts = new Map<string, 'start' | 'request' | 'trace' | 'span'>();
  texts.set(String(record['start_time']), 'start');
  if (record['request_id'] !== null) texts.set(String(record['request_id']), 'request');
  if (traceparent.length === 4) {
    texts.set(String(traceparent[1]), 'trace');
    texts.set(`${traceparent[2]}-01`, 'span');
  }
  const pieces: string[] = [];
  const fillers: LineTemplate['fillers'][number][] = [];
  let rest = line;
  for (;;) {
    const next = [...texts].map(([text, kind]) => ({ at: rest.indexOf(text), text, kind })).filter(({ at }) => at >= 0);
    next.sort((a, b) => a.at - b.at || b.text.length - a.text.length);
    const [first] = next;
    if (first === undefined) break;
    pieces.push(rest.slice(0, first.at));
    fillers.push(first.kind);
    rest = rest.slice(first.at + first.text.length);
  }
  pieces.push(rest);
  const pod = String(record['pod']).split('~')[2] ?? 'unknown';
  return { pieces, fillers, delayMs, durationMs: Number(record['duration']), pod };
}

/** The lines of the stream in the order in which the proxies log them (by event time; equal times in the order of requests). */
export function* playMesh(recording: Recording, settings: MeshSettings): Generator<MeshLine> {
  const random = randomNumbers(settings.seed);
  const untilMs = settings.startAtMs + (settings.phases.at(-1)?.untilMs ?? 0);
  const gapMs = 1000 / settings.requestsPerSecond;
  let waiting: MeshLine[] = [];
  let number = 0;
  for (let atMs: number = settings.startAtMs; atMs < untilMs; atMs += gapMs * (0.5 + random()), number += 1) {
    const requests = recording[chooseKind(settings, atMs - settings.startAtMs, random)];
    const request = requests[Math.floor(random() * requests.length)] ?? [];
    for (const template of request) waiting.push(fill(template, Math.floor(atMs), number, settings.seed));
    // What ends before the next request starts cannot be overtaken any more.
    const done = waiting.filter((line) => line.atMs <= atMs).sort((a, b) => a.atMs - b.atMs);
    waiting = waiting.filter((line) => line.atMs > atMs);
    yield* done;
  }
  yield* waiting.sort((a, b) => a.atMs - b.atMs);
}

function chooseKind(settings: MeshSettings, elapsedMs: number, random: () => number): RequestKind {
  const phase = settings.phases.find((one) => elapsedMs < one.untilMs);
  const isCanary = random() < (phase?.canaryRatio ?? 0);
  if (isCanary) return random() < (phase?.brokenRatio ?? 0) ? 'broken' : 'canary';
  return random() < settings.noiseRatio ? 'noise' : 'steady';
}

function fill(template: LineTemplate, atMs: number, number: number, seed: number): MeshLine {
  const startAtMs = atMs + template.delayMs;
  const hex = (digits: number, value: number): string => value.toString(16).padStart(digits, '0');
  const id = hex(12, number);
  const group = hex(8, seed);
  const values = {
    start: new Date(startAtMs).toISOString(),
    request: `${group}-0000-4000-8000-${id}`,
    trace: `${group}${hex(24, number + 1)}`,
    span: `${hex(16, number + 1)}-01`,
  };
  let line = template.pieces[0] ?? '';
  template.fillers.forEach((filler, i) => {
    line += values[filler] + (template.pieces[i + 1] ?? '');
  });
  return { atMs: startAtMs + template.durationMs, pod: template.pod, line };
}

/** Mulberry32: a small generator with a seed, uniform in [0, 1). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const minuteMs = 60_000;

/**
 * The demo's story, in event time: payments v2 is deployed as a canary, works for five minutes, then closes connections before it answers,
 * and is rolled back. `scale` stretches the whole; the quiet part before is long enough for baselines to be learned.
 */
export function badDeployPhases(scale: number): readonly MeshPhase[] {
  const phase = (name: string, untilMin: number, canaryRatio: number, brokenRatio: number): MeshPhase => ({
    name,
    untilMs: Math.round(untilMin * minuteMs * scale),
    canaryRatio,
    brokenRatio,
  });
  return [
    phase('payments v1 serves everybody', 95, 0, 0),
    phase('payments v2 is deployed and serves a quarter', 100, 0.25, 0),
    phase('payments v2 closes connections', 108, 0.25, 0.6),
    phase('payments v2 is rolled back', 120, 0, 0),
  ];
}
