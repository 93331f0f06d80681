// How the lines of one topic are read: by themselves, whatever they are, or pinned to a format and an envelope. Chosen in the
// settings (config/access-log-settings.ts), given to decode and scan.
import type { CompiledTextFormat } from './compile-text-format.ts';
import type { Unreadable } from './field-value.ts';
import { quoteValue, unreadable } from './field-value.ts';

/** Forms of a line. */
export const lineFormats = ['auto', 'json', 'text'] as const;
type LineFormat = (typeof lineFormats)[number];

/** What a line can come in. `none`: bare; `cri`: bare behind a container runtime's prefix. */
export const envelopeNames = ['auto', 'none', 'cri', 'filebeat', 'fluent-bit', 'vector', 'otlp'] as const;
export type EnvelopeName = (typeof envelopeNames)[number];

/** How lines are read. */
export interface LineReading {
  /** `auto`: told by the line. Else every other line is dead-lettered as `other_format`. */
  readonly format: LineFormat;
  /** `auto`: told by the value. Else what does not come in this envelope is dead-lettered as `other_format`. */
  readonly envelope: EnvelopeName;
  /** The format of TEXT lines; `null`: Istio's default, now and formerly, and Envoy's. */
  readonly textFormat: CompiledTextFormat | null;
}

/** Everything is recognised by itself. */
export const anyReading: LineReading = { format: 'auto', envelope: 'auto', textFormat: null };

/** The dead letter of what does not fit a pin. */
export function otherFormat(found: unknown, expected: string): Unreadable {
  return unreadable('other_format', `line: ${quoteValue(found)}: expected ${expected}, to which the topic is pinned`);
}
