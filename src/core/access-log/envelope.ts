// What a log shipper wraps around a proxy's line. Each `envelope-*.ts` implements `Envelope` for one shipper, or for those that differ
// in their names alone.
import type { JsonObject, Unreadable } from './field-value.ts';
import type { EnvelopeName } from './line-reading.ts';
import type { WorkloadIdentity } from './record.ts';

/** The line inside an envelope, and what the shipper knows about the pod that wrote it. Its texts are as they came. */
export interface EnvelopeContent {
  /** The line as the proxy wrote it, or its keys where the shipper parsed them. */
  readonly line: string | JsonObject;
  /** Name of the container that wrote it, `null` where the shipper does not tell. */
  readonly container: string | null;
  readonly pod: string | null;
  /** Name of the Kubernetes node that the pod runs on. */
  readonly host: string | null;
  readonly node: WorkloadIdentity;
  /** Whether the pod's labels tell that its proxy was injected as a sidecar. */
  readonly isSidecar: boolean;
}

/** One shipper's form of envelope. */
export interface Envelope {
  readonly name: EnvelopeName;
  /**
   * Keys at the top of the object of which every envelope of this kind has at least one. A line without any of them is
   * never opened; the lean scanner relies on that.
   */
  readonly markerKeys: readonly string[];
  /** What is inside, why nothing can be read, or `null` where the object is not such an envelope. */
  open(object: JsonObject): EnvelopeContent | Unreadable | null;
}
