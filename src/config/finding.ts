// What is wrong with a file that a person wrote, and what to do about it. Every check in config/ answers with these.
import { cutText, toVisibleText } from '#core/notify/visible-text.ts';

/** An error keeps the file from being used; a warning does not. */
export type FindingSeverity = 'error' | 'warning';

/** One finding. Names the place, the value and the remedy; holds no secret. */
export interface Finding {
  readonly severity: FindingSeverity;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  /** Keys from the top of the file: `groups[0].rules[1].for`; empty for the file as a whole. */
  readonly path: string;
  /** The offending text as it stands in the file, shortened; `hiddenValue` for a secret; empty where there is none. */
  readonly value: string;
  readonly message: string;
  /** What to write instead, or where to look. */
  readonly remedy: string;
}

/** Stands for a secret in `value`; the source line of such a finding is not to be printed. */
export const hiddenValue = '(hidden)';

/** Findings that are kept of one file: nobody reads more, and a hostile file must not make the list grow. */
export const maxFindings = 200;

const maxValueCharacters = 80;
const maxSentenceCharacters = 1000;

/** A finding fit to be printed: the file’s own text is in it, so every part is made visible and cut. */
export function toFinding(parts: Finding): Finding {
  return {
    ...parts,
    file: toVisibleText(parts.file),
    path: cutText(toVisibleText(parts.path), maxSentenceCharacters),
    value: cutText(toVisibleText(parts.value.replace(/\s+/g, ' ').trim()), maxValueCharacters),
    message: cutText(toVisibleText(parts.message), maxSentenceCharacters),
    remedy: cutText(toVisibleText(parts.remedy), maxSentenceCharacters),
  };
}

/** Whether the file must not be used. */
export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.severity === 'error');
}

/** In the order of the file, errors before warnings on one place, repeats left out, at most `maxFindings`. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  const unique = findings.filter((finding) => {
    const key = JSON.stringify([finding.file, finding.line, finding.column, finding.message]);
    return seen.has(key) ? false : seen.add(key);
  });
  unique.sort(compareFindings);
  if (unique.length <= maxFindings) return unique;
  // An error that is cut off must not let the file pass.
  const errors = unique.filter((finding) => finding.severity === 'error');
  return [...errors, ...unique.filter((finding) => finding.severity === 'warning')]
    .slice(0, maxFindings)
    .sort(compareFindings);
}

function compareFindings(a: Finding, b: Finding): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  if (a.line !== b.line) return a.line - b.line;
  if (a.column !== b.column) return a.column - b.column;
  if (a.severity !== b.severity) return a.severity === 'error' ? -1 : 1;
  return 0;
}
