// Rule tests as code runs them. parse-rule-tests.ts makes them, app/rules runs them.
import type { EdgeLabel } from '#core/count/edge.ts';
import type { AlertStatus } from '#core/evaluate/transition.ts';
import type { Labels } from '#core/labels.ts';
import type { HoldReason } from '#core/notify/incident.ts';
import type { SeriesValues } from './series-values.ts';
import type { Settings } from './settings.ts';

/** Counts of one edge, one value an interval. */
export interface InputSeries {
  readonly edge: Readonly<Partial<Record<EdgeLabel, string>>>;
  readonly requests: SeriesValues | null;
  readonly failed: SeriesValues | null;
  readonly flags: Readonly<Record<string, SeriesValues>>;
  readonly faults: Readonly<Record<string, SeriesValues>>;
  /** Milliseconds; `null` for no durations. */
  readonly durations: { readonly p50: SeriesValues; readonly p95: SeriesValues; readonly p99: SeriesValues } | null;
}

/** One partition of the input, for rules on the pipeline. */
interface InputPartition {
  readonly name: string;
  readonly behindSeconds: SeriesValues;
  readonly isIdle: boolean;
}

/** What a test feeds. */
export type TestInput =
  | {
      readonly kind: 'series';
      readonly intervalMs: number;
      readonly series: readonly InputSeries[];
      readonly partitions: readonly InputPartition[];
    }
  | { readonly kind: 'lines'; readonly text: string }
  | { readonly kind: 'file'; readonly path: string };

/** A number that is expected, or a bound of it. */
export interface Comparison {
  readonly operator: '=' | '>' | '>=' | '<' | '<=';
  readonly number: number;
}

/** The numbers of a verdict that a test may ask for. */
export const expectedNumbers = ['value', 'requests', 'baseline', 'z'] as const;
export type ExpectedNumber = (typeof expectedNumbers)[number];

/** A step of an alert that is expected. What is not said is not looked at. */
export interface ExpectedAlert {
  readonly alert: string;
  readonly status: AlertStatus;
  /** Since the start of the test, or event time. */
  readonly at: { readonly afterMs: number } | { readonly atMs: number };
  readonly withinMs: number;
  readonly labels: Labels;
  readonly numbers: Readonly<Partial<Record<ExpectedNumber, Comparison>>>;
  readonly reason: readonly string[];
  readonly annotations: Labels;
  readonly receivers: readonly string[] | null;
  readonly held: HoldReason | null;
  readonly message: Readonly<Record<'title' | 'text' | 'fields', readonly string[]>>;
}

/** One test. */
export interface RuleTest {
  readonly name: string;
  /** Where it stands in its file, from 1. */
  readonly line: number;
  readonly input: TestInput;
  /** `null`: by the lines. */
  readonly startAtMs: number | null;
  readonly alerts: readonly ExpectedAlert[];
  readonly isExact: boolean;
}

/** The tests of one file. */
export interface RuleTestFile {
  readonly file: string;
  /** Relative to the file; `null`: the file of the same name. */
  readonly ruleFiles: readonly string[] | null;
  readonly windowMs: number;
  /** Of the routing; `null` where the file says none. */
  readonly routing: Pick<Settings, 'route' | 'receivers' | 'inhibitRules' | 'timeIntervals'> | null;
  readonly tests: readonly RuleTest[];
}
