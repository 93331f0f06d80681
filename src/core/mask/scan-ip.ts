// IP addresses inside a text, for masking by hash. Hosts that are names are no addresses.
import type { ScannedText } from './find.ts';
import { isDigit, isWordCode } from './find.ts';

/** `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255` */
const maxAddress = 45;

/** End of the IP address that begins at `at`, or -1. `at` is no part of a longer word. */
export function ipEnd(text: ScannedText, at: number): number {
  const before = text.charCodeAt(at - 1);
  if (isWordCode(before) || before === 46) return -1;
  const end = ip4End(text, at);
  if (end !== -1) return end;
  // Behind a colon it is the middle of what was looked at from its beginning, unless a name stands before: `address:fd00::7`.
  return before === 58 && isAddressCode(text.charCodeAt(at - 2)) ? -1 : ip6End(text, at);
}

function ip4End(text: ScannedText, from: number): number {
  let at = from;
  for (let group = 0; group < 4; group += 1) {
    const start = at;
    let value = 0;
    while (at - start < 3 && isDigit(text.charCodeAt(at))) {
      value = value * 10 + text.charCodeAt(at) - 48;
      at += 1;
    }
    if (at === start || value > 255) return -1;
    if (group < 3) {
      if (text.charCodeAt(at) !== 46) return -1;
      at += 1;
    }
  }
  const next = text.charCodeAt(at);
  const isLonger = isWordCode(next) || (next === 46 && isWordCode(text.charCodeAt(at + 1)));
  return isLonger ? -1 : at;
}

function ip6End(text: ScannedText, at: number): number {
  let end = at;
  let colons = 0;
  for (; end - at <= maxAddress && isAddressCode(text.charCodeAt(end)); end += 1) {
    if (text.charCodeAt(end) === 58) colons += 1;
  }
  if (colons < 2 || end - at > maxAddress || isWordCode(text.charCodeAt(end))) return -1;
  while (end > at && text.charCodeAt(end - 1) === 46) end -= 1;
  return isIp6(text.slice(at, end)) ? end : -1;
}

function isAddressCode(code: number): boolean {
  return isDigit(code) || code === 58 || code === 46 || (code >= 65 && code <= 70) || (code >= 97 && code <= 102);
}

/** Eight groups, or fewer around one `::`; the last two may be an IPv4 address. */
function isIp6(address: string): boolean {
  const halves = address.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const hasIp4 = last.includes('.') && ip4End(last, 0) === last.length;
  const plain = hasIp4 ? groups.slice(0, -1) : groups;
  const count = plain.length + (hasIp4 ? 2 : 0);
  return plain.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group)) && (halves.length === 2 ? count < 8 : count === 8);
}
