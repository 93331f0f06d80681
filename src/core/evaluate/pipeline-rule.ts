// Rules on flagwatch's own input: what every other alert depends on. Judged by the wall clock, live only: where nothing comes, event time
// stands still.

import type { PipelineSettings } from '#core/detect/condition.ts';
import type { Verdict } from '#core/detect/verdict.ts';
import { renderDuration } from '#core/duration.ts';
import type { AlertRecord } from './alert-record.ts';
import { stepRecord } from './alert-record.ts';
import { ruleIdentity } from './evaluator-snapshot.ts';
import type { AlertRule } from './rule.ts';
import type { AlertTransition } from './transition.ts';

/** What is known of one partition of the input. */
export interface SourceStatus {
  /** `cluster/topic/partition`. */
  readonly name: string;
  readonly dataCenter: string;
  /** Event time of its newest line, `null` before the first. */
  readonly streamAtMs: number | null;
  /** Its reader has said lately that it is at the end of the partition. */
  readonly isIdle: boolean;
}

/** State of a rule on the pipeline, by data centre. Plain JSON. */
export interface PipelineRuleSnapshot {
  readonly identity: string;
  readonly alerts: readonly (readonly [dataCenter: string, AlertRecord])[];
}

/** What had no line for so long is gone, or was never busy: its silence is no news. */
const forgottenMs = 3_600_000;
/** Partitions that a reason names. */
const maxNamed = 5;

interface Behind {
  readonly name: string;
  readonly ms: number;
}

/** Such a rule at work: one alert for each data centre. */
export class PipelineRule {
  readonly rule: AlertRule;
  readonly identity: string;
  readonly #settings: PipelineSettings;
  readonly #alerts = new Map<string, AlertRecord>();

  constructor(rule: AlertRule, settings: PipelineSettings) {
    this.rule = rule;
    this.identity = ruleIdentity(rule, 0);
    this.#settings = settings;
  }

  get firingCount(): number {
    return [...this.#alerts.values()].filter(({ active }) => active.status === 'firing').length;
  }

  activeAlerts(): readonly AlertRecord[] {
    return [...this.#alerts.values()];
  }

  /** Judges the input as it is at `nowMs`. */
  judge(sources: readonly SourceStatus[], nowMs: number): readonly AlertTransition[] {
    const byDataCenter = Map.groupBy(sources, ({ dataCenter }) => dataCenter);
    return [...byDataCenter].flatMap(([dataCenter, of]) => {
      const behind = of.flatMap((source) => this.#behind(source, nowMs)).sort((a, b) => b.ms - a.ms);
      const before = this.#alerts.get(dataCenter) ?? null;
      const { record, transition } = stepRecord(
        before,
        this.rule,
        { data_center: dataCenter },
        {
          window: { startAtMs: nowMs - (behind[0]?.ms ?? 0), endAtMs: nowMs },
          verdict: this.#verdict(behind, of.length, nowMs),
          observed: { count: behind.length, requestCount: of.length },
          examples: [],
        },
      );
      if (record === null) this.#alerts.delete(dataCenter);
      else this.#alerts.set(dataCenter, record);
      return transition === null ? [] : [transition];
    });
  }

  #behind({ name, streamAtMs, isIdle }: SourceStatus, nowMs: number): readonly Behind[] {
    if (streamAtMs === null) return [];
    const ms = nowMs - streamAtMs;
    const isOfThisKind = isIdle === (this.#settings.watch === 'stalled');
    return isOfThisKind && ms > this.#settings.aboveMs && ms < forgottenMs ? [{ name, ms }] : [];
  }

  #verdict(behind: readonly Behind[], count: number, nowMs: number): Verdict {
    const worst = behind[0];
    return {
      kind: worst === undefined ? 'normal' : 'anomaly',
      windowStartAtMs: nowMs - (worst?.ms ?? 0),
      windowEndAtMs: nowMs,
      value: worst?.ms ?? 0,
      unit: 'age_ms',
      requestCount: 0,
      baseline: null,
      scale: null,
      z: null,
      reason: this.#reason(behind, count),
    };
  }

  #reason(behind: readonly Behind[], count: number): string {
    const limit = renderDuration(this.#settings.aboveMs);
    if (behind.length === 0) return `all ${count} partitions of the input are within ${limit}`;
    const named = behind
      .slice(0, maxNamed)
      .map(({ name, ms }) => `${name} (${renderDuration(Math.round(ms / 1000) * 1000)})`);
    const more = behind.length > maxNamed ? ` and ${behind.length - maxNamed} more` : '';
    const what =
      this.#settings.watch === 'stalled'
        ? 'have brought no line, although they did before'
        : 'are behind the clock, or have nobody who reads them';
    return `${behind.length} of ${count} partitions of the input ${what}, for more than ${limit}: ${named.join(', ')}${more}`;
  }

  snapshot(): PipelineRuleSnapshot {
    return { identity: this.identity, alerts: [...this.#alerts] };
  }

  /** Goes on where the snapshot of the same rule was taken. */
  restore({ alerts }: PipelineRuleSnapshot): void {
    for (const [dataCenter, record] of alerts) this.#alerts.set(dataCenter, record);
  }
}
