// Alert rules as code sees them. The YAML language in config/ is held to these types.
import type { Fault } from '#core/classify/classification.ts';
import type { EdgeLabel } from '#core/count/edge.ts';
import type { Condition } from '#core/detect/condition.ts';
import type { Labels } from '#core/labels.ts';

/** Names of what is counted, as labels: they are no part of an edge. */
export const countedLabels = ['flag', 'fault', 'party'] as const;
export type CountedLabel = (typeof countedLabels)[number];

/** Labels that a rule may group by and match on: those of an edge, and the names of what is counted. */
export type SeriesLabel = EdgeLabel | CountedLabel;

/** Prometheus' matchers. `value` of `=~` and `!~` is a regular expression anchored at both ends. */
export interface Matcher {
  readonly label: SeriesLabel;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

/** Whether a matcher looks at an edge, and not at what is counted on it. */
export function isEdgeMatcher(matcher: Matcher): matcher is Matcher & { readonly label: EdgeLabel } {
  return !(countedLabels as readonly string[]).includes(matcher.label);
}

/**
 * What is counted. `flags`: lines that carry one. `failed`: lines that show a failure by themselves, with or without flags. `faults`:
 * failed requests by what correlate found, some seconds later than the others. `requests`: all lines.
 */
export type Counted = 'flags' | 'failed' | 'faults' | 'requests';

/**
 * What a rule looks at, on edges that all `matchers` accept. A matcher on `flag`, `fault` or `party` narrows what is counted and leaves
 * the exposure as it is.
 */
export interface Selection {
  readonly counted: Counted;
  /** Where flags are counted: only these; empty for any. */
  readonly flags: readonly string[];
  /** Where faults are counted: only these; empty for any. Parties are written out as their faults. */
  readonly faults: readonly Fault[];
  readonly matchers: readonly Matcher[];
}

/** One alert rule. */
export interface AlertRule {
  readonly alert: string;
  readonly group: string;
  /** Where it stands, for messages: `rules/uc.yaml:4`. */
  readonly origin: string;
  readonly select: Selection;
  /** The labels whose values make a series; always holds `destination_service` (partial counts are keyed by it). */
  readonly by: readonly SeriesLabel[];
  readonly condition: Condition;
  /** How long the condition must hold before the alert fires. */
  readonly forMs: number;
  /** How long the alert stays firing after the condition stopped. */
  readonly keepFiringForMs: number;
  /** Runs and is recorded, and sends nothing: its transitions carry it. */
  readonly isShadow: boolean;
  readonly labels: Labels;
  /** Texts with `{{ $labels.x }}` and `{{ $value }}`. */
  readonly annotations: Labels;
}
