// What a sentence about a failed request is made of: the names, the clue and what the caller saw, taken from one hop.
import type { Endpoint } from '#core/attribute/traffic.ts';
import { unknownName } from '#core/attribute/traffic.ts';
import type { Hop } from './hop.ts';
import type { HopEnds } from './hop-ends.ts';
import type { HopReading } from './read-hop.ts';
import { isDeparture } from './read-hop.ts';

/** One hop, as the sentences tell of it. Names are `payments v2`, or `null` where unknown; all texts are bounded. */
export interface FaultScene {
  readonly caller: string | null;
  readonly callee: string | null;
  /** Flags of the line that settles it, `UC` or `URX,UF`; empty where it has none. */
  readonly flags: string;
  /** Code and Envoy's details of that line. */
  readonly code: number;
  readonly details: string;
  /** Whose proxy wrote that line. */
  readonly decidedBy: 'caller' | 'callee';
  /** What the caller's proxy passed on; `null` where its line is not here. 0 is no answer at all. */
  readonly callerSaw: number | null;
  readonly durationMs: number;
  readonly isHttp: boolean;
  /** Flags with which the callee's proxy only noted that the caller's gave up. */
  readonly departure: string | null;
  readonly attemptCount: number;
}

// Longer than real names; keeps a forged one from filling a sentence.
const maxNameLength = 80;

/** The scene of one hop. */
export function toFaultScene(hop: Hop, reading: HopReading, ends: HopEnds): FaultScene {
  const { decidedBy, last } = reading;
  const isSource = decidedBy === hop.source;
  return {
    caller: nameOf(ends.source),
    callee: nameOf(ends.destination),
    flags: decidedBy.flags.slice(0, 4).join(',').slice(0, maxNameLength),
    code: decidedBy.code,
    details: decidedBy.details ?? '',
    decidedBy: isSource ? 'caller' : 'callee',
    callerSaw: hop.source?.code ?? null,
    durationMs: decidedBy.durationMs,
    isHttp: decidedBy.isHttp,
    departure: isSource && last !== null && isDeparture(last) ? last.flags.join(',').slice(0, maxNameLength) : null,
    attemptCount: Math.max(hop.source?.attemptCount ?? 0, hop.attempts.length),
  };
}

function nameOf(end: Endpoint): string | null {
  if (end.service === unknownName) return null;
  const name = end.version === unknownName ? end.service : `${end.service} ${end.version}`;
  return name.length <= maxNameLength ? name : `${name.slice(0, maxNameLength - 1)}…`;
}
