// An edge: one reporter's view of one source calling one destination, both with version and deploy. What is counted,
// labelled, matched and alerted on. Its fields are the labels of rules.
import type { Traffic } from '#core/attribute/traffic.ts';
import { unknownName } from '#core/attribute/traffic.ts';

/** The labels of an edge, in the order in which they travel on the wire. Appending is compatible; reordering is not. */
export const edgeLabels = [
  'reporter',
  'data_center',
  'source_service',
  'source_namespace',
  'source_version',
  'source_deploy_id',
  'destination_service',
  'destination_namespace',
  'destination_version',
  'destination_deploy_id',
] as const;
export type EdgeLabel = (typeof edgeLabels)[number];

/** Every label has a value; what is not known is `unknown`. */
export type Edge = Readonly<Record<EdgeLabel, string>>;

/** The edge of one line, or of the hop that broke. `dataCenter` is the name of the Kafka cluster that it came from. */
export function toEdge(traffic: Traffic, dataCenter: string): Edge {
  const { source, destination } = traffic;
  return {
    reporter: traffic.reporter,
    data_center: dataCenter,
    source_service: source.service,
    source_namespace: source.namespace,
    source_version: source.version,
    source_deploy_id: source.deployId ?? unknownName,
    destination_service: destination.service,
    destination_namespace: destination.namespace,
    destination_version: destination.version,
    destination_deploy_id: destination.deployId ?? unknownName,
  };
}

/** Keys of edges that were asked for before: the same edge goes through pane, window and groups. */
const keys = new WeakMap<Edge, string>();

/** Injective text of an edge, for map keys: each value behind its length, so that no value can pretend to be two. */
export function edgeKey(edge: Edge): string {
  const known = keys.get(edge);
  if (known !== undefined) return known;
  let key = '';
  for (const label of edgeLabels) {
    const value = edge[label];
    key += `${value.length}:${value}`;
  }
  keys.set(edge, key);
  return key;
}
