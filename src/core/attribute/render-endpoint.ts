// One end of a request as JSON: the same names in what commands print and in documents.
import type { Endpoint } from './traffic.ts';

/** The plain object of one end, its keys in the order in which they are printed. */
export function renderEndpoint(endpoint: Endpoint) {
  return {
    service: endpoint.service,
    namespace: endpoint.namespace,
    version: endpoint.version,
    version_from: endpoint.versionFrom,
    deploy_id: endpoint.deployId,
    ...(endpoint.serviceFrom === undefined ? {} : { service_from: endpoint.serviceFrom }),
  };
}
