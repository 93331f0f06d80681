// How values of a log line are read and how they are quoted: what decode's readers of every format share.
import type { DeadLetterReason } from './record.ts';

/** The keys of one parsed JSON object. Only keys known by name are ever read from it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Why a line cannot be read: the dead-letter branch of `Outcome`. */
export interface Unreadable {
  readonly kind: 'dead-letter';
  readonly reason: DeadLetterReason;
  readonly detail: string;
}

/** An unreadable line with its reason; `detail` names field, value and what was expected. */
export function unreadable(reason: DeadLetterReason, detail: string): Unreadable {
  return { kind: 'dead-letter', reason, detail };
}

/** Whether the fields of a TEXT line are none; of JSON this says nothing, which may hold any key. */
export function isUnreadable(fields: JsonObject | Unreadable): fields is Unreadable {
  return fields['kind'] === 'dead-letter';
}

/** Whether a parsed value is an object with keys (not an array). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// Enough to recognise a value by, short enough for a log line and a table.
const maxQuotedLength = 80;

/** A value as a detail shows it: text in quotes, cut to 80 characters, with every control character escaped. */
export function quoteValue(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return String(value);
  const cut = value.length > maxQuotedLength ? `${value.slice(0, maxQuotedLength)}…` : value;
  return JSON.stringify(cut).replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const unsafeCharacter = /[\u0000-\u001f\u007f-\u009f]|\p{Surrogate}/u;
const unsafeCharacters = /[\u0000-\u001f\u007f-\u009f]|\p{Surrogate}/gu;

/**
 * The text with control characters and lone surrogates replaced by U+FFFD. Envoy writes neither; a line that holds them
 * (as JSON escapes) could else reach a terminal, or forge the separators of keys, through any field.
 */
export function toSafeText(text: string): string {
  return unsafeCharacter.test(text) ? text.replace(unsafeCharacters, '\ufffd') : text;
}
