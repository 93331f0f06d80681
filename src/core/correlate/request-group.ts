// The lines of one trace, request or connection while they wait, and what was said of them: one row of the request table.
import type { CorrelatedRequest } from './correlate.ts';
import { correlate } from './correlate.ts';
import { explainRetraction } from './explain-fault.ts';
import type { PairingSettings } from './hop.ts';
import type { RequestFault } from './request-fault.ts';
import type { RequestLine } from './request-line.ts';
import { isRepeat, isSameLine, lineEndAtMs } from './request-line.ts';

/** How long a group waits, and how much it holds. */
export interface GroupSettings extends PairingSettings {
  /** How long lines wait for their partners after the last that came, in event time. */
  readonly waitMs: number;
  /** How long the first of them waits at most, however many follow. */
  readonly maxHoldMs: number;
  /** Lines of one group; those beyond are dropped and counted. */
  readonly maxLinesPerRequest: number;
}

/** Plain form of a group, for snapshots. */
export interface GroupSnapshot {
  readonly key: string;
  readonly lines: readonly RequestLine[];
  readonly waiting: WaitingSpan | null;
  readonly wasSettled: boolean;
  readonly queuedAtMs: number;
  readonly isQueuedToWait: boolean;
  /** What was said, with the places of its lines among `lines`. */
  readonly told: readonly { readonly fault: RequestFault; readonly lines: readonly number[] }[];
}

/** Event times of the lines that came since the group was last settled: the earliest and the latest. */
interface WaitingSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What became of a line. */
export type Addition = 'kept' | 'twice' | 'full';

/** One group. Deterministic: what is said depends on the lines alone, not on the order in which they came. */
export class RequestGroup {
  readonly key: string;
  /** In which of the table's queues the group is, and where; kept by the table. */
  queuedAtMs = 0;
  isQueuedToWait = false;
  #lines: RequestLine[] = [];
  #told = new Map<string, CorrelatedRequest>();
  #waiting: WaitingSpan | null = null;
  #lastEndAtMs = Number.NEGATIVE_INFINITY;
  #wasSettled = false;

  constructor(key: string) {
    this.key = key;
  }

  get lines(): readonly RequestLine[] {
    return this.#lines;
  }

  /** Whether lines came that nothing was said of yet. */
  get isWaiting(): boolean {
    return this.#waiting !== null;
  }

  /** Whether its wait was over once: then every further line is a late one. */
  get wasSettled(): boolean {
    return this.#wasSettled;
  }

  /** The event time that the watermark must have passed before the group is settled; only while it is waiting. */
  dueAtMs(settings: GroupSettings): number {
    const { fromMs, toMs } = this.#waiting ?? { fromMs: this.#lastEndAtMs, toMs: this.#lastEndAtMs };
    return Math.min(toMs + settings.waitMs, fromMs + settings.maxHoldMs);
  }

  /** Event time of its last line. */
  get lastEndAtMs(): number {
    return this.#lastEndAtMs;
  }

  add(line: RequestLine, settings: GroupSettings): Addition {
    if (this.#lines.some((other) => isRepeat(other, line))) return 'twice';
    if (this.#lines.length >= settings.maxLinesPerRequest) return 'full';
    this.#lines.push(line);
    this.#wake(line);
    return 'kept';
  }

  /** Takes lines out, as they turned out to belong to another group. */
  take(isWanted: (line: RequestLine) => boolean): readonly RequestLine[] {
    const taken = this.#lines.filter(isWanted);
    if (taken.length === 0) return taken;
    this.#lines = this.#lines.filter((line) => !taken.includes(line));
    for (const line of taken) this.#wake(line);
    return taken;
  }

  /** Takes over what another group, of which nothing is left, had said: it is corrected from here. */
  inherit(other: RequestGroup): void {
    for (const [id, request] of other.#told) if (!this.#told.has(id)) this.#told.set(id, request);
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  /** What there is to say that was not said before: new results, corrected ones, and those that are taken back. */
  settle(settings: GroupSettings): readonly RequestFault[] {
    this.#waiting = null;
    this.#wasSettled = true;
    const results = keepIds(correlate(this.#lines, settings), this.#told);
    const told = new Map<string, CorrelatedRequest>();
    const changes: RequestFault[] = [];
    const tell = (request: CorrelatedRequest, before: CorrelatedRequest | undefined): void => {
      if (before !== undefined && isSame(before.fault, request.fault)) {
        told.set(before.fault.id, before);
        return;
      }
      const fault = {
        ...request.fault,
        revision: (before?.fault.revision ?? 0) + 1,
        filedAtMs: before?.fault.filedAtMs ?? request.fault.filedAtMs,
        countedAtMs: this.#lastEndAtMs,
      };
      told.set(fault.id, { ...request, fault });
      changes.push(fault);
    };
    for (const request of results) tell(request, this.#told.get(request.fault.id));
    for (const [id, before] of this.#told) if (!told.has(id)) tell(takeBack(before), before);
    this.#told = told;
    return changes;
  }

  #wake(line: RequestLine): void {
    const atMs = lineEndAtMs(line);
    const { fromMs, toMs } = this.#waiting ?? { fromMs: atMs, toMs: atMs };
    this.#waiting = { fromMs: Math.min(fromMs, atMs), toMs: Math.max(toMs, atMs) };
    this.#lastEndAtMs = Math.max(this.#lastEndAtMs, atMs);
  }

  snapshot(): GroupSnapshot {
    return {
      key: this.key,
      lines: this.#lines,
      waiting: this.#waiting,
      wasSettled: this.#wasSettled,
      queuedAtMs: this.queuedAtMs,
      isQueuedToWait: this.isQueuedToWait,
      told: [...this.#told.values()].map(({ fault, lines }) => ({ fault, lines: placesOf(lines, this.#lines) })),
    };
  }

  /** A group that goes on where the snapshot was taken. */
  static restore(snapshot: GroupSnapshot): RequestGroup {
    const group = new RequestGroup(snapshot.key);
    group.#lines = [...snapshot.lines];
    group.#lastEndAtMs = Math.max(...snapshot.lines.map(lineEndAtMs));
    group.#waiting = snapshot.waiting;
    group.#wasSettled = snapshot.wasSettled;
    group.queuedAtMs = snapshot.queuedAtMs;
    group.isQueuedToWait = snapshot.isQueuedToWait;
    for (const { fault, lines } of snapshot.told) {
      group.#told.set(fault.id, { fault, lines: lines.flatMap((at) => snapshot.lines[at] ?? []) });
    }
    return group;
  }
}

// A late line may bring an id, or an earlier start, and so another identity: the request that was told of keeps its own.
function keepIds(
  results: readonly CorrelatedRequest[],
  told: ReadonlyMap<string, CorrelatedRequest>,
): readonly CorrelatedRequest[] {
  const free = new Map(told);
  for (const { fault } of results) free.delete(fault.id);
  return results.map((request) => {
    if (told.has(request.fault.id)) return request;
    const before = [...free.values()].find(({ lines }) => placesOf(lines, request.lines).length > 0);
    if (before === undefined) return request;
    free.delete(before.fault.id);
    return { ...request, fault: { ...request.fault, id: before.fault.id } };
  });
}

// Told lines that are not in the group any more have no place there.
function placesOf(lines: readonly RequestLine[], among: readonly RequestLine[]): readonly number[] {
  return lines.map((line) => among.findIndex((other) => isSameLine(line, other))).filter((place) => place !== -1);
}

function isSame(a: RequestFault, b: RequestFault): boolean {
  return statementOf(a) === statementOf(b);
}

// What is said of the request, without when and how often it was said.
function statementOf(fault: RequestFault): string {
  return JSON.stringify({ ...fault, revision: 0, filedAtMs: 0, countedAtMs: 0 });
}

function takeBack(before: CorrelatedRequest): CorrelatedRequest {
  const { fault } = before;
  const root = { ...fault.root, fault: 'none' as const };
  return { ...before, fault: { ...fault, party: 'none', fault: 'none', root, why: explainRetraction() } };
}
