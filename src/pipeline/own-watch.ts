// What detect watches about flagwatch itself, by the wall clock and for all partitions at once: the input, and the files of the rules.
import type { AlertRecord } from '#core/evaluate/alert-record.ts';
import { endTransition } from '#core/evaluate/alert-record.ts';
import type { SourceStatus } from '#core/evaluate/pipeline-rule.ts';
import { PipelineRule, type PipelineRuleSnapshot } from '#core/evaluate/pipeline-rule.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { RuleView } from '#core/evaluate/rule-view.ts';
import { RulesWatch } from '#core/evaluate/rules-watch.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';

/** What is known of flagwatch itself at a time. */
export interface OwnCondition {
  readonly nowMs: number;
  /** Partitions of the input. */
  readonly sources: readonly SourceStatus[];
  readonly dataCenter: string;
  /** Why the files of the rules cannot be loaded; `null` while they can. */
  readonly rulesProblem: string | null;
}

/** Plain form. */
export interface OwnWatchSnapshot {
  readonly pipeline: readonly PipelineRuleSnapshot[];
  /** Missing in snapshots of builds without them. */
  readonly orphans?: readonly AlertRecord[];
  readonly rules?: AlertRecord | null;
}

/** Rules on the input, and the alert about the rules. */
export class OwnWatch {
  readonly #rulesWatch = new RulesWatch();
  #pipeline: readonly PipelineRule[];
  /** Alerts whose rule is gone: they end at the next look. */
  #orphans: readonly AlertRecord[] = [];

  constructor(rules: readonly AlertRule[]) {
    this.#pipeline = pipelineRules(rules);
  }

  /** Judges; the transitions are to be handed over together with a snapshot. */
  watch({ nowMs, sources, dataCenter, rulesProblem }: OwnCondition): readonly AlertTransition[] {
    const ended = this.#orphans.map((record) => endTransition(record, nowMs, 'rule removed'));
    this.#orphans = [];
    return [
      ...ended,
      ...this.#rulesWatch.judge(rulesProblem, dataCenter, nowMs),
      ...this.#pipeline.flatMap((rule) => rule.judge(sources, nowMs)),
    ];
  }

  /** Goes over to other rules: those with the same meaning keep their alerts. */
  changeRules(rules: readonly AlertRule[]): void {
    this.restore(rules, this.snapshot());
  }

  get firingCount(): number {
    const own = this.#rulesWatch.alert === null ? 0 : 1;
    return this.#pipeline.reduce((sum, rule) => sum + rule.firingCount, own);
  }

  /** Alerts that no rule of the files makes. */
  get alerts(): readonly AlertRecord[] {
    const { alert } = this.#rulesWatch;
    return alert === null ? [] : [alert];
  }

  views(): readonly RuleView[] {
    return this.#pipeline.map((running) => {
      const alerts = running.activeAlerts();
      return { rule: running.rule, seriesCount: alerts.length, missingWindows: 0, alerts, versions: [] };
    });
  }

  snapshot(): OwnWatchSnapshot {
    const pipeline = this.#pipeline.map((rule) => rule.snapshot());
    return { pipeline, orphans: this.#orphans, rules: this.#rulesWatch.snapshot() };
  }

  /** Goes on where the snapshot was taken, with these rules. */
  restore(rules: readonly AlertRule[], { pipeline, orphans = [], rules: own = null }: OwnWatchSnapshot): void {
    this.#pipeline = pipelineRules(rules);
    const byIdentity = new Map(this.#pipeline.map((rule) => [rule.identity, rule]));
    const gone: AlertRecord[] = [...orphans];
    for (const saved of pipeline) {
      const rule = byIdentity.get(saved.identity);
      if (rule === undefined) gone.push(...saved.alerts.map(([, record]) => record));
      else rule.restore(saved);
    }
    this.#orphans = gone;
    this.#rulesWatch.restore(own);
  }
}

function pipelineRules(rules: readonly AlertRule[]): readonly PipelineRule[] {
  return rules.flatMap((rule) =>
    rule.condition.kind === 'pipeline' ? [new PipelineRule(rule, rule.condition.settings)] : [],
  );
}
