// IBANs (ISO 13616): two letters, two check digits, and as many characters as the country's have; the whole is 1 modulo 97.
import type { Find, ScannedText } from './find.ts';
import { findOf, isDigit, isWordCode } from './find.ts';

/** Country and length, from the registry of SWIFT. */
const lengths = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 ' +
    'GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 ' +
    'MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SD18 SE24 SI19 SK24 SM27 ST25 SV28 ' +
    'TL23 TN24 TR26 UA29 VA22 VG24 XK20'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** An IBAN that begins at `at`, the first letter of a word; in groups of four with spaces, or without. */
export function findIban(text: ScannedText, at: number): Find | null {
  if (!isDigit(text.charCodeAt(at + 2)) || !isDigit(text.charCodeAt(at + 3))) return null;
  const length = lengths.get(text.slice(at, at + 2));
  if (length === undefined) return null;
  let compact = '';
  let end = at;
  while (compact.length < length) {
    // One space may stand behind each four.
    if (compact.length > 0 && compact.length % 4 === 0 && text.charCodeAt(end) === 32) end += 1;
    const code = text.charCodeAt(end);
    if (!isDigit(code) && !(code >= 65 && code <= 90)) return null;
    compact += text.slice(end, end + 1);
    end += 1;
  }
  if (isWordCode(text.charCodeAt(end))) return null;
  return remainderOf97(compact.slice(4) + compact.slice(0, 4)) === 1 ? findOf('iban', at, end) : null;
}

/** Letters count as 10 to 35. */
function remainderOf97(text: string): number {
  let remainder = 0;
  for (const char of text) {
    const value = Number.parseInt(char, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder;
}
