// Builders of the values that tests are about: each takes only what the test cares for.
import type { PartialCount } from '#core/count/count-row.ts';
import { noCounts } from '#core/count/count-row.ts';
import type { Edge } from '#core/count/edge.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';

/** An edge checkout v1 → payments v1, seen by the source in dc1, with changes. */
export function anEdge(changes: Partial<Edge> = {}): Edge {
  return {
    reporter: 'source',
    data_center: 'dc1',
    source_service: 'checkout',
    source_namespace: 'shop',
    source_version: 'v1',
    source_deploy_id: 'd-1041',
    destination_service: 'payments',
    destination_namespace: 'shop',
    destination_version: 'v1',
    destination_deploy_id: 'd-2001',
    ...changes,
  };
}

/** One request without flags in the pane at 0, with changes. */
export function aPartialCount(changes: Partial<PartialCount> = {}): PartialCount {
  return { ...noCounts, paneStartAtMs: 0, edge: anEdge(), requestCount: 1, ...changes };
}

/** How most windows are: closed with all their lines. */
export const inTime = { isComplete: true, late: null } as const;

/** A rule on spikes of UC at a service, without labels and texts, that fires and resolves at once, with changes. */
export function anAlertRule(changes: Partial<AlertRule> = {}): AlertRule {
  return {
    alert: 'UC',
    group: 'flags',
    origin: 'rules/uc.yaml:4',
    select: { counted: 'flags', flags: ['UC'], faults: [], matchers: [] },
    by: ['destination_service'],
    condition: {
      kind: 'spike',
      settings: { z: 6, minCount: 5, minRatio: 0.05, baselineWindows: 60, minBaselineWindows: 10 },
    },
    isShadow: false,
    forMs: 0,
    keepFiringForMs: 0,
    labels: {},
    annotations: {},
    ...changes,
  };
}
