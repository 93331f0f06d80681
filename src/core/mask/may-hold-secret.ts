// The look that most texts of a line do not get past: whether there is anything for the scanners. It may say yes in vain, never no.
import type { ScannedText } from './find.ts';
import { charClass, classOf, isDigit } from './find.ts';
import { isLongestSegmentShort, secretNameEndings, wordBeginnings } from './scan-token.ts';

/** Which characters need a closer look: 0 none, 1 a digit, 2 a letter, 3 a colon, 4 the text is to be scanned. */
const looks = new Uint8Array(128);
for (let code = 0; code < 128; code += 1) {
  const kind = classOf(code);
  if (kind === charClass.digit) looks[code] = 1;
  else if (kind === charClass.letter) looks[code] = 2;
  else if (kind === charClass.colon) looks[code] = 3;
  else if (kind === charClass.equals || kind === charClass.at || kind === charClass.percent) looks[code] = 4;
  else if (kind === charClass.question) looks[code] = 4;
}

/** False where no default pattern can find anything in the text. IP addresses are not looked for. */
export function mayHoldSecret(text: ScannedText, isPath: boolean): boolean {
  if (isPath && !isLongestSegmentShort(text)) return true;
  let isInWord = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const look = code < 128 ? (looks[code] as number) : 0;
    const isWord = look === 1 || look === 2;
    if (look !== 0 && !(isWord && isInWord) && isBeginning(text, at, look)) return true;
    isInWord = isWord;
  }
  return false;
}

function isBeginning(text: ScannedText, at: number, look: number): boolean {
  if (look === 1) return mayBeNumber(text, at);
  if (look === 2) return mayBeToken(text, at, text.charCodeAt(at));
  return look === 4 || maySecretNameEnd(text, at);
}

/** Thirteen digits, or three that others are joined to. */
function mayBeNumber(text: ScannedText, at: number): boolean {
  let end = at + 1;
  while (isDigit(text.charCodeAt(end))) end += 1;
  if (end - at >= 13) return true;
  const next = text.charCodeAt(end);
  return end - at >= 3 && (next === 45 || next === 32) && isDigit(text.charCodeAt(end + 1));
}

/** The first two letters of a token or of `Bearer`; or of an IBAN, which digits follow. */
function mayBeToken(text: ScannedText, at: number, code: number): boolean {
  const second = text.charCodeAt(at + 1);
  if (second >= 128 || Number.isNaN(second)) return false;
  if (wordBeginnings[code * 128 + second] === 1) return true;
  return code <= 90 && second >= 65 && second <= 90 && isDigit(text.charCodeAt(at + 2));
}

/** The last two letters before a colon are those of a name such as `password`; or a quote is there. */
function maySecretNameEnd(text: ScannedText, at: number): boolean {
  const last = text.charCodeAt(at - 1);
  if (last === 34 || last === 39) return true;
  const kind = classOf(last);
  if (kind !== charClass.letter) return kind === charClass.other && (last === 45 || last === 95);
  const before = text.charCodeAt(at - 2);
  return (
    before >= 128 || secretNameEndings[(before | 32) * 128 + (last | 32)] === 1 || classOf(before) !== charClass.letter
  );
}
