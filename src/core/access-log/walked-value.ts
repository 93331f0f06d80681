// Reads single values out of the bytes of a line that line-walk.ts went over: what the lean scanner and its records share.
import { byte } from './json-bytes.ts';
import type { LineWalk } from './line-walk.ts';
import { nothing } from './line-walk.ts';

/** Digits of a number that is surely a safe integer. */
const maxDigits = 15;

/** Whether a field is missing, null, the empty text or `-`. */
export function isEmpty(walk: LineWalk, field: number): boolean {
  if ((walk.held[field] as number) <= nothing) return true;
  const start = walk.starts[field] as number;
  const length = ((walk.ends[field] as number) - start) | 0;
  return length === 0 || (length === 1 && walk.bytes.view.getUint8(start) === byte.minus);
}

/** The count that a field holds, 0 for none, -1 where it is not one that is surely safe. */
export function countOf(walk: LineWalk, field: number): number {
  if (isEmpty(walk, field)) return 0;
  const { view } = walk.bytes;
  const end = walk.ends[field] as number;
  let at = walk.starts[field] as number;
  if (end - at > maxDigits) return -1;
  let count = 0;
  for (; at < end; at = (at + 1) | 0) {
    const digit = view.getUint8(at) - byte.zero;
    if (digit < 0 || digit > 9) return -1;
    count = count * 10 + digit;
  }
  return count;
}
