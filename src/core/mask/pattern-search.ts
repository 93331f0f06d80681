// Searches a user's pattern anywhere in a text, in one pass: all ways through the pattern are followed at once, each with the place
// where it began. An engine that backtracks, or that begins anew behind each match, can be held up by a text made for that.

import type { PatternState } from '#core/evaluate/pattern.ts';
import { compileStates } from '#core/evaluate/pattern.ts';
import { PatternError } from '#core/evaluate/pattern-syntax.ts';

/** A stretch of a text, `[start, end)` in UTF-16 units. */
interface Interval {
  readonly start: number;
  readonly end: number;
}

/** How much a search did, for tests: states looked at. */
interface SearchEffort {
  steps: number;
}

/** A compiled pattern. */
export interface PatternSearch {
  /** The union of all matches, ascending: where matches overlap they are one. Steps are at most the text's length times the pattern's. */
  search(text: string, effort?: SearchEffort): readonly Interval[];
}

/** Compiles a pattern for a search. Throws `PatternError` where it is none, has an anchor, or matches the empty text. */
export function compileSearch(source: string): PatternSearch {
  if (source.startsWith('^') || /(?:^|[^\\])(?:\\\\)*\$$/.test(source)) {
    throw new PatternError('"^" and "$" are not known: a pattern is searched anywhere in a text,', 0);
  }
  const { states, start } = compileStates(source);
  const program = new Program(states, start);
  if (program.matchesEmpty) throw new PatternError('the pattern matches the empty text, which is everywhere,', 0);
  return { search: (text, effort) => program.search(text, effort) };
}

/** Why `source` cannot be searched for, as a sentence; `null` if it can. For the check of the configuration. */
export function findSearchError(source: string): string | null {
  try {
    compileSearch(source);
    return null;
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
}

/** States that are reached, in the order of the places where their ways began: the earliest first. */
class Front {
  readonly indices: number[] = [];
  readonly startOf: Int32Array;
  readonly #isIn: Uint8Array;

  constructor(size: number) {
    this.startOf = new Int32Array(size);
    this.#isIn = new Uint8Array(size);
  }

  /** False where an earlier way has come there. */
  add(index: number, start: number): boolean {
    if (this.#isIn[index] === 1) return false;
    this.#isIn[index] = 1;
    this.startOf[index] = start;
    this.indices.push(index);
    return true;
  }

  clear(): void {
    for (const index of this.indices) this.#isIn[index] = 0;
    this.indices.length = 0;
  }

  has(index: number): boolean {
    return this.#isIn[index] === 1;
  }
}

const matchState = 0;
const nothing: readonly Interval[] = [];

class Program {
  readonly matchesEmpty: boolean;
  readonly #states: readonly PatternState[];
  readonly #start: number;
  /** ASCII characters with which a match may begin. */
  readonly #first = new Uint8Array(128);
  #effort: SearchEffort = { steps: 0 };
  /** Kept from search to search: both are empty between two. */
  #current: Front;
  #following: Front;

  constructor(states: readonly PatternState[], start: number) {
    this.#states = states;
    this.#start = start;
    const front = new Front(states.length);
    this.#current = new Front(states.length);
    this.#following = new Front(states.length);
    this.#enter(start, 0, front);
    this.matchesEmpty = front.has(matchState);
    for (const index of front.indices) {
      const state = states[index] as PatternState;
      if (state.kind !== 'take') continue;
      for (let code = 0; code < 128; code += 1) if (state.test(code)) this.#first[code] = 1;
    }
  }

  search(text: string, effort: SearchEffort = { steps: 0 }): readonly Interval[] {
    this.#effort = effort;
    const first = this.#nextFirst(text, 0);
    if (first === text.length) return nothing;
    const found: Interval[] = [];
    for (let at = first; at < text.length; ) {
      const code = text.codePointAt(at) as number;
      const next = at + (code > 0xffff ? 2 : 1);
      if (code >= 128 || this.#first[code] === 1) this.#enter(this.#start, at, this.#current);
      this.#step(this.#current, code, this.#following);
      if (this.#following.has(matchState)) addInterval(found, this.#following.startOf[matchState] ?? at, next);
      this.#current.clear();
      [this.#current, this.#following] = [this.#following, this.#current];
      // Where no way goes on, nothing begins before the next first character.
      at = this.#current.indices.length === 0 ? this.#nextFirst(text, next) : next;
    }
    this.#current.clear();
    return found;
  }

  #nextFirst(text: string, from: number): number {
    let at = from;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (code >= 128 || this.#first[code] === 1) break;
      at += 1;
    }
    this.#effort.steps += at - from + 1;
    return at;
  }

  #step(current: Front, code: number, following: Front): void {
    for (const index of current.indices) {
      this.#effort.steps += 1;
      const state = this.#states[index] as PatternState;
      if (state.kind === 'take' && state.test(code)) this.#enter(state.next, current.startOf[index] ?? 0, following);
    }
  }

  #enter(from: number, start: number, into: Front): void {
    const pending = [from];
    for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
      this.#effort.steps += 1;
      if (!into.add(index, start)) continue;
      const state = this.#states[index] as PatternState;
      if (state.kind === 'split') pending.push(...state.to);
    }
  }
}

/** Adds a match that ends behind all before it, and makes one of those that it overlaps. */
function addInterval(found: Interval[], from: number, end: number): void {
  let start = from;
  for (let last = found.at(-1); last !== undefined && last.end > start; last = found.at(-1)) {
    start = Math.min(start, last.start);
    found.pop();
  }
  found.push({ start, end });
}
