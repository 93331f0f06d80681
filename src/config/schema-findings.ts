// What a zod schema says about a value → findings that a person understands, each at its place in the file.
import type { z } from 'zod';
import type { Finding } from './finding.ts';
import { hiddenValue, maxFindings, toFinding } from './finding.ts';
import type { SchemaGuide } from './json-schema.ts';
import { nearestName } from './nearest-name.ts';
import type { YamlSource } from './yaml-source.ts';
import { lowerFirst, renderPath } from './yaml-source.ts';
import type { YamlPath } from './yaml-value.ts';

type Issue = z.core.$ZodIssue;

/** One finding for each issue (for each unknown key one). Parse with `reportInput`, so that near misses are named. */
export function schemaFindings(issues: readonly Issue[], source: YamlSource, guide: SchemaGuide): readonly Finding[] {
  const reader = { source, guide };
  return issues.flatMap((issue) => issueFindings(issue, [], reader));
}

interface Reader {
  readonly source: YamlSource;
  readonly guide: SchemaGuide;
}

function issueFindings(issue: Issue, parent: YamlPath, reader: Reader): readonly Finding[] {
  const { source, guide } = reader;
  const path = [...parent, ...issue.path];
  if (issue.code === 'invalid_union') return unionFindings(issue, path, reader);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, maxFindings).map((key) => {
      return source.finding({
        ...unknownKey(key, guide.knownKeys(path)),
        kind: 'unknown-key',
        path: [...path, key],
        atKey: true,
      });
    });
  }
  const said = issue.code === 'invalid_type' && guide.isDuration(path) ? wantedDuration : describe(issue);
  if (source.nodeAt(path) !== null) return [subjectFinding(path, said, reader)];
  const subject = lastKey(path);
  const noun = said.noun ?? 'a value';
  return [
    source.finding({ kind: 'missing-key', path, message: `${subject} is missing`, remedy: `add ${subject}: ${noun}` }),
  ];
}

/** A finding about a value that is there: names the key and, where it is short and no secret, the value. */
function subjectFinding(path: YamlPath, said: Said, { source, guide }: Reader): Finding {
  const placed = source.finding({ kind: 'wrong-value', path, ...said, secret: guide.isSecret(path) });
  const shown = placed.value === '' || placed.value === hiddenValue ? '' : ` (${placed.value})`;
  return toFinding({ ...placed, message: `${lastKey(path)}${shown} ${said.message}` });
}

interface Said {
  readonly message: string;
  readonly remedy: string;
  /** What to add where the value is missing. */
  readonly noun?: string;
}

/** `for`, `flags[2]`; `the file` for the top. */
function lastKey(path: YamlPath): string {
  const from = path.findLastIndex((step) => typeof step !== 'number');
  const text = renderPath(path.slice(Math.max(0, from)));
  return text === '' ? 'the file' : text;
}

/** Of the branches the one that got furthest: a list with one wrong item is meant as a list. */
function unionFindings(issue: Extract<Issue, { code: 'invalid_union' }>, path: YamlPath, reader: Reader) {
  const meant = issue.errors.filter((branch) => branch.length > 0 && !branch.some(isTypeOfWhole));
  const deeper = meant.find((branch) => branch.every((inner) => inner.path.length > 0)) ?? meant[0];
  if (deeper !== undefined) return deeper.flatMap((inner) => issueFindings(inner, path, reader));
  const wanted = issue.errors.flat().flatMap((inner) => {
    return inner.code === 'invalid_type' ? [typeWord(inner.expected)] : [];
  });
  const words = [...new Set(wanted)].join(' or ');
  return [subjectFinding(path, { message: `must be ${words}`, remedy: `write ${words}` }, reader)];
}

function isTypeOfWhole(issue: Issue): boolean {
  return issue.path.length === 0 && issue.code === 'invalid_type';
}

function unknownKey(key: string, known: readonly string[]): Said {
  const nearest = nearestName(key, known);
  return {
    message: `unknown key ${key}`,
    remedy: nearest === null ? `take it out; known here: ${known.join(', ')}` : `did you mean ${nearest}?`,
  };
}

const wantedDuration: Said = {
  message: 'is not a duration',
  remedy: 'write a number with its unit: 30s, 1m30s, 250ms',
  noun: 'a duration such as 30s',
};

function describe(issue: Issue): Said {
  switch (issue.code) {
    case 'invalid_type': {
      const wanted = typeWord(issue.expected);
      return { message: `must be ${wanted}`, remedy: typeRemedies[issue.expected] ?? `write ${wanted}`, noun: wanted };
    }
    case 'invalid_value':
      return invalidValue(issue);
    case 'too_small':
      return outOfRange(
        `${issue.inclusive === false ? 'above' : 'at least'} ${issue.minimum}`,
        issue.origin,
        Number(issue.minimum),
      );
    case 'too_big':
      return tooBig(issue.inclusive === false ? 'below' : 'at most', Number(issue.maximum), issue.origin);
    case 'custom':
      return { message: issue.message, remedy: String(issue.params?.['remedy'] ?? 'correct the value') };
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_key':
    case 'invalid_element':
    case 'invalid_union':
    case 'unrecognized_keys':
      return { message: lowerFirst(issue.message), remedy: 'correct the value' };
  }
}

function invalidValue(issue: Extract<Issue, { code: 'invalid_value' }>): Said {
  const known = issue.values.map(String).join(', ');
  const nearest = nearestName(typeof issue.input === 'string' ? issue.input : '', issue.values.map(String));
  return {
    message: 'is not known here',
    remedy: nearest === null ? `write one of ${known}` : `did you mean ${nearest}? Known: ${known}`,
    noun: `one of ${known}`,
  };
}

function tooBig(limit: string, maximum: number, origin: string): Said {
  // Numbers up to 1 are shares, and people think in percent.
  if (origin === 'number' && maximum === 1)
    return { message: `must be ${limit} 1`, remedy: 'write a share: 5 % is 0.05' };
  return outOfRange(`${limit} ${maximum}`, origin, maximum);
}

function outOfRange(limit: string, origin: string, bound: number): Said {
  if (origin === 'array' || origin === 'set') {
    const items = bound === 1 ? 'entry' : 'entries';
    return { message: `must hold ${limit} ${items}`, remedy: `write ${limit} ${items}` };
  }
  if (origin === 'string') {
    if (bound === 1) return { message: 'must not be empty', remedy: 'write a text' };
    return { message: `must have ${limit} characters`, remedy: `write ${limit} characters` };
  }
  return { message: `must be ${limit}`, remedy: `write a number ${limit}` };
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
  nonoptional: 'a value',
};

const typeRemedies: Readonly<Record<string, string>> = {
  string: 'write a text, in quotes where it looks like a number or true or false',
  array: 'write a list: [a, b], or one "- entry" a line',
  object: 'write keys with values below it, indented',
};

function typeWord(expected: string): string {
  return typeWords[expected] ?? expected;
}
