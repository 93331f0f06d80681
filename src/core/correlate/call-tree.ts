// Links the hops of a request: which call came of which, by the pod that received the one and made the other.
import type { Hop, PairingSettings } from './hop.ts';
import { agree, firstLine, hasId, isBefore, stickOutMs } from './hop.ts';
import { calleePlace, callerPlace, isSamePlace } from './place.ts';
import type { HopReading } from './read-hop.ts';
import { readHop } from './read-hop.ts';
import type { RequestLine } from './request-line.ts';

/** A hop in its place: a call, what it was made for, and what came of it. */
export interface Call {
  readonly hop: Hop;
  readonly reading: HopReading;
  /** The call that this one was made for, `null` for the first that the lines show. */
  parent: Call | null;
  /** In the order of their starts. */
  readonly children: Call[];
}

/** The calls of `hops`, in the same order, linked. */
export function linkCalls(hops: readonly Hop[], settings: PairingSettings): readonly Call[] {
  const calls: Call[] = hops.map((hop) => ({ hop, reading: readHop(hop), parent: null, children: [] }));
  // The surest first: where services call each other back and forth, clocks alone could turn a link round.
  for (const { parent, child } of findLinks(calls, settings)) {
    if (child.parent === null && !isAncestor(child, parent)) child.parent = parent;
  }
  for (const call of calls) call.parent?.children.push(call);
  return calls;
}

interface Link {
  readonly parent: Call;
  readonly child: Call;
  readonly fit: ParentFit;
}

function findLinks(calls: readonly Call[], settings: PairingSettings): readonly Link[] {
  const links: Link[] = [];
  for (const child of calls) {
    const line = firstLine(child.hop);
    for (const parent of hasId(line) ? calls : []) {
      const fit = parent === child ? null : fitParent(parent.hop, line);
      if (fit !== null && fit.stickOutMs <= settings.maxApartMs) links.push({ parent, child, fit });
    }
  }
  return links.sort((a, b) => compareFits(a.fit, b.fit));
}

function isAncestor(call: Call, of: Call): boolean {
  for (let at: Call | null = of; at !== null; at = at.parent) if (at === call) return true;
  return false;
}

interface ParentFit {
  /** Whether pod, host or service say so; else the time alone does. */
  readonly isKnown: boolean;
  /** Where services pass the request's id on. */
  readonly isSameRequest: boolean;
  readonly stickOutMs: number;
  readonly durationMs: number;
}

function compareFits(a: ParentFit, b: ParentFit): number {
  return (
    Number(b.isKnown) - Number(a.isKnown) ||
    Number(b.isSameRequest) - Number(a.isSameRequest) ||
    a.stickOutMs - b.stickOutMs ||
    a.durationMs - b.durationMs
  );
}

function fitParent(parent: Hop, line: RequestLine): ParentFit | null {
  const caller = callerPlace(line);
  // The arrival in the caller's own pod is timed by the same clock; the line of the parent's caller spans all attempts.
  const spans = parent.attempts.length > 0 ? parent.attempts : [firstLine(parent)];
  let best: ParentFit | null = null;
  for (const span of spans) {
    const isMadeHere = isSamePlace(calleePlace(span), caller);
    const fit: ParentFit = {
      isKnown: isMadeHere === true,
      isSameRequest: agree(line.requestId, span.requestId),
      stickOutMs: stickOutMs(line, span),
      durationMs: span.durationMs,
    };
    if (isMadeHere === false || (isMadeHere === null && !isWithin(line, span))) continue;
    // What began before it and lies around it is rather what it was made for.
    if (isBefore(line.startAtMs, span.startAtMs) && isBefore(stickOutMs(span, line), fit.stickOutMs)) continue;
    if (best === null || compareFits(fit, best) < 0) best = fit;
  }
  return best;
}

// All that is left where no place is known: the same request, a shorter time inside a longer, and not the same caller.
function isWithin(line: RequestLine, span: RequestLine): boolean {
  const isSibling = isSamePlace(callerPlace(span), callerPlace(line)) === true;
  return (
    !isSibling &&
    agree(line.requestId, span.requestId) &&
    stickOutMs(line, span) === 0 &&
    line.durationMs < span.durationMs
  );
}
