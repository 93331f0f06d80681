// Which group a line belongs to: by trace, request or connection, and where one line ties two of these together.
import type { Fault } from '#core/classify/classification.ts';
import { hasId } from './hop.ts';
import type { RequestLine } from './request-line.ts';
import { connectionOf, correlationKey, lineEndAtMs } from './request-line.ts';

interface ConnectionUse {
  readonly key: string;
  readonly startAtMs: number;
  readonly endAtMs: number;
}

// Faults of a source whose destination may have seen no request at all, only bytes: its line carries no id then.
const leavesNoId: ReadonlySet<Fault> = new Set(['unreachable', 'tls', 'app_closed', 'app_truncated', 'app_protocol']);

// Requests that failed on one connection and are looked for: a connection on which nothing was understood does not live long.
const maxUses = 16;

/** Keys of groups by what their lines carry. Holds no more than the lines that were registered. */
export class LineIndex {
  /** Trace groups by the request ids in them, for lines that carry the request id alone. */
  readonly #byRequest = new Map<string, string>();
  /** Uses of a connection by groups that have ids, for lines that have none. */
  readonly #byConnection = new Map<string, ConnectionUse[]>();

  /** The key of the group that the line belongs to. */
  keyOf(line: RequestLine, maxApartMs: number): string {
    const key = correlationKey(line);
    if (line.traceId !== null) return key;
    if (line.requestId !== null) return this.#byRequest.get(line.requestId) ?? key;
    const uses = this.#byConnection.get(connectionOf(line) ?? '') ?? [];
    let nearest: ConnectionUse | null = null;
    for (const use of uses) {
      const apartMs = gapMs(line, use);
      if (apartMs <= maxApartMs && (nearest === null || apartMs < gapMs(line, nearest))) nearest = use;
    }
    return nearest?.key ?? key;
  }

  /** Remembers that the line is in the group. */
  register(line: RequestLine, key: string): void {
    if (line.traceId !== null && line.requestId !== null && !this.#byRequest.has(line.requestId)) {
      this.#byRequest.set(line.requestId, key);
    }
    const connection = strayConnection(line);
    if (connection === null) return;
    const use = { key, startAtMs: line.startAtMs, endAtMs: lineEndAtMs(line) };
    const uses = this.#byConnection.get(connection);
    if (uses === undefined) {
      this.#byConnection.set(connection, [use]);
      return;
    }
    uses.push(use);
    if (uses.length > maxUses) uses.shift();
  }

  /** Forgets what leads to the group, by its lines. */
  unregister(lines: Iterable<RequestLine>, key: string): void {
    for (const line of lines) {
      if (line.requestId !== null && this.#byRequest.get(line.requestId) === key)
        this.#byRequest.delete(line.requestId);
      const connection = strayConnection(line);
      const rest =
        connection === null ? [] : (this.#byConnection.get(connection) ?? []).filter((use) => use.key !== key);
      if (connection === null) continue;
      if (rest.length === 0) this.#byConnection.delete(connection);
      else this.#byConnection.set(connection, rest);
    }
  }
}

/** The connection on which a line without an id may have come for this one; `null` where there is none to look for. */
export function strayConnection(line: RequestLine): string | null {
  if (!hasId(line) || line.traffic.reporter !== 'source' || !leavesNoId.has(line.fault)) return null;
  return connectionOf(line);
}

/** Milliseconds between a line and another span of time; 0 where they overlap. */
export function gapMs(line: RequestLine, span: { readonly startAtMs: number; readonly endAtMs: number }): number {
  return Math.max(0, span.startAtMs - lineEndAtMs(line), line.startAtMs - span.endAtMs);
}
