// Reads the values of one line's keys as text, counts and times. Remembers the first value that is not what its field
// holds, so that a decoder reads all fields in one expression and asks once.
import type { Unreadable } from './field-value.ts';
import { quoteValue, toSafeText, unreadable } from './field-value.ts';
import { parseStartTime } from './start-time.ts';

// Envoy writes at most one flag a bit; these bounds only keep a forged line from growing memory.
const maxFlags = 32;
const maxFlagLength = 64;

/**
 * Reader of one line. Empty values (missing, `null`, `""`, `-`) read as `null`. Values come as arguments, since a lookup by
 * a variable key costs a line about as much as parsing it.
 */
export class FieldReader {
  readonly #mayBeUnsafe: boolean;
  #problem: Unreadable | null = null;

  /** `mayBeUnsafe`: the line may hold control characters or lone surrogates, so that every text has to be looked at. */
  constructor(mayBeUnsafe: boolean) {
    this.#mayBeUnsafe = mayBeUnsafe;
  }

  /** The first value that could not be read, or `null`. What was returned for it means nothing. */
  get problem(): Unreadable | null {
    return this.#problem;
  }

  /** Text; a number is taken as its digits, since shippers turn text that looks like one into it. */
  text(key: string, value: unknown): string | null {
    if (typeof value === 'string') {
      if (value === '' || value === '-') return null;
      return this.#mayBeUnsafe ? toSafeText(value) : value;
    }
    if (value === undefined || value === null) return null;
    if (typeof value === 'number' && Number.isFinite(value)) return String(value);
    return this.#reject(key, value, 'text, "-" or null');
  }

  /** A whole number of 0 to `max`, as a number or as digits. */
  count(key: string, value: unknown, max: number = Number.MAX_SAFE_INTEGER): number | null {
    if (value === undefined || value === null || value === '' || value === '-') return null;
    const number = typeof value === 'string' ? parseDigits(value) : value;
    // `+ 0` turns the JSON number -0 into 0.
    if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= max) return number + 0;
    return this.#reject(key, value, `a whole number of 0 to ${max}, "-" or null`);
  }

  /** Epoch milliseconds; a line without its time is unreadable. */
  startTime(key: string, value: unknown): number {
    if (value === undefined || value === null || value === '' || value === '-') {
      this.#problem ??= unreadable('missing_field', `${key}: ${quoteValue(value)}: expected the time of the request`);
      return 0;
    }
    return parseStartTime(value) ?? this.#reject(key, value, 'an ISO 8601 or epoch time in 2000 to 2099') ?? 0;
  }

  /** Names separated by commas, in their order; spaces, empty names and `-` are left out. */
  flags(key: string, value: unknown): readonly string[] {
    const text = this.text(key, value);
    if (text === null) return [];
    if (!text.includes(',') && !text.includes(' ') && text.length <= maxFlagLength) return [text];
    if (text.length <= maxFlags * maxFlagLength) {
      const names = text.split(',').map((name) => name.trim());
      const flags = names.filter((name) => name !== '' && name !== '-');
      if (flags.length <= maxFlags && flags.every((name) => name.length <= maxFlagLength)) return flags;
    }
    this.#reject(key, text, `at most ${maxFlags} names of at most ${maxFlagLength} characters`);
    return [];
  }

  /** One of the words of `meanings`, whatever its case, or a number written as its digits there. */
  word<T>(key: string, value: unknown, meanings: Readonly<Record<string, T>>): T | null {
    const text = this.text(key, value);
    if (text === null) return null;
    const word = text.toLowerCase();
    if (Object.hasOwn(meanings, word)) return meanings[word] ?? null;
    return this.#reject(key, text, `one of ${Object.keys(meanings).join(', ')}`);
  }

  #reject(key: string, value: unknown, expected: string): null {
    this.#problem ??= unreadable('wrong_type', `${key}: ${quoteValue(value)}: expected ${expected}`);
    return null;
  }
}

function parseDigits(text: string): number | null {
  return /^\d{1,16}$/.test(text) ? Number(text) : null;
}
