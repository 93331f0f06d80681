// Every shipper's envelope, and which of them an object is. Used by decode, and by the lean scanner for what it accepts.
import type { Envelope, EnvelopeContent } from './envelope.ts';
import { filebeatEnvelope } from './envelope-filebeat.ts';
import { fluentBitEnvelope, vectorEnvelope } from './envelope-flat-pod.ts';
import { otlpEnvelope } from './envelope-otlp.ts';
import type { JsonObject, Unreadable } from './field-value.ts';
import type { EnvelopeName } from './line-reading.ts';

/** Every shipper's envelope that is recognised, tried in this order: the most particular first. */
export const envelopes: readonly Envelope[] = [otlpEnvelope, vectorEnvelope, fluentBitEnvelope, filebeatEnvelope];

/** What is in the envelope that an object is, or why it cannot be read; `null` where it is none, or not the `wanted` one. */
export function openEnvelope(object: JsonObject, wanted: EnvelopeName = 'auto'): EnvelopeContent | Unreadable | null {
  // A bare line, mostly: known without a look into every envelope.
  const { start_time: startTime, kubernetes, resourceLogs } = object;
  if (startTime !== undefined && kubernetes === undefined && resourceLogs === undefined) return null;
  for (const envelope of envelopes) {
    const content = envelope.open(object);
    if (content !== null) return wanted === 'auto' || wanted === envelope.name ? content : null;
  }
  return null;
}
