// Brings the lines of each request together, waits for their partners in event time, and says what failed. Driven by a loop:
// lines in, watermark on, results out. Bounded in requests, in lines of each, and in time.
import { DueQueue } from './due-queue.ts';
import { HealthyLines } from './healthy-lines.ts';
import { gapMs, LineIndex, strayConnection } from './line-index.ts';
import type { RequestFault } from './request-fault.ts';
import type { GroupSettings, GroupSnapshot } from './request-group.ts';
import { RequestGroup } from './request-group.ts';
import type { RequestLine } from './request-line.ts';
import { lineEndAtMs, needsPartners } from './request-line.ts';

/** Settings of the table. */
export interface RequestTableSettings extends GroupSettings {
  /** How long a request is known after it was settled, in event time, so that a late line corrects it. */
  readonly rememberMs: number;
  /** Requests that are held at once, waiting and remembered. One takes about 2.5 KB. */
  readonly maxRequests: number;
  /** Healthy lines that are kept, oldest out first, in case a failed partner follows; 0 where they are not even sent here. */
  readonly maxHealthyLines: number;
}

/** What the loop and the command begin with. */
export const defaultRequestTableSettings: RequestTableSettings = {
  maxApartMs: 5_000,
  // Both sides log within a round trip of each other; shippers differ by a second or two.
  waitMs: 5_000,
  // A trace may go on for hours; what failed at its beginning is told within a minute all the same.
  maxHoldMs: 60_000,
  // Longer than the usual limit of a request with retries, whose first attempt comes that much earlier.
  rememberMs: 60_000,
  // About 125 MB; at 5 s of wait and 60 s of memory it holds up to 770 failed requests a second.
  maxRequests: 50_000,
  maxLinesPerRequest: 128,
  maxHealthyLines: 0,
};

/** What the table had to do beyond its plain work, since it was made. */
export interface RequestTableCounts {
  /** Lines that came twice. */
  readonly repeatedLines: number;
  /** Lines beyond the bound of their request. */
  readonly droppedLines: number;
  /** Lines of requests that had been settled already; each may have corrected its request. */
  readonly lateLines: number;
  /** Requests that were settled before their wait was over, for want of room. */
  readonly givenUpRequests: number;
  /** Settled requests that were forgotten early, for want of room: a late line of theirs begins anew. */
  readonly forgottenRequests: number;
}

/** Plain form of a table, for snapshots. */
export interface RequestTableSnapshot {
  readonly groups: readonly GroupSnapshot[];
  readonly healthyLines: readonly RequestLine[];
  readonly ready: readonly RequestFault[];
  readonly counts: RequestTableCounts;
}

type MutableCounts = { -readonly [K in keyof RequestTableCounts]: number };

const noCounts: RequestTableCounts = {
  repeatedLines: 0,
  droppedLines: 0,
  lateLines: 0,
  givenUpRequests: 0,
  forgottenRequests: 0,
};

/**
 * The table. Deterministic: between two calls of `closeUntil` the order of the lines changes nothing, and with an honest
 * watermark lines of a request that end up to `waitMs` apart are always seen together.
 *
 * Example: wait 5 s. The destination's line ended at 12:00:01.0, so the request is due at 12:00:06.0 and is settled when the
 * watermark has passed that. The source's line ended at 12:00:05.9 and came before: due at 12:00:10.9.
 */
export class RequestTable {
  readonly #settings: RequestTableSettings;
  readonly #groups = new Map<string, RequestGroup>();
  readonly #index = new LineIndex();
  readonly #healthy: HealthyLines;
  /** Waiting groups by when they may be due (never later than they are), settled ones by when they are forgotten. */
  readonly #waiting = new DueQueue();
  readonly #settled = new DueQueue();
  #ready: RequestFault[] = [];
  #counts: MutableCounts = { ...noCounts };

  constructor(settings: RequestTableSettings) {
    this.#settings = settings;
    this.#healthy = new HealthyLines(settings.maxHealthyLines);
  }

  get counts(): RequestTableCounts {
    return this.#counts;
  }

  /** Requests that are held. */
  get size(): number {
    return this.#groups.size;
  }

  /** Requests whose wait is not over. */
  get waitingCount(): number {
    let count = 0;
    for (const group of this.#groups.values()) if (group.isWaiting) count += 1;
    return count;
  }

  /** Event time before which no request is due; `null` when none waits. */
  get nextDueAtMs(): number | null {
    return this.#waiting.nextAtMs;
  }

  /** Takes a line of either side, healthy ones as well. */
  add(line: RequestLine): void {
    const key = this.#index.keyOf(line, this.#settings.maxApartMs);
    let group = this.#groups.get(key);
    if (group === undefined) {
      if (!needsPartners(line)) {
        this.#healthy.add(key, line);
        return;
      }
      group = this.#open(key);
    }
    this.#addTo(group, line);
  }

  /**
   * Settles every request whose wait is over at the watermark and returns what there is to say, in the order in which they
   * were due. A result with a revision above 1 corrects the one before of the same id.
   */
  closeUntil(watermarkMs: number): readonly RequestFault[] {
    while (isDue(this.#waiting, watermarkMs)) {
      const group = this.#groups.get(this.#waiting.pop() ?? '');
      if (group?.isWaiting !== true) continue;
      if (group.dueAtMs(this.#settings) < watermarkMs) this.#ready.push(...group.settle(this.#settings));
      this.#enqueue(group);
    }
    while (isDue(this.#settled, watermarkMs)) {
      const group = this.#groups.get(this.#settled.pop() ?? '');
      if (group === undefined || group.isWaiting) continue;
      if (this.#forgetAtMs(group) < watermarkMs) this.#drop(group);
      else this.#enqueue(group);
    }
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  #addTo(group: RequestGroup, line: RequestLine): void {
    const outcome = group.add(line, this.#settings);
    if (outcome === 'twice') this.#counts.repeatedLines += 1;
    if (outcome === 'full') this.#counts.droppedLines += 1;
    if (outcome !== 'kept') return;
    if (group.wasSettled) this.#counts.lateLines += 1;
    this.#index.register(line, group.key);
    this.#absorb(group, line);
    if (!group.isQueuedToWait || group.dueAtMs(this.#settings) < group.queuedAtMs) this.#enqueue(group);
  }

  // Lines that came before this one, which shows that they belong to its group.
  #absorb(group: RequestGroup, line: RequestLine): void {
    if (line.traceId !== null && line.requestId !== null) {
      this.#move(`request ${line.requestId}`, group, () => true);
    }
    const connection = strayConnection(line);
    if (connection === null) return;
    const span = { startAtMs: line.startAtMs, endAtMs: lineEndAtMs(line) };
    this.#move(`connection ${connection}`, group, (other) => gapMs(other, span) <= this.#settings.maxApartMs);
  }

  #move(fromKey: string, to: RequestGroup, isWanted: (line: RequestLine) => boolean): void {
    const from = this.#groups.get(fromKey);
    const lines = [...(from?.take(isWanted) ?? []), ...this.#healthy.take(fromKey)];
    this.#index.unregister(lines, fromKey);
    if (from?.isEmpty) {
      to.inherit(from);
      this.#groups.delete(fromKey);
    } else if (from !== undefined && lines.length > 0) {
      this.#enqueue(from);
    }
    for (const line of lines) this.#addTo(to, line);
  }

  #open(key: string): RequestGroup {
    if (this.#groups.size >= this.#settings.maxRequests) this.#makeRoom();
    const group = new RequestGroup(key);
    this.#groups.set(key, group);
    for (const partner of this.#healthy.take(key)) this.#addTo(group, partner);
    return group;
  }

  // What was told already is the least loss; then whoever has waited longest is told with what is here.
  #makeRoom(): void {
    for (let key = this.#settled.pop(); key !== null; key = this.#settled.pop()) {
      const group = this.#groups.get(key);
      if (group === undefined || group.isWaiting) continue;
      this.#counts.forgottenRequests += 1;
      this.#drop(group);
      return;
    }
    for (let key = this.#waiting.pop(); key !== null; key = this.#waiting.pop()) {
      const group = this.#groups.get(key);
      if (group === undefined || !group.isWaiting) continue;
      this.#counts.givenUpRequests += 1;
      this.#ready.push(...group.settle(this.#settings, true));
      this.#drop(group);
      return;
    }
  }

  #enqueue(group: RequestGroup): void {
    const queue = group.isWaiting ? this.#waiting : this.#settled;
    group.queuedAtMs = group.isWaiting ? group.dueAtMs(this.#settings) : this.#forgetAtMs(group);
    group.isQueuedToWait = group.isWaiting;
    queue.push(group.queuedAtMs, group.key);
  }

  #forgetAtMs(group: RequestGroup): number {
    return group.lastEndAtMs + this.#settings.waitMs + this.#settings.rememberMs;
  }

  #drop(group: RequestGroup): void {
    this.#groups.delete(group.key);
    this.#index.unregister(group.lines, group.key);
  }

  snapshot(): RequestTableSnapshot {
    return {
      groups: [...this.#groups.values()].map((group) => group.snapshot()),
      healthyLines: this.#healthy.lines(),
      ready: this.#ready,
      counts: { ...this.#counts },
    };
  }

  /** A table that goes on where the snapshot was taken. */
  static restore(settings: RequestTableSettings, snapshot: RequestTableSnapshot): RequestTable {
    const table = new RequestTable(settings);
    for (const plain of snapshot.groups) {
      const group = RequestGroup.restore(plain);
      table.#groups.set(group.key, group);
      for (const line of group.lines) table.#index.register(line, group.key);
      (group.isQueuedToWait ? table.#waiting : table.#settled).push(group.queuedAtMs, group.key);
    }
    for (const line of snapshot.healthyLines) {
      table.#healthy.add(table.#index.keyOf(line, settings.maxApartMs), line);
    }
    table.#ready = [...snapshot.ready];
    table.#counts = { ...snapshot.counts };
    return table;
  }
}

function isDue(queue: DueQueue, watermarkMs: number): boolean {
  return queue.nextAtMs !== null && queue.nextAtMs < watermarkMs;
}
