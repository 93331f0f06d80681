// Text of a YAML file → plain value and the place of each part of it. First step of loading settings and rules. Bounded: a
// hostile file costs no more than a long good one, and never throws.
import type { Document, ErrorCode } from 'yaml';
import { LineCounter, parseDocument } from 'yaml';
import type { Finding, FindingKind, FindingSeverity } from './finding.ts';
import { hiddenValue, toFinding } from './finding.ts';
import type { TextVariables, ValueProblem, YamlNode, YamlPath } from './yaml-value.ts';
import { toValue } from './yaml-value.ts';

/** A Kubernetes ConfigMap holds no more, and nobody writes a longer file by hand. */
export const maxYamlCharacters = 1_048_576;
/** Syntax errors shown: what follows the first few is mostly their echo. */
const maxSyntaxFindings = 5;

/** What a check says about a place; the file adds line and column. */
export interface PlacedFinding {
  /** Without it `contradiction`: values that do not fit together. */
  readonly kind?: FindingKind;
  readonly severity?: FindingSeverity;
  readonly path: YamlPath;
  /** Taken where `path` is not in the file; else the nearest existing parent of `path`. */
  readonly otherPath?: YamlPath;
  /** Point at this piece of the value’s text. */
  readonly within?: string;
  /** Point at the key instead of the value. */
  readonly atKey?: boolean;
  /** Do not show the value. */
  readonly secret?: boolean;
  readonly message: string;
  readonly remedy: string;
}

/** A file that is good YAML. */
export interface YamlSource {
  readonly file: string;
  /** Plain objects, arrays and scalars; an empty file is `null`. */
  readonly value: unknown;
  /** The node at a path, `null` where the file has none. */
  nodeAt(path: YamlPath): YamlNode | null;
  finding(placed: PlacedFinding): Finding;
  /** Line of the value at a path, or of its nearest parent, from 1. */
  lineOf(path: YamlPath): number;
}

/** Parses one document. `variables` expands `${NAME}` in texts; without it they stay as they are. */
export function parseYaml(
  text: string,
  file: string,
  variables: TextVariables | null = null,
): { readonly source: YamlSource; readonly findings: readonly Finding[] } | { readonly findings: readonly Finding[] } {
  const atTop = (message: string, remedy: string) => ({
    findings: [
      {
        kind: 'syntax',
        severity: 'error',
        file,
        line: 1,
        column: 1,
        path: '',
        value: '',
        message,
        remedy,
      } satisfies Finding,
    ],
  });
  if (text.length > maxYamlCharacters) {
    return atTop(
      `the file has ${text.length} characters, more than ${maxYamlCharacters}`,
      'split it into several files; is it the right file?',
    );
  }
  const lines = new LineCounter();
  let document: Document.Parsed;
  try {
    // The parser's own check of unique keys takes quadratic time; toValue does it in linear time. `silent` would take the
    // first of several documents and say nothing.
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error', uniqueKeys: false });
  } catch (error) {
    // The parser promises not to throw; absurd nesting may still exhaust the stack.
    const why = error instanceof Error ? error.message : String(error);
    return atTop(`the YAML cannot be read: ${why}`, 'nest less deeply; is it the right file?');
  }
  const syntax = syntaxFindings(document, file, lines);
  if (syntax.length > 0) return { findings: syntax };
  const { value, root, problems } = toValue(document, text, variables);
  const source = createSource({ file, text, value, root, lines });
  return { source, findings: problems.map((problem) => problemFinding(problem, file, lines)) };
}

interface SourceParts {
  readonly file: string;
  readonly text: string;
  readonly value: unknown;
  readonly root: YamlNode;
  readonly lines: LineCounter;
}

function createSource({ file, text, value, root, lines }: SourceParts): YamlSource {
  return {
    file,
    value,
    nodeAt: (path) => walk(root, path).exact,
    finding: (placed) => {
      const own = walk(root, placed.path);
      const walked = own.exact === null && placed.otherPath !== undefined ? walk(root, placed.otherPath) : own;
      return toFinding({
        kind: placed.kind ?? 'contradiction',
        severity: placed.severity ?? 'error',
        file,
        ...placeOf(offsetOf(walked, text, placed), lines),
        path: renderPath(placed.path),
        value: placed.secret === true ? hiddenValue : shownValue(walked.exact, text, placed),
        message: placed.message,
        remedy: placed.remedy,
      });
    },
    lineOf: (path) => {
      const { exact, nearest } = walk(root, path);
      return placeOf((exact ?? nearest).start, lines).line;
    },
  };
}

interface Walked {
  readonly exact: YamlNode | null;
  readonly nearest: YamlNode;
}

function offsetOf({ exact, nearest }: Walked, text: string, { atKey, within }: PlacedFinding): number {
  if (exact === null) return nearest.keyStart ?? nearest.start;
  if (atKey === true) return exact.keyStart ?? exact.start;
  if (within === undefined) return exact.start;
  return exact.start + Math.max(0, text.slice(exact.start, exact.end).indexOf(within));
}

function shownValue(node: YamlNode | null, text: string, placed: PlacedFinding): string {
  if (placed.within !== undefined) return placed.within;
  if (placed.atKey === true) return String(placed.path.at(-1) ?? '');
  return node === null || !node.scalar ? '' : text.slice(node.start, node.end);
}

function walk(root: YamlNode, path: YamlPath): Walked {
  let node = root;
  for (const step of path) {
    const next = node.children.get(typeof step === 'number' ? step : String(step));
    if (next === undefined) return { exact: null, nearest: node };
    node = next;
  }
  return { exact: node, nearest: node };
}

function syntaxFindings(document: Document.Parsed, file: string, lines: LineCounter): readonly Finding[] {
  return [...document.errors, ...document.warnings].slice(0, maxSyntaxFindings).map((problem) => {
    const why = syntaxMessages[problem.code] ?? lowerFirst(problem.message.split('\n', 1)[0] ?? '');
    const open = /end with a ([\]}])$/.exec(why)?.[1];
    const known = open === undefined ? syntaxRemedies[problem.code] : `close the list or map before it with ${open}`;
    const remedy = known ?? 'correct the YAML at this place, or just before it';
    const place = { file, ...placeOf(problem.pos[0], lines), path: '', value: '' };
    return toFinding({ kind: 'syntax', severity: 'error', ...place, message: `not valid YAML: ${why}`, remedy });
  });
}

const syntaxMessages: Readonly<Partial<Record<ErrorCode, string>>> = {
  MULTIPLE_DOCS: 'the file holds several documents',
  RESOURCE_EXHAUSTION: 'nested too deeply',
};

const syntaxRemedies: Readonly<Partial<Record<ErrorCode, string>>> = {
  BAD_INDENT: 'indent the keys of one map by the same number of spaces',
  BAD_SCALAR_START: 'put the text into quotes',
  BLOCK_AS_IMPLICIT_KEY: 'put a text that holds a colon and a space into quotes',
  MULTIPLE_DOCS: 'write one document a file: take out the second ---',
  RESOURCE_EXHAUSTION: 'nest less deeply; is it the right file?',
  TAB_AS_INDENT: 'indent with spaces',
  TAG_RESOLVE_FAILED: 'take the tag out, or put a text that begins with ! into quotes',
  UNEXPECTED_TOKEN: 'a quote or a bracket before this place may be missing, or one too many',
};

function problemFinding(problem: ValueProblem, file: string, lines: LineCounter): Finding {
  const { offset, path, ...rest } = problem;
  return toFinding({
    kind: 'syntax',
    severity: 'error',
    file,
    ...placeOf(offset, lines),
    path: renderPath(path),
    ...rest,
  });
}

function placeOf(offset: number, lines: LineCounter): { readonly line: number; readonly column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** `groups[0].rules[1].for`. */
export function renderPath(path: YamlPath): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');
}

/** `Map keys …` → `map keys …`. */
export function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
