// Reads a regular expression of a matcher into a tree: the part of RE2's syntax that needs no backtracking. pattern.ts runs it.

/** What a pattern says. `test` takes a code point. */
export type PatternNode =
  | { readonly kind: 'set'; readonly test: (codePoint: number) => boolean }
  | { readonly kind: 'sequence'; readonly items: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly options: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly item: PatternNode; readonly min: number; readonly max: number | null };

/** Why a text is no pattern; `at` is the index of the character where that shows. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
  readonly at: number;

  constructor(message: string, at: number) {
    super(`${message} at character ${at + 1}`);
    this.at = at;
  }
}

type CodePointTest = (codePoint: number) => boolean;

/** Groups within groups: a pattern of people has three or four. */
const maxDepth = 50;
const newline = 10;

const isDigit: CodePointTest = (c) => c >= 48 && c <= 57;
const isWord: CodePointTest = (c) => isDigit(c) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95;
const isSpace: CodePointTest = (c) => c === 32 || (c >= 9 && c <= 13 && c !== 11);
const not =
  (test: CodePointTest): CodePointTest =>
  (c) =>
    !test(c);
const classes: Readonly<Record<string, CodePointTest>> = {
  d: isDigit,
  D: not(isDigit),
  w: isWord,
  W: not(isWord),
  s: isSpace,
  S: not(isSpace),
};
const controls: Readonly<Record<string, number>> = { n: newline, r: 13, t: 9, f: 12 };

/**
 * The tree of a pattern: literals, `.`, classes, `\d \w \s` and their opposites, groups, `|`, `* + ? {m,n}`. Throws `PatternError`
 * on anything else: back references and look-around cannot be matched in linear time.
 */
export function parsePattern(source: string): PatternNode {
  const reader = new Reader(source);
  reader.skip('^');
  const node = reader.choice(0);
  if (!reader.isAtEnd) throw reader.error('")" without "("');
  return node;
}

class Reader {
  readonly #chars: readonly string[];
  #at = 0;

  constructor(source: string) {
    this.#chars = [...source];
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#chars.length;
  }

  error(message: string): PatternError {
    return new PatternError(message, this.#at);
  }

  skip(char: string): boolean {
    if (this.#chars[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  choice(depth: number): PatternNode {
    if (depth > maxDepth) throw this.error(`more than ${maxDepth} groups within groups`);
    const options = [this.#sequence(depth)];
    while (this.skip('|')) options.push(this.#sequence(depth));
    return options.length === 1 ? (options[0] as PatternNode) : { kind: 'choice', options };
  }

  #sequence(depth: number): PatternNode {
    const items: PatternNode[] = [];
    for (let next = this.#chars[this.#at]; next !== undefined && next !== '|' && next !== ')'; ) {
      // Anchored at both ends anyway: `^` was skipped, a closing `$` says nothing new.
      if (next === '$' && this.#at === this.#chars.length - 1) {
        this.#at += 1;
        break;
      }
      items.push(this.#repeat(this.#atom(depth)));
      next = this.#chars[this.#at];
    }
    return items.length === 1 ? (items[0] as PatternNode) : { kind: 'sequence', items };
  }

  #atom(depth: number): PatternNode {
    const char = this.#chars[this.#at] as string;
    if ('*+?{'.includes(char)) throw this.error(`nothing before "${char}" to repeat`);
    if ('^$'.includes(char)) throw this.error(`"${char}" inside a pattern (patterns are anchored at both ends)`);
    this.#at += 1;
    if (char === '(') return this.#group(depth);
    if (char === '[') return { kind: 'set', test: this.#class() };
    if (char === '.') return { kind: 'set', test: (c) => c !== newline };
    if (char === '\\') return { kind: 'set', test: this.#escape() };
    return { kind: 'set', test: isCodePoint(char) };
  }

  #group(depth: number): PatternNode {
    if (this.skip('?') && !this.skip(':')) throw this.error('only groups "(…)" and "(?:…)" are known');
    const node = this.choice(depth + 1);
    if (!this.skip(')')) throw this.error('"(" without ")"');
    return node;
  }

  #repeat(item: PatternNode): PatternNode {
    let min = 0;
    let max: number | null = null;
    if (this.skip('?')) max = 1;
    else if (this.skip('+')) min = 1;
    else if (this.skip('{')) [min, max] = this.#bounds();
    else if (!this.skip('*')) return item;
    // A lazy quantifier matches the same texts.
    this.skip('?');
    return { kind: 'repeat', item, min, max };
  }

  #bounds(): [number, number | null] {
    const min = this.#number();
    const max = this.skip(',') ? (this.#chars[this.#at] === '}' ? null : this.#number()) : min;
    if (!this.skip('}') || (max !== null && max < min)) throw this.error('malformed "{m,n}"');
    return [min, max];
  }

  #number(): number {
    let digits = '';
    for (let next = this.#chars[this.#at]; next !== undefined && /[0-9]/.test(next); next = this.#chars[this.#at]) {
      digits += next;
      this.#at += 1;
    }
    if (digits === '' || digits.length > 4) throw this.error('malformed "{m,n}"');
    return Number(digits);
  }

  #escape(): CodePointTest {
    const char = this.#chars[this.#at];
    if (char === undefined) throw this.error('"\\" at the end');
    const test = classes[char];
    const control = controls[char];
    if (test === undefined && control === undefined && /[0-9A-Za-z]/.test(char)) {
      throw this.error(`"\\${char}" is not known`);
    }
    this.#at += 1;
    return test ?? ((c) => c === (control ?? char.codePointAt(0)));
  }

  #class(): CodePointTest {
    const isNegated = this.skip('^');
    const tests: CodePointTest[] = [];
    do {
      if (this.isAtEnd) throw this.error('"[" without "]"');
      tests.push(this.#classItem());
    } while (!this.skip(']'));
    const isMember: CodePointTest = (c) => tests.some((test) => test(c));
    return isNegated ? not(isMember) : isMember;
  }

  #classItem(): CodePointTest {
    const char = this.#chars[this.#at] as string;
    if (char === '[' && this.#chars[this.#at + 1] === ':') throw this.error('classes such as [:alpha:] are not known');
    this.#at += 1;
    if (char === '\\') return this.#escape();
    const [dash, end] = [this.#chars[this.#at], this.#chars[this.#at + 1]];
    if (dash !== '-' || end === undefined || end === ']') return isCodePoint(char);
    if (end === '\\') throw this.error('a range ends with a plain character');
    this.#at += 2;
    const [low, high] = [char.codePointAt(0) as number, end.codePointAt(0) as number];
    if (low > high) throw this.error(`range "${char}-${end}" is the wrong way round`);
    return (c) => c >= low && c <= high;
  }
}

function isCodePoint(char: string): CodePointTest {
  const wanted = char.codePointAt(0);
  return (c) => c === wanted;
}
