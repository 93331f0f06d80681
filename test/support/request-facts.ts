// What one request leaves on the caller's and the callee's side, row by row: Envoy's and Istio's facts as lines, each with
// the fault that both sides together show.
import { callerFacts } from './caller-facts.ts';
import type { Call, RawLine } from './exchanges.ts';
import { arrivalLine, sourceLine } from './exchanges.ts';
import type { RequestFact } from './fact-lines.ts';
import { upstreamFacts } from './upstream-facts.ts';

/** All rows. */
export const requestFacts: readonly RequestFact[] = [...upstreamFacts, ...callerFacts];

/** The lines of a call to which the fact happened. */
export function linesOfFact(fact: RequestFact, call: Call): readonly RawLine[] {
  const of = fact.isTcp === true ? { ...call, protocol: null, requestId: null, traceId: null } : call;
  const arrivals = fact.arrivals.map((changes, i) => arrivalLine(of, changes, i, fact.arrivals.length));
  return fact.source === null ? arrivals : [sourceLine(of, fact.source), ...arrivals];
}
