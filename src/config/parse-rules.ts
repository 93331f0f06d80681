// Rule files → alert rules, or what is wrong with them; a set is taken whole or not at all. Called at start, on reload and by
// `rules check`.
import type { AlertRule } from '#core/evaluate/rule.ts';
import { checkCondition } from './condition-checks.ts';
import type { Finding } from './finding.ts';
import { hasErrors, sortFindings } from './finding.ts';
import type { LocatedRule } from './located-rule.ts';
import { locateRule, placedRules } from './located-rule.ts';
import type { RuleFileConfig } from './rule-schema.ts';
import { ruleFileSchema, ruleGuide } from './rule-schema.ts';
import { schemaFindings } from './schema-findings.ts';
import { checkSelection } from './selection-checks.ts';
import { SetChecks } from './set-checks.ts';
import { checkShape } from './shape-checks.ts';
import { checkTexts } from './text-checks.ts';
import type { PlacedFinding, YamlSource } from './yaml-source.ts';
import { parseYaml } from './yaml-source.ts';

/** Rules, and everything that was found. Where an error is among the findings there are no rules. */
export interface ParsedRules {
  readonly rules: readonly AlertRule[];
  /** Rules with `enabled: false`: checked, and not among `rules`. */
  readonly disabledCount: number;
  /** In the order of the files given, then of their lines. */
  readonly findings: readonly Finding[];
}

/** A rule file as it was read; `problem` says why there is no text. */
export type RuleFileText =
  | { readonly file: string; readonly text: string }
  | { readonly file: string; readonly problem: string };

/** What rules are read with. */
export interface RuleSettings {
  /** Length of a window: durations of baselines become whole windows of it. */
  readonly windowMs: number;
}

/** Reads one file. Never throws. */
export function parseRules(text: string, file: string, settings: RuleSettings): ParsedRules {
  return parseRuleSet([{ file, text }], settings);
}

/** Reads all files of a set: alerts need different names throughout. Never throws. */
export function parseRuleSet(files: readonly RuleFileText[], settings: RuleSettings): ParsedRules {
  const set = new SetChecks();
  const rules: AlertRule[] = [];
  let disabledCount = 0;
  const findings: Finding[] = [];
  for (const entry of files) {
    const parsed = 'text' in entry ? parseFile(entry.text, entry.file, settings) : unreadable(entry);
    findings.push(...sortFindings([...parsed.findings, ...setFindings(parsed, set)]));
    const enabled = parsed.located.filter(({ isEnabled }) => isEnabled);
    disabledCount += parsed.located.length - enabled.length;
    rules.push(...enabled.map(({ rule }) => rule));
  }
  return hasErrors(findings) ? { rules: [], disabledCount: 0, findings } : { rules, disabledCount, findings };
}

interface ParsedFile {
  readonly source: YamlSource | null;
  readonly located: readonly LocatedRule[];
  readonly findings: readonly Finding[];
}

function unreadable({ file, problem }: { readonly file: string; readonly problem: string }): ParsedFile {
  const remedy = 'check the path, the rights and the encoding (UTF-8)';
  const place = { file, line: 1, column: 1, path: '', value: '' };
  return {
    source: null,
    located: [],
    findings: [{ kind: 'unreadable-file', severity: 'error', ...place, message: problem, remedy }],
  };
}

function parseFile(text: string, file: string, { windowMs }: RuleSettings): ParsedFile {
  const parsed = parseYaml(text, file);
  if (!('source' in parsed)) return { source: null, located: [], findings: parsed.findings };
  const { source } = parsed;
  const result = ruleFileSchema.safeParse(source.value, { reportInput: true });
  if (!result.success) {
    const findings = [...parsed.findings, ...schemaFindings(result.error.issues, source, ruleGuide)];
    return { source, located: [], findings };
  }
  const context = { file: result.data, source, windowMs };
  const written = placedRules(result.data);
  const located = written.flatMap((rule) => locateRule(rule, context) ?? []);
  const shapes = written.flatMap(({ config, path }) => checkShape(config, path));
  const placed = [...checkGroups(result.data), ...shapes, ...located.flatMap(checkRule)];
  return { source, located, findings: [...parsed.findings, ...placed.map((finding) => source.finding(finding))] };
}

function checkRule(located: LocatedRule): readonly PlacedFinding[] {
  return [...checkSelection(located), ...checkCondition(located), ...checkTexts(located)];
}

function checkGroups({ groups }: RuleFileConfig): readonly PlacedFinding[] {
  const twice = groups.flatMap((group, index): readonly PlacedFinding[] => {
    const first = groups.findIndex((other) => other.name === group.name);
    if (first === index) return [];
    const path = ['groups', index, 'name'];
    return [
      { kind: 'duplicate-name', path, message: `two groups are named ${group.name}`, remedy: 'give each its own name' },
    ];
  });
  if (groups.some((group) => group.rules.length > 0)) return twice;
  const nothing = {
    kind: 'empty-file',
    severity: 'warning',
    path: ['groups'],
    message: 'the file holds no rule',
    remedy: 'add one',
  } as const;
  return [...twice, nothing];
}

function setFindings({ source, located }: ParsedFile, set: SetChecks): readonly Finding[] {
  if (source === null) return [];
  return located.flatMap((rule) => set.check(rule).map((placed) => source.finding(placed)));
}
