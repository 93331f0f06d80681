// Runs a matcher's regular expression in time linear in the text: label values come from outside, and an engine that backtracks
// can be held up for ever by a value made for that.
import type { PatternNode } from './pattern-syntax.ts';
import { PatternError, parsePattern } from './pattern-syntax.ts';

/** States of a compiled pattern, `{m,n}` written out: time and memory of a match grow with it. Patterns of people have some tens. */
const maxStates = 2000;

/** A compiled pattern, anchored at both ends. */
export interface Pattern {
  /** Whether the whole text matches. */
  matches(text: string): boolean;
}

/** A state of a compiled pattern; state 0 is the match. */
export type PatternState =
  | { readonly kind: 'take'; readonly test: (codePoint: number) => boolean; readonly next: number }
  | { readonly kind: 'split'; readonly to: readonly number[] }
  | { readonly kind: 'match' };

/** Compiles a pattern. Throws `PatternError` where it is none, cannot be matched in linear time or is too large. */
export function compilePattern(source: string): Pattern {
  const { states, start } = compileStates(source);
  return { matches: (text) => run(states, start, text) };
}

/** The states of a pattern and the first of them, for other ways to run it. Throws as `compilePattern` does. */
export function compileStates(source: string): { readonly states: readonly PatternState[]; readonly start: number } {
  const states: PatternState[] = [{ kind: 'match' }];
  const start = build(parsePattern(source), 0, states);
  return { states, start };
}

/** Why `source` is no pattern, as a sentence; `null` if it is one. For the check of the configuration. */
export function findPatternError(source: string): string | null {
  try {
    compilePattern(source);
    return null;
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
}

/** Adds the states of `node` that lead on to state `next`; returns the first of them. */
function build(node: PatternNode, next: number, states: PatternState[]): number {
  switch (node.kind) {
    case 'set':
      return add({ kind: 'take', test: node.test, next }, states);
    case 'sequence':
      return node.items.reduceRight((after, item) => build(item, after, states), next);
    case 'choice':
      return add({ kind: 'split', to: node.options.map((option) => build(option, next, states)) }, states);
    case 'repeat':
      return buildRepeat(node, next, states);
  }
}

function buildRepeat(node: PatternNode & { kind: 'repeat' }, next: number, states: PatternState[]): number {
  const { item, min, max } = node;
  let after = next;
  if (max === null) {
    const to = [next];
    after = add({ kind: 'split', to }, states);
    to.push(build(item, after, states));
  } else {
    for (let i = min; i < max; i += 1) {
      after = add({ kind: 'split', to: [next, build(item, after, states)] }, states);
    }
  }
  for (let i = 0; i < min; i += 1) {
    const first = build(item, after, states);
    // An item without states, such as `()`, is the same however often it is repeated.
    if (first === after) break;
    after = first;
  }
  return after;
}

function add(state: PatternState, states: PatternState[]): number {
  if (states.length >= maxStates) throw new PatternError(`larger than ${maxStates} states`, 0);
  states.push(state);
  return states.length - 1;
}

/** Follows all ways through the states at once (Thompson's construction): no state is visited twice for one character. */
function run(states: readonly PatternState[], start: number, text: string): boolean {
  let current = new Set<number>();
  enter(states, start, current);
  for (const char of text) {
    const codePoint = char.codePointAt(0) as number;
    const following = new Set<number>();
    for (const index of current) {
      const state = states[index] as PatternState;
      if (state.kind === 'take' && state.test(codePoint)) enter(states, state.next, following);
    }
    if (following.size === 0) return false;
    current = following;
  }
  return current.has(0);
}

function enter(states: readonly PatternState[], start: number, into: Set<number>): void {
  const pending = [start];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    if (into.has(index)) continue;
    into.add(index);
    const state = states[index] as PatternState;
    if (state.kind === 'split') pending.push(...state.to);
  }
}
