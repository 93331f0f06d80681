// A whole line as it came, masked in its own form: JSON stays JSON, also inside a shipper's envelope, escapes included.
import { isSecretName } from './scan-token.ts';

/** How the parts of a line are masked. */
export interface PartMasks {
  /** Text of any kind. `quote`: put replacements into quotes. */
  text(text: string, quote?: boolean): string;
  path(path: string): string;
  /** What stands for a value whose name says that it is a secret. */
  secret(): string;
}

/** JSON texts within JSON texts: an envelope in an envelope is one. */
const maxDepth = 4;
/** A number that could be a card's has 13 digits: less lies between two texts in almost every line. */
const minPlainLength = 13;

/**
 * The line with everything masked. `path` is the path that was read out of it: it is masked as one wherever it stands whole, so that
 * a query with a space in it leaves nothing behind.
 */
export function maskWholeLine(line: string, path: string | null, masks: PartMasks): string {
  const needle = path?.includes('?') === true ? path : null;
  return new LineMask(needle, masks).mask(line, 0);
}

class LineMask {
  readonly #path: string | null;
  readonly #masks: PartMasks;

  constructor(path: string | null, masks: PartMasks) {
    this.#path = path;
    this.#masks = masks;
  }

  mask(text: string, depth: number): string {
    return depth < maxDepth && isJsonLike(text) ? this.#maskJson(text, depth) : this.#maskPlain(text);
  }

  #maskPlain(text: string): string {
    const path = this.#path;
    if (path === null || !text.includes(path)) return this.#masks.text(text);
    const masked = this.#masks.path(path);
    return this.#masks.text(text.replaceAll(path, () => masked));
  }

  /** Texts of the JSON one by one; what lies between them stays, but for numbers that stand for something. */
  #maskJson(json: string, depth: number): string {
    let masked = '';
    let key = '';
    for (let at = 0; at < json.length; ) {
      const open = json.indexOf('"', at);
      const between = json.slice(at, open === -1 ? json.length : open);
      masked += between.length < minPlainLength ? between : this.#masks.text(between, true);
      if (open === -1) return masked;
      const close = closingQuote(json, open);
      const literal = json.slice(open, close + 1);
      const value = this.#maskLiteral(literal, isValueAt(json, open) ? key : '', depth);
      key = literal.slice(1, -1);
      masked += value;
      at = close + 1;
    }
    return masked;
  }

  #maskLiteral(literal: string, key: string, depth: number): string {
    const text = decodeLiteral(literal);
    // Cut off before its end: no text of JSON any more, but still one that must not leave.
    if (text === null) return this.#maskPlain(literal);
    const masked = this.#maskValue(text, key, depth);
    return masked === text ? literal : JSON.stringify(masked);
  }

  #maskValue(text: string, key: string, depth: number): string {
    if (text !== '' && text !== '-' && isSecretName(key)) return this.#masks.secret();
    if (text.startsWith('/')) return this.#masks.path(text);
    return this.mask(text, depth + 1);
  }
}

function isJsonLike(text: string): boolean {
  const first = text.charCodeAt(0);
  return first === 123 || first === 91 || (first <= 32 && /^\s{1,100}[{[]/.test(text));
}

/** Index of the quote that ends the text begun at `open`; the last index where none does. */
function closingQuote(json: string, open: number): number {
  for (let at = open + 1; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === 34) return at;
    if (code === 92) at += 1;
  }
  return json.length - 1;
}

function decodeLiteral(literal: string): string | null {
  if (literal.length < 2 || !literal.endsWith('"')) return null;
  if (!literal.includes('\\')) return literal.slice(1, -1);
  try {
    return JSON.parse(literal) as string;
  } catch {
    return null;
  }
}

/** Whether the text that opens here is a member's value: a colon stands before it. */
function isValueAt(json: string, open: number): boolean {
  let at = open - 1;
  while (open - at < 16 && json.charCodeAt(at) <= 32) at -= 1;
  return json.charCodeAt(at) === 58;
}
