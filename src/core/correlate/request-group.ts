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
  readonly pendingEnds: readonly number[];
  readonly settledUntilMs: number | null;
  readonly wasSettled: boolean;
  readonly queuedAtMs: number;
  readonly isQueuedToWait: boolean;
  /** What was said, with the places of its lines among `lines`. */
  readonly told: readonly { readonly fault: RequestFault; readonly lines: readonly number[] }[];
}

/** The lines that are settled together: the latest of them, and the event time that the watermark must have passed. */
interface Cluster {
  readonly toMs: number;
  readonly dueAtMs: number;
}

/** What became of a line. */
export type Addition = 'kept' | 'twice' | 'full';

/**
 * One group. Deterministic: what is said, and when, depends on the lines alone, not on the order in which they came, nor on the steps in
 * which the watermark comes: a line that ended after the wait of those before it was over is not settled with them, even if it is here.
 */
export class RequestGroup {
  readonly key: string;
  /** In which of the table's queues the group is, and where; kept by the table. */
  queuedAtMs = 0;
  isQueuedToWait = false;
  #lines: RequestLine[] = [];
  #told = new Map<string, CorrelatedRequest>();
  /** Event times of the lines that came, or went, since the group was last settled, ascending. */
  #pendingEnds: number[] = [];
  /** Lines up to here were settled. */
  #settledUntilMs = Number.NEGATIVE_INFINITY;
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
    return this.#pendingEnds.length > 0;
  }

  /** Whether its wait was over once: then every further line is a late one. */
  get wasSettled(): boolean {
    return this.#wasSettled;
  }

  /** The event time that the watermark must have passed before the group is settled; only while it is waiting. */
  dueAtMs(settings: GroupSettings): number {
    return this.#cluster(settings).dueAtMs;
  }

  #cluster({ waitMs, maxHoldMs }: GroupSettings): Cluster {
    const fromMs = this.#pendingEnds[0] ?? this.#lastEndAtMs;
    let toMs = fromMs;
    for (const endMs of this.#pendingEnds) {
      if (endMs > Math.min(toMs + waitMs, fromMs + maxHoldMs)) break;
      toMs = endMs;
    }
    return { toMs, dueAtMs: Math.min(toMs + waitMs, fromMs + maxHoldMs) };
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

  /**
   * What there is to say that was not said before: new results, corrected ones, and those that are taken back. `isLast`: the group is given
   * up, so nothing of it is left for later.
   */
  settle(settings: GroupSettings, isLast = false): readonly RequestFault[] {
    const untilMs = Math.max(this.#settledUntilMs, isLast ? this.#lastEndAtMs : this.#cluster(settings).toMs);
    this.#settledUntilMs = untilMs;
    this.#pendingEnds = this.#pendingEnds.filter((endMs) => endMs > untilMs);
    this.#wasSettled = true;
    const lines = this.#lines.filter((line) => lineEndAtMs(line) <= untilMs);
    const countedAtMs = Math.max(...lines.map(lineEndAtMs));
    const results = keepIds(correlate(lines, settings), this.#told);
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
        countedAtMs: Number.isFinite(countedAtMs) ? countedAtMs : this.#lastEndAtMs,
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
    const place = this.#pendingEnds.findLastIndex((endMs) => endMs <= atMs) + 1;
    this.#pendingEnds.splice(place, 0, atMs);
    this.#lastEndAtMs = Math.max(this.#lastEndAtMs, atMs);
  }

  snapshot(): GroupSnapshot {
    return {
      key: this.key,
      lines: this.#lines,
      pendingEnds: this.#pendingEnds,
      settledUntilMs: Number.isFinite(this.#settledUntilMs) ? this.#settledUntilMs : null,
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
    group.#pendingEnds = [...snapshot.pendingEnds];
    group.#settledUntilMs = snapshot.settledUntilMs ?? Number.NEGATIVE_INFINITY;
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
