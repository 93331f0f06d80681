// What is wrong with a file that a person wrote, and what to do about it. Every check in config/ answers with these.
import { cutText, toVisibleText } from '#core/notify/visible-text.ts';

/** An error keeps the file from being used; a warning does not. */
export type FindingSeverity = 'error' | 'warning';

/** What a finding is about, each with one sentence: the closed list that code review tools group and mute findings by. */
export const findingKinds = {
  syntax: 'The text is no YAML, a key stands twice, or an alias or a variable leads nowhere.',
  'unreadable-file': 'The file cannot be read.',
  'unknown-key': 'A key that does not belong there.',
  'missing-key': 'A key that has to be there.',
  'wrong-value': 'A value of the wrong type, form or size, or one that is not known.',
  contradiction: 'Values that do not fit together.',
  'secret-in-file': 'A secret that does not come from the environment.',
  'duplicate-name': 'Two alerts, or two groups, of one name.',
  'same-meaning': 'Two rules that tell the same incident twice.',
  'empty-file': 'A file without a rule.',
  'wrong-condition': 'A rule without a condition, or with several.',
  'wrong-selection': 'A rule that counts nothing that there is, or several things at once.',
  'wrong-matcher': 'A text that is no matcher, or a regular expression that cannot be matched in linear time.',
  'wrong-by': 'Labels that the alerts of a rule cannot have.',
  'unknown-flag': 'A flag that Envoy 1.40 does not have.',
  'never-fires': 'A rule that can never fire.',
  'hardly-fires': 'A rule that fires far less than it seems to.',
  'fires-on-deploys': 'A rule that takes every deploy for an incident.',
  'mixed-sides': 'What both sides’ proxies measured, taken together.',
  'noise-floor': 'A threshold that ordinary days reach.',
  'no-effect': 'Something that is written and changes nothing.',
  'whole-windows': 'A duration that is no whole number of windows.',
  'wrong-name': 'A name that no label or annotation can have.',
  'wrong-template': 'A placeholder that cannot be filled in.',
  'missing-severity': 'An alert without a severity.',
  'missing-owner': 'An alert that is nobody’s.',
  'missing-summary': 'An alert without a line that says what it is.',
  'missing-runbook': 'An alert that does not say what to do.',
  'wrong-address': 'An address that nothing can link to.',
} as const;
export type FindingKind = keyof typeof findingKinds;

/** One finding. Names the place, the value and the remedy; holds no secret. */
export interface Finding {
  readonly kind: FindingKind;
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
