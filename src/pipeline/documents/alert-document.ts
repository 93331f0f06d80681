// One step of an alert as a document: what was told, with the numbers that it was told by.
import type { CountExample } from '#core/count/count-row.ts';
import type { Verdict, VersionComparison } from '#core/detect/verdict.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import { edgeFields } from './edge-fields.ts';
import type { IsoTimes } from './iso-times.ts';
import { isRenderableTime } from './iso-times.ts';
import { ecsVersion } from './line-document.ts';

/** Id of an alert's document. The data centre belongs in it: the same alert may step at the same moment in two of them. */
export function alertDocumentId(dataCenter: string, transition: AlertTransition): string {
  return `${dataCenter}/${transition.id}`;
}

/**
 * The document of one transition, JSON text. `@timestamp` is the step's event time, `event.start` the time since when; the labels
 * that are an edge's stand under the edge's fields too, and all of them, the rule's own included, under `flagwatch.alert.labels`.
 */
export function renderAlertDocument(
  transition: AlertTransition,
  context: { readonly dataCenter: string; readonly ingestedAtMs: number },
  times: IsoTimes,
): string {
  const { labels: ruleLabels } = transition;
  const { deployment, labels, flagwatch } = edgeFields({ ...ruleLabels });
  const flag = ruleLabels['flag'];
  const since = isRenderableTime(transition.sinceAtMs) ? times.render(transition.sinceAtMs) : undefined;
  return JSON.stringify({
    '@timestamp': times.render(transition.atMs),
    ecs: { version: ecsVersion },
    event: {
      kind: 'alert',
      dataset: 'flagwatch.alerts',
      action: transition.status,
      start: since,
      end: times.render(transition.atMs),
      ingested: times.render(context.ingestedAtMs),
    },
    message: transition.annotations['summary'],
    rule: { name: transition.alert },
    deployment,
    labels,
    flagwatch: {
      ...flagwatch,
      data_center: context.dataCenter,
      flags: flag === undefined ? undefined : [flag],
      fault: ruleLabels['fault'],
      party: ruleLabels['party'],
      alert: alertFields(transition),
    },
  });
}

function alertFields(transition: AlertTransition): object {
  return {
    fingerprint: transition.fingerprint,
    status: transition.status,
    shadow: transition.isShadow,
    severity: transition.labels['severity'],
    labels: transition.labels,
    annotations: transition.annotations,
    verdict: verdictFields(transition.verdict),
    peak: verdictFields(transition.peak),
    total_count: transition.totalCount,
    total_request_count: transition.totalRequestCount,
    // Written by another process: what is in the list is not certain.
    request_ids: transition.examples.map((example: Partial<CountExample> | null) => example?.requestId ?? null),
  };
}

function verdictFields(verdict: Verdict): object {
  return {
    kind: verdict.kind,
    window_start: verdict.windowStartAtMs,
    window_end: verdict.windowEndAtMs,
    value: verdict.value,
    unit: verdict.unit,
    request_count: verdict.requestCount,
    baseline: verdict.baseline,
    scale: verdict.scale,
    z: verdict.z,
    reason: verdict.reason,
    comparison: comparisonFields(verdict.comparison),
  };
}

function comparisonFields(comparison: VersionComparison | undefined): object | undefined {
  if (comparison === undefined) return undefined;
  return {
    verdict: comparison.verdict,
    new_version: comparison.newVersion,
    new_deploy_id: comparison.newDeployId,
    old_version: comparison.oldVersion,
    new_count: comparison.newCount,
    new_request_count: comparison.newRequestCount,
    old_count: comparison.oldCount,
    old_request_count: comparison.oldRequestCount,
    certainty: comparison.certainty,
  };
}
