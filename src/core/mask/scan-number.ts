// Numbers that stand for money or a person: cards, Korean resident registration and account numbers. Each is told by form and, where
// there is one, by its check digit, so that ids and times are not taken for one by accident.
import type { Find, ScannedText } from './find.ts';
import { findOf, isDigit, isLetter, isWordCode } from './find.ts';

/** Which numbers are looked for. `forms`: also those that nothing but their form tells (accounts, resident numbers). */
export interface NumberRules {
  readonly card: boolean;
  readonly account: boolean;
  readonly resident: boolean;
  readonly forms: boolean;
}

/** Groups of digits with the same separator between them. */
interface Groups {
  readonly lengths: readonly number[];
  /** End of each group. */
  readonly ends: readonly number[];
  /** All digits, in order. */
  readonly digits: readonly number[];
  readonly separator: number;
  /** A letter follows the last group directly: that is no number, and not in `lengths`. */
  readonly isCut: boolean;
}

const hyphen = 45;
const space = 32;
const point = 46;
/** No number has more groups; an account has four, a card five. */
const maxGroups = 6;
/** No card has fewer digits, nor more. */
const minCardDigits = 13;
const maxCardDigits = 19;

/** A number that begins at `at`, which is a digit without a letter or digit before it. Looks at some hundred characters at most. */
export function findNumber(text: ScannedText, at: number, rules: NumberRules): Find | null {
  if (!isWorthReading(text, at)) return null;
  const groups = readGroups(text, at);
  const first = groups.ends[0];
  if (first === undefined || isFraction(text, at, first)) return null;
  if (groups.lengths.length === 1 || first - at >= minCardDigits) return findWholeNumber(groups, at, rules);
  const card = rules.card ? cardLength(groups) : 0;
  if (card > 0) return findOf('card', at, groups.ends[card - 1] ?? at);
  return findForm(text, at, groups, rules);
}

/** Most numbers of a line are parts of addresses, codes and sizes: short, and nothing joined to them. */
function isWorthReading(text: ScannedText, at: number): boolean {
  let end = at + 1;
  while (end - at < minCardDigits && isDigit(text.charCodeAt(end))) end += 1;
  if (end - at >= minCardDigits) return true;
  const next = text.charCodeAt(end);
  return end - at >= 3 && (next === hyphen || next === space) && isDigit(text.charCodeAt(end + 1));
}

/** A number that nothing but its form tells: with hyphens, and no part of a longer name. */
function findForm(text: ScannedText, at: number, groups: Groups, rules: NumberRules): Find | null {
  if (!rules.forms || groups.separator !== hyphen || isGlued(text, at, groups)) return null;
  const end = groups.ends.at(-1) ?? at;
  if (rules.resident && isResidentForm(groups)) return findOf('resident', at, end);
  return rules.account && isAccountForm(groups) ? findOf('account', at, end) : null;
}

/** A card number without separators, or a resident number whose hyphen was left out. */
function findWholeNumber({ lengths, ends, digits }: Groups, at: number, rules: NumberRules): Find | null {
  const length = lengths[0] ?? 0;
  const end = ends[0] ?? at;
  const own = digits.slice(0, length);
  if (rules.card && isCard(own)) return findOf('card', at, end);
  // A time in milliseconds of the years 2001 to 2033 has 13 digits too, and begins with 1.
  const isResident = length === 13 && own[0] !== 1 && isResident13(own) && hasResidentCheck(own);
  return rules.resident && rules.forms && isResident ? findOf('resident', at, end) : null;
}

function readGroups(text: ScannedText, from: number): Groups {
  const lengths: number[] = [];
  const ends: number[] = [];
  const digits: number[] = [];
  let separator = 0;
  for (let at = from; lengths.length < maxGroups; ) {
    let end = at;
    // One more than a number has is enough to know that it is none.
    while (end - at <= maxCardDigits && isDigit(text.charCodeAt(end))) end += 1;
    const next = text.charCodeAt(end);
    if (end === at || isWordCode(next)) return { lengths, ends, digits, separator, isCut: true };
    for (let i = at; i < end; i += 1) digits.push(text.charCodeAt(i) - 48);
    lengths.push(end - at);
    ends.push(end);
    const isJoined = (next === hyphen || next === space) && (separator === 0 || separator === next);
    if (!isJoined || !isDigit(text.charCodeAt(end + 1))) break;
    separator = next;
    at = end + 1;
  }
  return { lengths, ends, digits, separator, isCut: false };
}

/** `0.4111111111111111` is a fraction, as is `4111111111111111.5`. */
function isFraction(text: ScannedText, at: number, end: number): boolean {
  const before = text.charCodeAt(at - 1) === point && isDigit(text.charCodeAt(at - 2));
  return before || (text.charCodeAt(end) === point && isDigit(text.charCodeAt(end + 1)));
}

/** Part of a longer name, such as a UUID or the name of a pod: `…-1000-1234-5678-…`. */
function isGlued(text: ScannedText, at: number, { ends, isCut }: Groups): boolean {
  const end = ends.at(-1) ?? at;
  const after = text.charCodeAt(end);
  if (isCut || (text.charCodeAt(at - 1) === hyphen && isWordCode(text.charCodeAt(at - 2)))) return true;
  return isLetter(after) || (after === hyphen && isWordCode(text.charCodeAt(end + 1)));
}

/** How cards are written in groups. */
const cardLayouts: readonly (readonly number[])[] = [
  [4, 4, 4, 4, 3],
  [4, 4, 4, 4],
  [4, 6, 5],
  [4, 6, 4],
];

/** Number of groups that make a card number; 0 where they make none. */
function cardLength({ lengths, digits }: Groups): number {
  for (const layout of cardLayouts) {
    if (!layout.every((length, i) => lengths[i] === length)) continue;
    const count = layout.reduce((sum, length) => sum + length, 0);
    if (isCard(digits.slice(0, count))) return layout.length;
  }
  return 0;
}

/** First four digits of card numbers, from and to, and how many digits such cards have: what networks issue, Korean ones included. */
const cardRanges: readonly (readonly [from: number, to: number, lengths: readonly number[]])[] = [
  [2221, 2720, [16]],
  [3000, 3059, [14]],
  [3400, 3499, [15]],
  [3528, 3589, [16]],
  [3600, 3699, [14]],
  [3700, 3799, [15]],
  [3800, 3999, [14]],
  [4000, 4999, [13, 16, 19]],
  [5000, 5899, [16]],
  [6000, 6099, [16, 17, 18, 19]],
  [6200, 6299, [16, 17, 18, 19]],
  [6300, 6399, [16]],
  [6440, 6599, [16, 17, 18, 19]],
  [6700, 6799, [16]],
  [9000, 9999, [16]],
];

function isCard(digits: readonly number[]): boolean {
  const { length } = digits;
  if (length < minCardDigits || length > maxCardDigits) return false;
  const head = toNumber(digits, 0, 4);
  return (
    cardRanges.some(([from, to, lengths]) => head >= from && head <= to && lengths.includes(length)) && isLuhn(digits)
  );
}

/** ISO/IEC 7812-1: from the right every second digit is doubled, the sum of all digits ends in 0. */
function isLuhn(digits: readonly number[]): boolean {
  let sum = 0;
  for (const [i, digit] of digits.entries()) {
    const doubled = (digits.length - i) % 2 === 0 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** `YYMMDD-SNNNNNN`. Numbers given out since October 2020 have no check digit, so with its hyphen the form is enough. */
function isResidentForm({ lengths, digits }: Groups): boolean {
  return lengths.length === 2 && lengths[0] === 6 && lengths[1] === 7 && isResident13(digits);
}

function isResident13(digits: readonly number[]): boolean {
  const month = toNumber(digits, 2, 4);
  const day = toNumber(digits, 4, 6);
  const sex = digits[6] ?? 0;
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 && sex >= 1 && sex <= 8;
}

const residentWeights = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];

function hasResidentCheck(digits: readonly number[]): boolean {
  const sum = residentWeights.reduce((total, weight, i) => total + weight * (digits[i] ?? 0), 0);
  return (11 - (sum % 11)) % 10 === digits[12];
}

/** Groups of the account numbers of Korean banks as people write them; the first digits where the form alone could be a date or an id. */
const accountForms: readonly (readonly [lengths: string, first: RegExp | null])[] = [
  ['3-2-6', null],
  ['3-3-6', null],
  ['3-2-4-3', null],
  ['3-4-4-2', null],
  ['3-6-5', null],
  ['3-6-2-3', null],
  ['4-2-7', /^[3-9]/],
  ['4-3-6', null],
  ['4-4-4', /^100/],
  ['6-2-6', null],
];

function isAccountForm({ lengths, digits }: Groups): boolean {
  const form = lengths.join('-');
  return accountForms.some(([wanted, first]) => wanted === form && (first?.test(digits.slice(0, 4).join('')) ?? true));
}

function toNumber(digits: readonly number[], from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i += 1) value = value * 10 + (digits[i] ?? 0);
  return value;
}
