// Builders of the values that tests are about: each takes only what the test cares for.
import type { PartialCount } from '#core/count/count-row.ts';
import { noCounts } from '#core/count/count-row.ts';
import type { Edge } from '#core/count/edge.ts';

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
