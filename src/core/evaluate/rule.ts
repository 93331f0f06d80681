// Alert rules as code sees them. The YAML language in config/ is held to these types.
import type { EdgeLabel } from '#core/count/edge.ts';
import type { SpikeSettings } from '#core/detect/spike-settings.ts';
import type { Labels } from '#core/labels.ts';

export type { SpikeSettings } from '#core/detect/spike-settings.ts';

/** Labels that a rule may group by and match on: those of an edge, and the flag. */
export type SeriesLabel = EdgeLabel | 'flag';

/** Prometheus' matchers. `value` of `=~` and `!~` is a regular expression anchored at both ends. */
export interface Matcher {
  readonly label: SeriesLabel;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

/**
 * What a rule looks at: lines that carry one of `flags` on edges that all `matchers` accept. Without `flags`: any flag. A matcher on
 * `flag` narrows the flags and leaves the exposure as it is.
 */
interface Selection {
  readonly flags: readonly string[];
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
  readonly spike: SpikeSettings;
  /** How long the condition must hold before the alert fires. */
  readonly forMs: number;
  /** How long the alert stays firing after the condition stopped. */
  readonly keepFiringForMs: number;
  readonly labels: Labels;
  /** Texts with `{{ $labels.x }}` and `{{ $value }}`. */
  readonly annotations: Labels;
}
