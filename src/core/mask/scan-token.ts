// Tokens and what is written like one: tokens by their issuers' prefixes, credentials behind `Bearer`, values behind names such as
// `password=`, IBANs, and parts of a path that look random. Every look ahead is either bounded or ends in a find.
import type { Find, ScannedText } from './find.ts';
import { charClass, classOf, findOf, isDigit, isTokenCode, isWordCode, startsWithIgnoringCase } from './find.ts';

/** Prefix of a kind of token, and how many token characters follow at least. */
interface Prefix {
  readonly text: string;
  readonly min: number;
}

/** JSON in Base64 (JSON Web Tokens), and the prefixes that issuers give their tokens so that they can be found. */
const prefixes: readonly Prefix[] = [
  { text: 'eyJ', min: 16 },
  ...['AKIA', 'ASIA', 'AGPA', 'AIDA', 'AROA'].map((text) => ({ text, min: 16 })),
  { text: 'AIza', min: 30 },
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'].map((text) => ({ text, min: 20 })),
  { text: 'glpat-', min: 16 },
  { text: 'npm_', min: 30 },
  { text: 'hvs.', min: 20 },
  ...['sk_live_', 'sk_test_', 'rk_live_', 'sk-'].map((text) => ({ text, min: 16 })),
  ...['xoxa-', 'xoxb-', 'xoxe-', 'xoxp-', 'xoxr-', 'xoxs-', 'xapp-'].map((text) => ({ text, min: 8 })),
];

const prefixesByFirst = new Map<number, readonly Prefix[]>();
for (const prefix of prefixes) {
  const first = prefix.text.charCodeAt(0);
  prefixesByFirst.set(first, [...(prefixesByFirst.get(first) ?? []), prefix]);
}

/** By 128 times the first character plus the second: whether a token, `Bearer` or `Basic` may begin with them. */
export const wordBeginnings = new Uint8Array(128 * 128);
for (const start of [...prefixes.map(({ text }) => text), 'be', 'bE', 'Be', 'BE', 'ba', 'bA', 'Ba', 'BA']) {
  wordBeginnings[start.charCodeAt(0) * 128 + start.charCodeAt(1)] = 1;
}

/** A token that begins at `at`, the first letter of a word. */
export function findToken(text: ScannedText, at: number): Find | null {
  const code = text.charCodeAt(at);
  const second = text.charCodeAt(at + 1);
  if (!(second < 128) || wordBeginnings[code * 128 + second] !== 1) return null;
  for (const prefix of prefixesByFirst.get(code) ?? []) {
    const end = tokenEnd(text, at, prefix);
    if (end !== -1) return findOf('token', at, end);
  }
  return code === 66 || code === 98 ? findCredentials(text, at) : null;
}

function tokenEnd(text: ScannedText, at: number, { text: prefix, min }: Prefix): number {
  for (let i = 0; i < prefix.length; i += 1) if (text.charCodeAt(at + i) !== prefix.charCodeAt(i)) return -1;
  const from = at + prefix.length;
  const isTokenPart = (code: number) => isTokenCode(code) || code === 46;
  let end = runEnd(text, from, isTokenPart);
  while (end > from && text.charCodeAt(end - 1) === 46) end -= 1;
  return end - from >= min ? end : -1;
}

/** `Bearer …` and `Basic …`: what follows the word. A plain word behind it (`bearer authentication failed`) is no credential. */
function findCredentials(text: ScannedText, at: number): Find | null {
  const scheme = schemeLength(text, at);
  if (scheme === 0) return null;
  const from = skipSpaces(text, at + scheme);
  if (from === at + scheme) return null;
  const end = runEnd(text, from, isCredentialCode);
  return looksLikeCredential(text, from, end) ? findOf('token', from, end) : null;
}

function schemeLength(text: ScannedText, at: number): number {
  if (startsWithIgnoringCase(text, at, 'bearer') && !isWordCode(text.charCodeAt(at + 6))) return 6;
  return startsWithIgnoringCase(text, at, 'basic') && !isWordCode(text.charCodeAt(at + 5)) ? 5 : 0;
}

/** Behind up to eight spaces, `+` or `%20`. */
function skipSpaces(text: ScannedText, from: number): number {
  let at = from;
  for (let i = 0; i < 8; i += 1) {
    if (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 43) at += 1;
    else if (startsWithIgnoringCase(text, at, '%20')) at += 3;
    else break;
  }
  return at;
}

function looksLikeCredential(text: ScannedText, from: number, end: number): boolean {
  if (end - from >= 20) return true;
  for (let i = from; i < end && end - from >= 8; i += 1)
    if (isDigit(text.charCodeAt(i)) || text.charCodeAt(i) === 61) return true;
  return false;
}

/** RFC 9110’s token68. */
function isCredentialCode(code: number): boolean {
  return isTokenCode(code) || code === 46 || code === 126 || code === 43 || code === 47 || code === 61;
}

const secretNames: ReadonlySet<string> = new Set([
  ...[
    'password',
    'passwd',
    'pwd',
    'passphrase',
    'secret',
    'clientsecret',
    'token',
    'accesstoken',
    'refreshtoken',
    'idtoken',
  ],
  ...[
    'authtoken',
    'sessiontoken',
    'csrftoken',
    'apitoken',
    'apikey',
    'xapikey',
    'accesskey',
    'secretkey',
    'secretaccesskey',
  ],
  ...['privatekey', 'session', 'sessionid', 'jsessionid', 'phpsessid', 'sid', 'authorization', 'cookie', 'setcookie'],
  ...['signature', 'sig', 'otp', 'pin', 'cvc', 'cvv'],
]);
/** The longest of them, with room for hyphens. */
const maxSecretName = 24;

/** By 128 times the second-last letter plus the last, small ones: whether one of the names ends so. */
export const secretNameEndings = new Uint8Array(128 * 128);
for (const name of secretNames)
  secretNameEndings[name.charCodeAt(name.length - 2) * 128 + name.charCodeAt(name.length - 1)] = 1;

/** Whether a value under this name is a secret: `password`, `X-Api-Key`, `client_secret`. */
export function isSecretName(name: string): boolean {
  const { length } = name;
  if (length < 3 || length > maxSecretName) return false;
  // Most names end otherwise: asked first, because this is asked of every name of a line.
  const ending = (name.charCodeAt(length - 2) | 32) * 128 + (name.charCodeAt(length - 1) | 32);
  const mayBe = secretNameEndings[ending] === 1 || /[_-].?$/.test(name);
  return mayBe && secretNames.has(name.toLowerCase().replaceAll(/[_-]/g, ''));
}

/** The value behind `password=`, `token: ` and the like. `at` is the sign, `signLength` 3 where it is percent-encoded. */
export function findAssigned(text: ScannedText, at: number, signLength: number): Find | null {
  let nameEnd = at;
  if (text.charCodeAt(nameEnd - 1) === 34 || text.charCodeAt(nameEnd - 1) === 39) nameEnd -= 1;
  let nameStart = nameEnd;
  while (nameEnd - nameStart <= maxSecretName && isTokenCode(text.charCodeAt(nameStart - 1))) nameStart -= 1;
  if (nameStart === nameEnd || !isSecretName(text.slice(nameStart, nameEnd))) return null;
  let from = at + signLength;
  if (text.charCodeAt(from) === 32) from += 1;
  if (text.charCodeAt(from) === 34 || text.charCodeAt(from) === 39) from += 1;
  const scheme = schemeLength(text, from);
  const valueFrom = scheme === 0 ? from : skipSpaces(text, from + scheme);
  const end = runEnd(text, valueFrom, isValueCode);
  return end === valueFrom || text.charCodeAt(valueFrom) === 91 ? null : findOf('token', valueFrom, end);
}

function isValueCode(code: number): boolean {
  // Ends at what parts parameters, cookies and lists: & ; ,
  const isPart = code === 38 || code === 59 || code === 44;
  return !Number.isNaN(code) && !isPart && classOf(code) !== charClass.delimiter;
}

function runEnd(text: ScannedText, from: number, isPart: (code: number) => boolean): number {
  let end = from;
  while (end < text.length && isPart(text.charCodeAt(end))) end += 1;
  return end;
}

/** Length of a token in a path at least: 24 characters and less are ids that people search for. */
const minSegment = 32;

/** The part of a path in `[start, end)` where it looks random: 32 characters and more of all three kinds, mixed. Hex is an id or a hash. */
export function findRandomSegment(text: ScannedText, start: number, end: number): Find | null {
  if (end - start < minSegment) return null;
  const counts = [0, 0, 0, 0];
  let changes = 0;
  let before: Kind = kinds.sign;
  for (let i = start; i < end; i += 1) {
    const kind = kindOf(text.charCodeAt(i));
    if (kind === null) return null;
    counts[kind] = (counts[kind] ?? 0) + 1;
    if (isChange(before, kind)) changes += 1;
    if (kind !== kinds.sign) before = kind;
  }
  const [, digits = 0, capitals = 0, smalls = 0] = counts;
  const isMixed = digits >= 2 && capitals > 0 && smalls > 0;
  // Of random characters nearly every second is a change, of words with capitals every sixth.
  return isMixed && changes * 10 >= (end - start) * 3 ? findOf('token', start, end) : null;
}

/** Whether no part of a path is long enough to be a token. */
export function isLongestSegmentShort(path: ScannedText): boolean {
  let start = 0;
  for (let at = 0; path.length - start >= minSegment && at < path.length; at += 1) {
    if (path.charCodeAt(at) !== 47) continue;
    if (at - start >= minSegment) return false;
    start = at + 1;
  }
  return path.length - start < minSegment;
}

const kinds = { sign: 0, digit: 1, capital: 2, small: 3 } as const;
type Kind = (typeof kinds)[keyof typeof kinds];

/** `null` for a character that no token holds. Base64 ends in = signs, in a path also as %3D. */
function kindOf(code: number): Kind | null {
  if (isDigit(code)) return kinds.digit;
  if (isWordCode(code)) return code < 97 ? kinds.capital : kinds.small;
  return isTokenCode(code) || code === 61 || code === 37 || code === 126 ? kinds.sign : null;
}

/** From a capital to a small letter any word changes. */
function isChange(before: Kind, kind: Kind): boolean {
  if (before === kinds.sign || kind === kinds.sign || before === kind) return false;
  return !(before === kinds.capital && kind === kinds.small);
}
