// Text from outside, made fit to be shown to people: what is invisible becomes visible, what is too long is cut. Used by render
// and by every adapter that shows a message.

// Controls, line and paragraph separators, invisible and direction-changing characters (the "Trojan Source" ones), lone surrogates.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;
const loneSurrogate = /[\ud800-\udfff]/gu;

/** The text on one line, each control or invisible character shown as a symbol (`␛`) or as its code (`\u202e`). */
export function toVisibleText(text: string): string {
  return text.replace(unprintable, showCharacter).replace(loneSurrogate, '\ufffd');
}

/** As `toVisibleText`, but lines stay lines. */
export function toVisibleLines(text: string): string {
  return text.split('\n').map(toVisibleText).join('\n');
}

/** At most `maxLength` UTF-16 units, the last an ellipsis where something was cut. Never cuts a character in half. */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  let end = Math.max(0, maxLength - 1);
  if (isHighSurrogate(text.charCodeAt(end - 1))) end -= 1;
  return `${text.slice(0, end)}…`;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function showCharacter(character: string): string {
  const code = character.charCodeAt(0);
  // Unicode has a picture for each C0 control, and one for DEL.
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
