// What stands around an @: e-mail addresses, and the user and password of a web address.
import type { Find, ScannedText } from './find.ts';
import { findOf, isLetter, isTokenCode, isWordCode } from './find.ts';

/** RFC 5321: the part before the @ has 64 characters at most, the whole 254. */
const maxLocal = 64;
const maxDomain = 190;
/** User and password before a host; what is longer is found as far as it goes. */
const maxUserInfo = 128;

/** `https://user:password@`: from behind the slashes to the @. `from` is the end of the last find. */
export function findUserInfo(text: ScannedText, at: number, from: number): Find | null {
  for (let i = at - 1; i >= from && at - i <= maxUserInfo; i -= 1) {
    const code = text.charCodeAt(i);
    if (code === 47) {
      const isScheme = text.charCodeAt(i - 1) === 47 && text.charCodeAt(i - 2) === 58;
      return isScheme && i + 1 < at ? findOf('token', i + 1, at) : null;
    }
    if (code <= 32 || code === 34 || code === 60 || code === 62) return null;
  }
  return null;
}

/** An e-mail address around the @ at `at`, which takes `signLength` characters (3 as `%40`). Begins behind `from`, the last find. */
export function findMailbox(text: ScannedText, at: number, signLength: number, from: number): Find | null {
  let start = at;
  while (start > from && at - start < maxLocal && isLocalCode(text.charCodeAt(start - 1))) start -= 1;
  while (start < at && text.charCodeAt(start) === 46) start += 1;
  if (start === at) return null;
  const end = domainEnd(text, at + signLength);
  return end === -1 ? null : findOf('email', start, end);
}

/** End of the longest domain that has a point and ends like one: a label of two characters and more that begins with a letter. */
function domainEnd(text: ScannedText, from: number): number {
  let end = -1;
  let label = from;
  for (let at = from; at - from <= maxDomain; at += 1) {
    const code = text.charCodeAt(at);
    if (isWordCode(code) || code === 45) continue;
    if (at === label) break;
    if (label > from && at - label >= 2 && isLetter(text.charCodeAt(label))) end = at;
    if (code !== 46) break;
    label = at + 1;
  }
  return end;
}

function isLocalCode(code: number): boolean {
  // Beyond letters and digits: . + % ! #$&'*^~
  return isTokenCode(code) || code === 46 || code === 43 || code === 37 || code === 33 || code === 126 || code === 42;
}
