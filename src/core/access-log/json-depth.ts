// Bounds the nesting of a JSON text before it is parsed, so that no later recursion over it can overflow.

/** Whether objects and arrays nest more than `maxDepth` levels deep. Exact for JSON; stops at the first such place. */
export function exceedsDepth(text: string, maxDepth: number): boolean {
  // Most lines have fewer brackets than levels allowed, wherever they stand: then nothing has to be followed.
  if (countUpTo(text, '{', maxDepth + 1) + countUpTo(text, '[', maxDepth + 1) <= maxDepth) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 0x22) i = endOfString(text, i);
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return false;
}

function countUpTo(text: string, character: string, limit: number): number {
  let count = 0;
  for (let at = text.indexOf(character); at !== -1 && count < limit; at = text.indexOf(character, at + 1)) count += 1;
  return count;
}

/** Index of the quote that closes the string opened at `open`, or of the text's end. */
function endOfString(text: string, open: number): number {
  let at = open + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at;
    at += code === 0x5c ? 2 : 1;
  }
  return at;
}
