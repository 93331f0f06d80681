// What broke on one hop, from both sides together: each side is believed in what it alone can know.
import type { Fault } from '#core/classify/classification.ts';
import type { Hop } from './hop.ts';
import { agree } from './hop.ts';
import type { RequestLine } from './request-line.ts';
import { connectionOf, hostOfAddress, isFailedFault } from './request-line.ts';

/** What one hop shows. */
export interface HopReading {
  readonly fault: Fault;
  /** The line that settles it. */
  readonly decidedBy: RequestLine;
  /** The attempt whose outcome is that of the hop; `null` where it did not get that far, or its line is not here. */
  readonly last: RequestLine | null;
}

/** Reads a hop. A failed attempt that the source's retry saved leaves `none`. */
export function readHop(hop: Hop): HopReading {
  const { source } = hop;
  const last = lastAttempt(hop);
  if (source === null) return readArrivals(hop);
  if (last === null) return { fault: source.fault, decidedBy: source, last };
  const decidedBy = decide(source, last);
  return { fault: decidedBy.fault, decidedBy, last };
}

/** Whether a destination's line only says that its caller's proxy went away: DC, DR, or HTTP without any answer. */
export function isDeparture(line: RequestLine): boolean {
  if (line.fault !== 'timeout' && line.fault !== 'caller_left') return false;
  return line.flags.includes('DC') || line.flags.includes('DR') || (line.flags.length === 0 && line.code === 0);
}

/** Whether the source's proxy passed an answer of its upstream on, and not one of its own. */
function isPassedOn(source: RequestLine): boolean {
  return source.details === null ? source.flags.length === 0 : source.details === 'via_upstream';
}

// The only side there is: then nobody else can have given up, so whoever called has left.
function readArrivals(hop: Hop): HopReading {
  const last = hop.attempts.at(-1) as RequestLine;
  return { fault: isDeparture(last) ? 'caller_left' : last.fault, decidedBy: last, last };
}

function lastAttempt(hop: Hop): RequestLine | null {
  const { source, attempts } = hop;
  const latest = attempts.at(-1) ?? null;
  if (source === null || latest === null) return latest;
  // An answer that was passed on has the code of the attempt that gave it; the others were tried again.
  if (isPassedOn(source)) return attempts.findLast((attempt) => attempt.code === source.code) ?? null;
  const connection = connectionOf(source);
  const connected = attempts.findLast((attempt) => agree(connection, connectionOf(attempt)));
  if (connected !== undefined) return connected;
  // Another connection of the same caller: an attempt before the last, which left no line.
  const isComparable = connection !== null && connectionOf(latest) !== null;
  const sameCaller = agree(hostOfAddress(source.upstreamLocalAddress), hostOfAddress(latest.downstreamRemoteAddress));
  return isComparable && sameCaller ? null : latest;
}

// What the source's proxy saw come back: behind it lies what only the destination's proxy knows.
const cameFromUpstream: ReadonlySet<Fault> = new Set([
  'none',
  'client_error',
  'app_error',
  'app_down',
  'app_closed',
  'app_truncated',
  'app_protocol',
]);
const gaveUpWaiting: ReadonlySet<Fault> = new Set(['timeout', 'caller_left']);

function decide(source: RequestLine, last: RequestLine): RequestLine {
  // Who waits longer than usual gives up or leaves: a delay that the callee's proxy injected comes first.
  if (last.fault === 'injected' && gaveUpWaiting.has(source.fault)) return last;
  // Not every TLS failure is called one by the proxy that wanted to connect.
  if (last.fault === 'tls' && source.fault === 'unreachable') return last;
  if (!cameFromUpstream.has(source.fault) || isDeparture(last)) return source;
  return isFailedFault(last.fault) ? last : source;
}
