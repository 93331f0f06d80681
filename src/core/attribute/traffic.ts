// Who called whom: the output of attribute. Vocabulary of services and versions for every later stage.

/** Istio's own word for what is not known. */
export const unknownName = 'unknown';

/** Which proxy wrote the line. */
export const reporters = ['source', 'destination', 'unknown'] as const;
export type Reporter = (typeof reporters)[number];

/** How a version is known, in order of trust (ARCHITECTURE.md, decision on attribution). */
export const versionOrigins = [
  'node',
  'upstream_metadata',
  'peer_metadata',
  'subset',
  'other_side',
  // From other lines of the same pod or address (pod-directory.ts).
  'learned',
  'unknown',
] as const;
export type VersionOrigin = (typeof versionOrigins)[number];

/**
 * How the service of an end is known, where it is worth telling: `authority`: by the host that the request names, so by what its caller
 * wrote, and not by what the mesh found.
 */
export const serviceOrigins = ['authority'] as const;
type ServiceOrigin = (typeof serviceOrigins)[number];

/** One end of a request. Text is `unknown` where nothing tells; `deployId` is `null` then. */
export interface Endpoint {
  /** Canonical service name, without namespace. */
  readonly service: string;
  readonly namespace: string;
  /** Canonical revision. */
  readonly version: string;
  readonly versionFrom: VersionOrigin;
  readonly deployId: string | null;
  /** Absent where the proxy itself, a peer or the cluster names the service, and where nothing does. */
  readonly serviceFrom?: ServiceOrigin;
}

/** One request as one proxy saw it: who reported it, and both ends. */
export interface Traffic {
  readonly reporter: Reporter;
  readonly source: Endpoint;
  readonly destination: Endpoint;
}
