// Where it happens, read from an alert's labels: services, versions, deploys. Only what the labels know is said.
import { unknownName } from '#core/attribute/traffic.ts';
import type { Labels } from '#core/labels.ts';
import { cutText, toVisibleText } from './visible-text.ts';

/** One end of the edge, as text: `payments v2`. */
export interface PlaceEnd {
  readonly name: string;
  readonly namespace: string | null;
  readonly deployId: string | null;
}

/** Both ends; an end that no label names is `null`. */
export interface Place {
  readonly source: PlaceEnd | null;
  readonly destination: PlaceEnd | null;
}

// A Kubernetes name has 253 characters at most; what is longer was not made by one.
const maxName = 120;

/** A label's value, on one line; `null` where it is missing, empty or `unknown`. */
export function labelText(labels: Labels, name: string): string | null {
  const value: unknown = Object.hasOwn(labels, name) ? labels[name] : undefined;
  if (typeof value !== 'string' || value === '' || value === unknownName) return null;
  return cutText(toVisibleText(value), maxName);
}

/** The ends that the labels name. */
export function toPlace(labels: Labels): Place {
  return { source: toEnd(labels, 'source'), destination: toEnd(labels, 'destination') };
}

/** `checkout v1 -> payments v2`; one end alone where the other is not known; `null` where none is. */
export function renderEdge({ source, destination }: Place): string | null {
  if (source === null || destination === null) return (source ?? destination)?.name ?? null;
  return `${source.name} -> ${destination.name}`;
}

/** `checkout v1 (shop) -> payments v2 (shop)`. */
export function renderEdgeWithNamespaces({ source, destination }: Place): string | null {
  const ends = [source, destination].filter((end) => end !== null);
  if (ends.length === 0) return null;
  return ends.map(({ name, namespace }) => (namespace === null ? name : `${name} (${namespace})`)).join(' -> ');
}

/** The ends whose deploy is known, the destination first: it is the likelier cause. */
export function deployedEnds({ source, destination }: Place): readonly (PlaceEnd & { readonly deployId: string })[] {
  return [destination, source].filter((end) => end !== null && end.deployId !== null) as (PlaceEnd & {
    deployId: string;
  })[];
}

function toEnd(labels: Labels, side: 'source' | 'destination'): PlaceEnd | null {
  const service = labelText(labels, `${side}_service`);
  if (service === null) return null;
  const version = labelText(labels, `${side}_version`);
  return {
    name: version === null ? service : `${service} ${version}`,
    namespace: labelText(labels, `${side}_namespace`),
    deployId: labelText(labels, `${side}_deploy_id`),
  };
}
