// The alert of flagwatch about its own rules: files that cannot be loaded are not in force, and nobody would notice. Judged by the wall
// clock, live only, as rules on the input are.
import type { Verdict } from '#core/detect/verdict.ts';
import type { AlertRecord } from './alert-record.ts';
import { stepRecord } from './alert-record.ts';
import type { AlertRule } from './rule.ts';
import type { AlertTransition } from './transition.ts';

/** Name of the alert. */
const rulesNotLoaded = 'RulesNotLoaded';

/** What `stepRecord` asks of a rule; nobody writes this one. */
const ownRule: AlertRule = {
  alert: rulesNotLoaded,
  group: 'flagwatch',
  origin: 'flagwatch itself',
  select: { counted: 'requests', flags: [], faults: [], matchers: [] },
  by: ['destination_service'],
  condition: { kind: 'pipeline', settings: { watch: 'stalled', aboveMs: 0 } },
  forMs: 0,
  keepFiringForMs: 0,
  isShadow: false,
  labels: { severity: 'warning' },
  annotations: {
    summary: 'The files of the alert rules cannot be loaded: the rules of before stay in force',
    summary_ko: '알림 규칙 파일을 불러올 수 없습니다. 이전 규칙이 계속 적용됩니다',
    runbook_en:
      'Run “flagwatch rules check” on the files: it names each place and what to write. The alert ends when they load.',
    runbook_ko:
      '파일에 “flagwatch rules check”를 실행하면 고칠 곳과 방법을 알려 줍니다. 파일이 로드되면 알림이 끝납니다.',
  },
};

/** Fires while the files hold no set that can be loaded. */
export class RulesWatch {
  #alert: AlertRecord | null = null;
  #sinceMs: number | null = null;

  get alert(): AlertRecord | null {
    return this.#alert;
  }

  /** `problem`: why the files cannot be loaded, `null` while they can. One step at each change. */
  judge(problem: string | null, dataCenter: string, nowMs: number): readonly AlertTransition[] {
    if (problem === null && this.#alert === null) return [];
    if (problem !== null && this.#alert?.verdict.reason === problem) return [];
    this.#sinceMs ??= this.#alert?.active.sinceAtMs ?? nowMs;
    const window = { startAtMs: this.#sinceMs, endAtMs: nowMs };
    const { record, transition } = stepRecord(
      this.#alert,
      ownRule,
      { data_center: dataCenter },
      { verdict: verdictOf(problem, window), window, observed: { count: 0, requestCount: 0 }, examples: [] },
    );
    this.#alert = record;
    if (record === null) this.#sinceMs = null;
    return transition === null ? [] : [transition];
  }

  snapshot(): AlertRecord | null {
    return this.#alert;
  }

  restore(alert: AlertRecord | null): void {
    this.#alert = alert;
  }
}

function verdictOf(problem: string | null, { startAtMs, endAtMs }: { startAtMs: number; endAtMs: number }): Verdict {
  return {
    kind: problem === null ? 'normal' : 'anomaly',
    windowStartAtMs: startAtMs,
    windowEndAtMs: endAtMs,
    value: endAtMs - startAtMs,
    unit: 'age_ms',
    requestCount: 0,
    baseline: null,
    scale: null,
    z: null,
    reason: problem ?? 'the files load again',
  };
}
