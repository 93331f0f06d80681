// A set of rules as it is loaded and changed: whole, or not at all. Its texts travel between processes, because each build reads
// them for itself.
import { createHash } from 'node:crypto';
import type { AlertRule } from './rule.ts';

/** One file of rules. */
export interface RuleText {
  /** As messages name it. */
  readonly file: string;
  readonly text: string;
}

/** The texts of a set. */
export interface RuleSetTexts {
  /** See `ruleSetHash`. */
  readonly hash: string;
  readonly files: readonly RuleText[];
}

/** A set that was read without an error. */
export interface RuleSet extends RuleSetTexts {
  readonly rules: readonly AlertRule[];
}

/** Identity of a set: 16 hexadecimal digits of the SHA-256 of its names and texts in their order. */
export function ruleSetHash(files: readonly RuleText[]): string {
  const named = files.map(({ file, text }) => [file, text]);
  return createHash('sha256').update(JSON.stringify(named)).digest('hex').slice(0, 16);
}
