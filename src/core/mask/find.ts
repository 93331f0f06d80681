// What scanners have in common: the text as they read it, classes of characters, and what they find.

/** The part of a string that scanners use, so that a test can count how often they look. */
export type ScannedText = Pick<string, 'length' | 'charCodeAt' | 'slice'>;

/** A stretch of a text that must not leave: `[start, end)` in UTF-16 units. */
export interface Find {
  readonly start: number;
  readonly end: number;
  /** Pattern that it is counted under. */
  readonly name: string;
  readonly replacement: string;
}

/** Stands for a query string or a parameter’s value. */
export const maskedValue = '[masked]';

/** A find with the usual replacement. */
export function findOf(name: string, start: number, end: number): Find {
  return { start, end, name, replacement: `[masked:${name}]` };
}

/** Classes of characters, by what the scan does with them. Digits and letters make words. */
export const charClass = {
  other: 0,
  digit: 1,
  letter: 2,
  /** Ends a word of a text: space, control, quote, angle bracket. */
  delimiter: 3,
  slash: 4,
  question: 5,
  at: 6,
  percent: 7,
  equals: 8,
  colon: 9,
} as const;

const classes = new Uint8Array(128);
for (let code = 0; code <= 32; code += 1) classes[code] = charClass.delimiter;
for (const char of '"\'<>`') classes[char.charCodeAt(0)] = charClass.delimiter;
for (let code = 48; code < 58; code += 1) classes[code] = charClass.digit;
for (let code = 65; code < 91; code += 1) {
  classes[code] = charClass.letter;
  classes[code + 32] = charClass.letter;
}
classes[47] = charClass.slash;
classes[63] = charClass.question;
classes[64] = charClass.at;
classes[37] = charClass.percent;
classes[61] = charClass.equals;
classes[58] = charClass.colon;

/** Class of a UTF-16 unit; everything beyond ASCII, and `NaN` behind the end, is `other`. */
export function classOf(code: number): number {
  return code < 128 ? (classes[code] as number) : charClass.other;
}

/** 0 to 9. */
export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** ASCII letter. */
export function isLetter(code: number): boolean {
  return classOf(code) === charClass.letter;
}

/** ASCII letter or digit: what words are made of. */
export function isWordCode(code: number): boolean {
  const kind = classOf(code);
  return kind === charClass.letter || kind === charClass.digit;
}

/** Letter, digit, `-` or `_`: what tokens are made of. */
export function isTokenCode(code: number): boolean {
  return isWordCode(code) || code === 45 || code === 95;
}

/** Whether `wanted` stands at `at`, in small or capital letters; `wanted` is in small ones. */
export function startsWithIgnoringCase(text: ScannedText, at: number, wanted: string): boolean {
  for (let i = 0; i < wanted.length; i += 1) {
    const code = text.charCodeAt(at + i);
    const lower = code >= 65 && code <= 90 ? code + 32 : code;
    if (lower !== wanted.charCodeAt(i)) return false;
  }
  return true;
}
