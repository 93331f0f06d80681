// What to do first: the checks of the flag's catalogue entry, with the incident's own names in their commands.
import type { Language } from '#core/classify/response-flag.ts';
import { findFlag } from '#core/classify/response-flags.ts';
import type { Labels } from '#core/labels.ts';
import type { MessageStep } from './message.ts';
import { phrases } from './phrases.ts';
import { type ComparisonFacts, comparisonSteps } from './verdict-phrases.ts';

/** What the commands may be filled in from. */
export interface StepFacts {
  readonly flag: string | null;
  readonly labels: Labels;
  readonly requestIds: readonly string[];
  /** A new version beside the old one, where the alert is about that. */
  readonly comparison?: ComparisonFacts | null;
}

/** The first checks in `languages`, a line each; general ones where the flag is not known or there is more than one. */
export function firstSteps(facts: StepFacts, languages: readonly Language[]): readonly MessageStep[] {
  return [...comparisonStep(facts, languages), ...checkSteps(facts, languages)];
}

/** What the comparison of two versions says is to be done comes before all else. */
function comparisonStep(facts: StepFacts, languages: readonly Language[]): readonly MessageStep[] {
  const { comparison } = facts;
  if (comparison === undefined || comparison === null) return [];
  const lines = languages.map((language) => comparisonSteps[language](comparison)).filter((line) => line !== null);
  if (lines.length === 0) return [];
  return [{ lines, command: fillCommand('kubectl rollout history deployment/SERVICE -n NAMESPACE', facts) }];
}

function checkSteps(facts: StepFacts, languages: readonly Language[]): readonly MessageStep[] {
  const checks = facts.flag === null ? undefined : findFlag(facts.flag)?.checks;
  if (checks !== undefined) {
    return checks.map((check) => ({
      lines: languages.map((language) => check[language]),
      command: fillCommand(check.command, facts),
    }));
  }
  return phrases.en.genericSteps.map((_step, i) => ({
    lines: languages.map((language) => phrases[language].genericSteps[i] ?? ''),
    command: null,
  }));
}

/**
 * Puts the incident's names in the place of the words in capitals. Somebody will paste this into a shell, and the names come from
 * log lines: only what is a plain Kubernetes name or id is put in, else the word stays.
 */
function fillCommand(command: string, { labels, requestIds }: StepFacts): string {
  const isAboutSource = /\b(?:SOURCE_POD|CALLER)\b/.test(command);
  const side = isAboutSource ? 'source' : 'destination';
  const values: Readonly<Record<string, string | undefined>> = {
    SERVICE: labels['destination_service'],
    CALLER: labels['source_service'],
    // Of a pod that may be on either side nobody knows the namespace.
    NAMESPACE: /\bPOD\b/.test(command) ? undefined : labels[`${side}_namespace`],
    DEPLOY_ID: labels['destination_deploy_id'],
    REQUEST_ID: requestIds[0],
  };
  return command.replace(/\b(?:SERVICE|CALLER|NAMESPACE|DEPLOY_ID|REQUEST_ID)\b/g, (word) => {
    const value: unknown = values[word];
    return typeof value === 'string' && isShellSafeName(value) ? value : word;
  });
}

function isShellSafeName(value: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(value) && value !== 'unknown';
}
