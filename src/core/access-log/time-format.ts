// Reads what `%START_TIME(FORMAT)%` writes: the format, in the notation of C's strftime with Envoy's `%f`, becomes one regular
// expression. Used when a text format is compiled. A format that does not tell the whole time is refused, never guessed.

/** A reader of one time format. */
export interface TimeFormat {
  /** Matches the written time at `lastIndex`; as long as the time is, since every part has a length of its own. */
  readonly pattern: RegExp;
  /** The time in a form that `parseStartTime` reads. */
  toText(written: string): string | null;
}

interface Specifier {
  readonly pattern: string;
  readonly part: TimePart | null;
}

type TimePart =
  | 'year'
  | 'shortYear'
  | 'month'
  | 'monthName'
  | 'day'
  | 'hour'
  | 'minute'
  | 'second'
  | 'fraction'
  | 'epoch'
  | 'zone';

const twoDigits = String.raw`\d\d`;
const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const specifiers: Readonly<Record<string, Specifier>> = {
  Y: { pattern: String.raw`\d{4}`, part: 'year' },
  y: { pattern: twoDigits, part: 'shortYear' },
  m: { pattern: twoDigits, part: 'month' },
  b: { pattern: monthNames.join('|'), part: 'monthName' },
  h: { pattern: monthNames.join('|'), part: 'monthName' },
  d: { pattern: twoDigits, part: 'day' },
  e: { pattern: String.raw`[ \d]\d`, part: 'day' },
  H: { pattern: twoDigits, part: 'hour' },
  M: { pattern: twoDigits, part: 'minute' },
  S: { pattern: twoDigits, part: 'second' },
  s: { pattern: String.raw`\d{9,11}`, part: 'epoch' },
  z: { pattern: String.raw`[+-]\d{4}`, part: 'zone' },
  Z: { pattern: 'UTC|GMT', part: null },
  a: { pattern: '[A-Z][a-z]{2}', part: null },
};

/** Specifiers that stand for several. */
const shorthands: Readonly<Record<string, string>> = { T: '%H:%M:%S', R: '%H:%M', F: '%Y-%m-%d', D: '%m/%d/%y' };

/** The reader of a format, or what is wrong with it. */
export function compileTimeFormat(format: string): TimeFormat | string {
  const expanded = format.replace(/%([TRFD])/g, (_, letter: string) => shorthands[letter] ?? '');
  const parts: TimePart[] = [];
  let pattern = '';
  for (const [token] of expanded.matchAll(/%[1-9]?f|%.|%$|[^%]+/gs)) {
    const specifier = toSpecifier(token);
    if (specifier === null) return `${token} cannot be read back`;
    pattern += specifier.part === null ? `(?:${specifier.pattern})` : `(${specifier.pattern})`;
    if (specifier.part !== null) parts.push(specifier.part);
  }
  const missing = missingPart(parts);
  if (missing !== null) return `it does not tell ${missing}`;
  const whole = new RegExp(`^${pattern}$`);
  return { pattern: new RegExp(pattern, 'y'), toText: (written) => toText(whole.exec(written), parts) };
}

function toSpecifier(token: string): Specifier | null {
  if (!token.startsWith('%')) return { pattern: token.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`), part: null };
  if (token === '%%') return { pattern: '%', part: null };
  if (token.endsWith('f')) return { pattern: String.raw`\d{${token.length === 3 ? token[1] : 9}}`, part: 'fraction' };
  return Object.hasOwn(specifiers, token.slice(1)) ? (specifiers[token.slice(1)] ?? null) : null;
}

function missingPart(parts: readonly TimePart[]): string | null {
  const has = (...wanted: readonly TimePart[]) => wanted.some((part) => parts.includes(part));
  if (has('epoch')) return null;
  if (!has('year', 'shortYear')) return 'the year';
  if (!has('month', 'monthName')) return 'the month';
  if (!has('day')) return 'the day';
  return has('hour') && has('minute') && has('second') ? null : 'the time of day to the second';
}

function toText(match: RegExpExecArray | null, parts: readonly TimePart[]): string | null {
  if (match === null) return null;
  const value = (part: TimePart): string | null => {
    const index = parts.indexOf(part);
    return index === -1 ? null : (match[index + 1] ?? null);
  };
  const fraction = value('fraction');
  const behind = fraction === null ? '' : `.${fraction}`;
  const epoch = value('epoch');
  if (epoch !== null) return `${epoch}${behind}`;
  const year = value('year') ?? `20${value('shortYear')}`;
  const month = value('month') ?? String(monthNames.indexOf(value('monthName') ?? '') + 1);
  const date = [year, month.padStart(2, '0'), (value('day') ?? '').trim().padStart(2, '0')].join('-');
  // Envoy writes UTC unless it is asked for local time.
  return `${date}T${value('hour')}:${value('minute')}:${value('second')}${behind}${value('zone') ?? 'Z'}`;
}
