// The labels of an edge under the same names as in a line's document, so that one filter in Kibana fits all three indices.
import type { EdgeLabel } from '#core/count/edge.ts';

/** Members of a document that tell of an edge. What is not given is left out. */
export interface EdgeFields {
  readonly deployment: { readonly id: string } | undefined;
  readonly labels: { readonly deploy_id: string } | undefined;
  readonly flagwatch: Readonly<Record<string, unknown>>;
}

/** The fields of some or all labels of an edge; deploy ids that are not known are left out, as in a line's document. */
export function edgeFields(edge: Readonly<Partial<Record<EdgeLabel, string>>>): EdgeFields {
  const deployId = knownDeploy(edge.destination_deploy_id);
  return {
    deployment: deployId === undefined ? undefined : { id: deployId },
    labels: deployId === undefined ? undefined : { deploy_id: deployId },
    flagwatch: {
      reporter: edge.reporter,
      data_center: edge.data_center,
      source: {
        service: edge.source_service,
        namespace: edge.source_namespace,
        version: edge.source_version,
        deploy_id: knownDeploy(edge.source_deploy_id),
      },
      destination: {
        service: edge.destination_service,
        namespace: edge.destination_namespace,
        version: edge.destination_version,
        deploy_id: deployId,
      },
    },
  };
}

function knownDeploy(deployId: string | undefined): string | undefined {
  return deployId === 'unknown' ? undefined : deployId;
}
