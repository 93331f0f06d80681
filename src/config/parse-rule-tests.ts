// A file of rule tests → the tests, or what is wrong with it, each at its place. Called by `rules test`.
import { faults } from '#core/classify/classification.ts';
import { isKnownFlag } from '#core/classify/response-flags.ts';
import { parseDuration } from '#core/duration.ts';
import type { Finding } from './finding.ts';
import { hasErrors, sortFindings } from './finding.ts';
import { nearestName } from './nearest-name.ts';
import { checkNotifyRouting } from './notify-routing-checks.ts';
import type { Comparison, ExpectedAlert, InputSeries, RuleTest, RuleTestFile, TestInput } from './rule-test.ts';
import { expectedNumbers } from './rule-test.ts';
import { isInstant, type RuleTestFileConfig, ruleTestFileSchema, ruleTestGuide } from './rule-test-schema.ts';
import { schemaFindings } from './schema-findings.ts';
import { settingsSchema, toSettings } from './settings.ts';
import type { PlacedFinding, YamlSource } from './yaml-source.ts';
import { parseYaml } from './yaml-source.ts';
import type { YamlPath } from './yaml-value.ts';

/** The tests of a file, `null` where an error is among the findings. */
export interface ParsedRuleTests {
  readonly tests: RuleTestFile | null;
  readonly findings: readonly Finding[];
}

type TestConfig = RuleTestFileConfig['tests'][number];
type AlertConfig = TestConfig['alerts'][number];

/** Reads one file; `file` is its name in findings. Never throws. */
export function parseRuleTests(text: string, file: string): ParsedRuleTests {
  const parsed = parseYaml(text, file);
  if (!('source' in parsed)) return { tests: null, findings: sortFindings(parsed.findings) };
  const { source } = parsed;
  const result = ruleTestFileSchema.safeParse(source.value, { reportInput: true });
  if (!result.success) {
    const found = schemaFindings(result.error.issues, source, ruleTestGuide);
    return { tests: null, findings: sortFindings([...parsed.findings, ...found]) };
  }
  const config = result.data;
  const placed = [...checkRouting(config), ...config.tests.flatMap((test, i) => checkTest(test, ['tests', i], config))];
  const findings = sortFindings([...parsed.findings, ...placed.map((one) => source.finding(one))]);
  return { tests: hasErrors(findings) ? null : toFile(config, source), findings };
}

function checkRouting(config: RuleTestFileConfig): readonly PlacedFinding[] {
  const settings = { ...settingsSchema.parse({}), ...routingKeys(config) };
  // Tests send nothing: the secrets of receivers are not theirs.
  return checkNotifyRouting(settings).filter(({ path }) => path.at(-1) !== 'slack_configs');
}

function routingKeys({ route, receivers, inhibit_rules, time_intervals }: RuleTestFileConfig) {
  return { ...(route === undefined ? {} : { route }), receivers, inhibit_rules, time_intervals };
}

function checkTest(test: TestConfig, path: YamlPath, { window }: RuleTestFileConfig): readonly PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  const { input_series: series, input_partitions: partitions, input_lines: lines, input_file: file, interval } = test;
  const inputs = [series ?? partitions, lines, file].filter((input) => input !== undefined);
  if (inputs.length !== 1) {
    const message = inputs.length === 0 ? 'the test has no input' : 'the test has several kinds of input';
    const remedy = 'write one of input_series (with input_partitions), input_lines, input_file';
    findings.push({ path, message, remedy });
  }
  if (interval !== undefined && window.ms % interval.ms !== 0) {
    const message = `${interval} is no whole part of the window of ${window}`;
    findings.push({ path: [...path, 'interval'], message, remedy: `write ${window}, or a part of it` });
  }
  const values = (series ?? []).flatMap(({ requests, flags, faults, failed }) => {
    return [requests, failed, ...Object.values(flags ?? {}), ...Object.values(faults ?? {})];
  });
  const lengths = [...values, ...(partitions ?? []).map(({ behind }) => behind)];
  if ((series ?? partitions) !== undefined && !lengths.some((one) => typeof one === 'object' && one.length > 0)) {
    const message = 'no series says how long the test lasts';
    findings.push({ path, message, remedy: 'write values with repeats: 100x59 are 60 intervals' });
  }
  const named = (series ?? []).flatMap((one, i) => checkNames(one, [...path, 'input_series', i]));
  return [...findings, ...named, ...test.alerts.flatMap((alert, i) => checkAlert(alert, [...path, 'alerts', i]))];
}

function checkNames({ faults: counted, flags }: SeriesConfig, path: YamlPath): readonly PlacedFinding[] {
  const unknownFaults = Object.keys(counted ?? {}).filter((name) => !faults.some((fault) => fault === name));
  const unknownFlags = Object.keys(flags ?? {}).filter((name) => !isKnownFlag(name));
  return [
    ...unknownFaults.map((name): PlacedFinding => {
      const nearest = nearestName(name, faults);
      const remedy = nearest === null ? `write one of ${faults.join(', ')}` : `did you mean ${nearest}?`;
      return {
        kind: 'wrong-value',
        path: [...path, 'faults', name],
        atKey: true,
        message: `unknown fault ${name}`,
        remedy,
      };
    }),
    ...unknownFlags.map((name): PlacedFinding => {
      const message = `Envoy 1.40 has no flag ${name}`;
      const remedy = 'correct it, unless an extension makes it';
      return {
        kind: 'unknown-flag',
        severity: 'warning',
        path: [...path, 'flags', name],
        atKey: true,
        message,
        remedy,
      };
    }),
  ];
}

function checkAlert({ at, held, receivers }: AlertConfig, path: YamlPath): readonly PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  if (parseDuration(at) === null && !isInstant(at)) {
    const remedy = 'write how long after the start (6m10s), or date and time with zone (2026-03-02T09:06:10Z)';
    findings.push({ kind: 'wrong-value', path: [...path, 'at'], message: `at (${at}) is no time`, remedy });
  }
  if (held !== undefined && (receivers ?? []).length > 0) {
    const message = 'what is held back is told to no receiver';
    findings.push({ path: [...path, 'receivers'], message, remedy: 'take out held, or receivers' });
  }
  return findings;
}

function toFile(config: RuleTestFileConfig, source: YamlSource): RuleTestFile {
  const isRouted = config.route !== undefined || config.inhibit_rules.length > 0;
  return {
    file: source.file,
    ruleFiles: config.rule_files ?? null,
    windowMs: config.window.ms,
    routing: isRouted ? toSettings({ ...settingsSchema.parse({}), ...routingKeys(config) }) : null,
    tests: config.tests.map((test, i) => toTest(test, config, source.lineOf(['tests', i]))),
  };
}

function toTest(test: TestConfig, config: RuleTestFileConfig, line: number): RuleTest {
  const input = toInput(test, config);
  const start = test.start ?? (input.kind === 'series' ? config.start : null);
  return {
    name: test.name,
    line,
    input,
    startAtMs: start === null ? null : Date.parse(start),
    alerts: test.alerts.map(toExpected),
    isExact: test.exactly,
  };
}

function toInput(test: TestConfig, { edge, window }: RuleTestFileConfig): TestInput {
  if (test.input_lines !== undefined) return { kind: 'lines', text: test.input_lines };
  if (test.input_file !== undefined) return { kind: 'file', path: test.input_file };
  const series = (test.input_series ?? []).map((one) => toSeries(one, edge ?? {}));
  const partitions = (test.input_partitions ?? []).map(({ name, behind, idle }) => {
    return { name, behindSeconds: behind, isIdle: idle };
  });
  return { kind: 'series', intervalMs: test.interval?.ms ?? window.ms, series, partitions };
}

type SeriesConfig = NonNullable<TestConfig['input_series']>[number];

function toSeries(config: SeriesConfig, shared: NonNullable<RuleTestFileConfig['edge']>): InputSeries {
  const { edge, requests, failed, flags, faults, duration_ms: durations } = config;
  const labels = Object.entries({ ...shared, ...edge }).filter(([, value]) => value !== undefined);
  return {
    edge: Object.fromEntries(labels) as InputSeries['edge'],
    requests: requests ?? null,
    failed: failed ?? null,
    flags: flags ?? {},
    faults: faults ?? {},
    durations: durations === undefined ? null : toDurations(durations),
  };
}

type DurationConfig = NonNullable<SeriesConfig['duration_ms']>;

function toDurations(written: DurationConfig): InputSeries['durations'] {
  if (typeof written === 'number' || !('p50' in written)) return { p50: written, p95: written, p99: written };
  const { p50, p95 = p50, p99 = p95 } = written;
  return { p50, p95, p99 };
}

function toExpected(config: AlertConfig): ExpectedAlert {
  const afterMs = parseDuration(config.at);
  const { title, text, fields } = config.message ?? {};
  const numbers = expectedNumbers.flatMap((name) => {
    const written = config[name];
    return written === undefined ? [] : [[name, toComparison(written)] as const];
  });
  return {
    alert: config.alert,
    status: config.status,
    at: afterMs === null ? { atMs: Date.parse(config.at) } : { afterMs },
    withinMs: config.within.ms,
    labels: config.labels ?? {},
    numbers: Object.fromEntries(numbers),
    reason: listOf(config.reason),
    annotations: config.annotations ?? {},
    receivers: config.receivers ?? null,
    held: config.held ?? null,
    message: { title: listOf(title), text: listOf(text), fields: listOf(fields) },
  };
}

function toComparison(written: number | string): Comparison {
  if (typeof written === 'number') return { operator: '=', number: written };
  const [, operator = '=', number = ''] = /^(>=|<=|>|<)? *(.*)$/.exec(written) ?? [];
  return { operator: operator as Comparison['operator'], number: Number(number) };
}

function listOf(written: string | readonly string[] | undefined): readonly string[] {
  if (written === undefined) return [];
  return typeof written === 'string' ? [written] : written;
}
