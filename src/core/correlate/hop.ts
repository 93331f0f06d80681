// Pairs the lines of a request into hops: the caller's line with those of the attempts that reached the callee.

import { unknownName } from '#core/attribute/traffic.ts';
import { compareText } from '#core/compare-text.ts';
import { calleePlace, callerPlace } from './place.ts';
import type { RequestLine } from './request-line.ts';
import { connectionOf, hostOfAddress, isRepeat, lineEndAtMs, lineKey } from './request-line.ts';

/** One call from a service to another. At least one of both sides is there. */
export interface Hop {
  /** The line of the caller's proxy; `null` where it has none, or its line is not here. */
  readonly source: RequestLine | null;
  /** The lines of the callee's proxies, in the order of their ends; several where the caller's proxy tried again. */
  readonly attempts: readonly RequestLine[];
}

/** Bounds of what belongs together. */
export interface PairingSettings {
  /**
   * How far lines of one request may be apart, in milliseconds: clocks of nodes differ, and ports are used again. Also the
   * most by which a call may seem to outlast the request that it was made for.
   */
  readonly maxApartMs: number;
}

// Proxies log whole milliseconds of clocks that differ a little: less than this decides nothing.
const slackMs = 10;

/** The hops of `lines`, each line in one of them; ordered by start. Neither the order of the lines nor repeats matter. */
export function pairHops(lines: readonly RequestLine[], settings: PairingSettings): readonly Hop[] {
  const sorted = withoutRepeats([...lines].sort(byStart));
  const sources: RequestLine[] = [];
  const arrivals: RequestLine[] = [];
  for (const line of sorted) {
    if (isSource(line, sorted)) sources.push(line);
    else arrivals.push(asArrival(line));
  }
  const paired = new Map<RequestLine, RequestLine[]>(sources.map((source) => [source, []]));
  const alone: RequestLine[] = [];
  for (const arrival of arrivals) {
    const source = findSource(arrival, sources, settings);
    if (source === null) alone.push(arrival);
    else paired.get(source)?.push(arrival);
  }
  const hops: Hop[] = [];
  for (const [source, all] of paired) hops.push({ source, attempts: keepOwn(source, all, alone) });
  hops.push(...groupAttempts(alone.sort(byStart)));
  return hops.sort((a, b) => byStart(firstLine(a), firstLine(b)));
}

function withoutRepeats(sorted: readonly RequestLine[]): readonly RequestLine[] {
  return sorted.filter((line, i) => {
    const before = sorted[i - 1];
    return before === undefined || !isRepeat(before, line);
  });
}

/** The line by which a hop is placed: the caller's, else that of the first attempt. */
export function firstLine(hop: Hop): RequestLine {
  // A hop has at least one line, by construction.
  return hop.source ?? (hop.attempts[0] as RequestLine);
}

/** Order of lines in time; lines that agree in it are the same or have another key. */
function byStart(a: RequestLine, b: RequestLine): number {
  return (
    a.startAtMs - b.startAtMs ||
    b.durationMs - a.durationMs ||
    compareText(lineKey(a), lineKey(b)) ||
    compareText(a.traffic.reporter, b.traffic.reporter)
  );
}

/** By how much `inner` lies outside `outer`, in milliseconds. */
export function stickOutMs(inner: RequestLine, outer: RequestLine): number {
  return Math.max(0, outer.startAtMs - inner.startAtMs, lineEndAtMs(inner) - lineEndAtMs(outer));
}

/** Whether one instant lies before another by more than clocks and whole milliseconds account for. */
export function isBefore(atMs: number, otherAtMs: number): boolean {
  return atMs < otherAtMs - slackMs;
}

// A line that does not tell its side is the source's, as in attribution, unless it came under the name that a source's proxy
// gives its connections, or on a source's connection.
function isSource(line: RequestLine, lines: readonly RequestLine[]): boolean {
  if (line.traffic.reporter !== 'unknown') return line.traffic.reporter === 'source';
  const connection = connectionOf(line);
  if (line.called !== null || connection === null) return line.called === null;
  return !lines.some((other) => other.traffic.reporter === 'source' && connectionOf(other) === connection);
}

// Attribution takes a writer whose side is not known for the source.
function asArrival(line: RequestLine): RequestLine {
  const { reporter, source, destination } = line.traffic;
  if (reporter === 'destination') return line;
  const isSwapped = destination.service === unknownName;
  const ends = isSwapped ? { source: destination, destination: source } : { source, destination };
  return { ...line, traffic: { reporter: 'destination', ...ends } };
}

interface Fit {
  readonly source: RequestLine;
  readonly score: number;
  readonly stickOutMs: number;
  readonly endsApartMs: number;
}

function findSource(
  arrival: RequestLine,
  sources: readonly RequestLine[],
  settings: PairingSettings,
): RequestLine | null {
  let best: Fit | null = null;
  for (const source of sources) {
    const score = scorePair(source, arrival);
    const fit: Fit | null =
      score === null
        ? null
        : {
            source,
            score,
            stickOutMs: stickOutMs(arrival, source),
            endsApartMs: Math.abs(lineEndAtMs(arrival) - lineEndAtMs(source)),
          };
    // Without an id only the time tells one use of a connection's ports from the next.
    const isTooFar = !hasId(arrival) && (fit?.stickOutMs ?? 0) > settings.maxApartMs;
    if (fit !== null && !isTooFar && (best === null || compareFits(fit, best) < 0)) best = fit;
  }
  return best?.source ?? null;
}

function compareFits(a: Fit, b: Fit): number {
  return b.score - a.score || a.stickOutMs - b.stickOutMs || a.endsApartMs - b.endsApartMs;
}

// The connection itself is proof, but only of the last attempt: the source's line names that one alone. So the other clues
// add up: what was called, by whom, on which host.
function scorePair(source: RequestLine, arrival: RequestLine): number | null {
  if (differ(source.requestId, arrival.requestId)) return null;
  const sameConnection = agree(connectionOf(source), connectionOf(arrival));
  if (sameConnection || !hasId(arrival) || !hasId(source)) return sameConnection ? 100 : null;
  if (isSameProxy(source, arrival) || differ(source.called, arrival.called)) return null;
  const callerHost = callerPlace(source).host;
  let score = 0;
  if (agree(source.called, arrival.called)) score += 8;
  if (agree(callerHost, hostOfAddress(arrival.downstreamRemoteAddress))) score += 4;
  if (agree(source.upstreamHost, arrival.downstreamLocalAddress)) score += 2;
  if (agreeNames(source.traffic.destination.service, arrival.traffic.destination.service)) score += 1;
  // With hardly a clue the time decides: what lies within the arrival rather came of it.
  const isInside = stickOutMs(arrival, source) - stickOutMs(source, arrival) > slackMs;
  return score < 2 && isInside ? null : score;
}

// Whether `arrival` was served by the proxy that wrote `source`: then `source` is a call that came of it, or of another.
function isSameProxy(source: RequestLine, arrival: RequestLine): boolean {
  if (source.pod !== null && arrival.pod !== null) return source.pod === arrival.pod;
  return agree(callerPlace(source).host, calleePlace(arrival).host);
}

/** Whether the line carries an id that ties it to others. */
export function hasId(line: RequestLine): boolean {
  return line.requestId !== null || line.traceId !== null;
}

/** Both are known and the same. */
export function agree(a: string | null, b: string | null): boolean {
  return a !== null && a === b;
}

/** As `agree`, of the names of services. */
function agreeNames(a: string, b: string): boolean {
  return a === b && a !== unknownName;
}

function differ(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && a !== b;
}

// One TCP connection arrives once. Further lines on the same two ports are other uses of them.
function keepOwn(source: RequestLine, arrivals: RequestLine[], alone: RequestLine[]): readonly RequestLine[] {
  if (source.isHttp || arrivals.length < 2) return arrivals.sort(byEnd);
  const [nearest, ...others] = [...arrivals].sort(
    (a, b) => stickOutMs(a, source) - stickOutMs(b, source) || byStart(a, b),
  );
  alone.push(...others);
  return nearest === undefined ? [] : [nearest];
}

// Arrivals whose source is not here: those of one request that follow each other are attempts of one call.
function groupAttempts(arrivals: readonly RequestLine[]): Hop[] {
  const groups: RequestLine[][] = [];
  for (const arrival of arrivals) {
    const group = groups.find((lines) => isNextAttempt(lines.at(-1), arrival));
    if (group === undefined) groups.push([arrival]);
    else group.push(arrival);
  }
  return groups.map((attempts) => ({ source: null, attempts: attempts.sort(byEnd) }));
}

function isNextAttempt(before: RequestLine | undefined, arrival: RequestLine): boolean {
  if (before === undefined || !agree(before.requestId, arrival.requestId)) return false;
  if (isBefore(arrival.startAtMs, lineEndAtMs(before)) || differ(before.called, arrival.called)) return false;
  const [was, is] = [before.traffic, arrival.traffic];
  const sameCaller =
    agree(hostOfAddress(before.downstreamRemoteAddress), hostOfAddress(arrival.downstreamRemoteAddress)) ||
    agreeNames(was.source.service, is.source.service);
  return sameCaller && was.destination.service === is.destination.service;
}

function byEnd(a: RequestLine, b: RequestLine): number {
  return lineEndAtMs(a) - lineEndAtMs(b) || byStart(a, b);
}
