// Wire form, version 1, of silences (topic alerts, key `silence/<id>`, beside the transitions that they are about; and notify's state):
// the fields of Silence beside "v". In one log with the alerts, every reader knows which alert came under which silence.
import type { Outcome } from '#core/access-log/record.ts';
import { findPatternError } from '#core/evaluate/pattern.ts';
import { parseWire, unreadable } from '#core/wire.ts';
import type { Silence } from './silence.ts';

/** Bounds of one silence: what people write is far below. */
export const silenceLimits = { matchers: 50, text: 1000, id: 64 } as const;

const keyPrefix = 'silence/';

/** Key of a silence's record. */
export function silenceKey(id: string): string {
  return `${keyPrefix}${id}`;
}

/** Whether a record of the alerts topic, or of notify's state, is a silence. */
export function isSilenceKey(key: string): boolean {
  return key.startsWith(keyPrefix);
}

/** JSON text of a silence. */
export function encodeSilence(silence: Silence): string {
  return JSON.stringify({ v: 1, ...silence });
}

/** The silence, or why it is none. Its patterns compile. */
export function decodeSilence(value: Uint8Array): Outcome<Silence> {
  const wire = parseWire(value, 1);
  if (wire.kind !== 'ok') return wire;
  const { v: _version, ...silence } = wire.value;
  const wrong = wrongField(silence);
  if (wrong !== null) return unreadable(`${wrong} is missing or not what it should be`);
  return { kind: 'ok', value: silence as unknown as Silence };
}

function wrongField({ id, matchers, fromMs, untilMs, author, reason }: Readonly<Record<string, unknown>>) {
  if (!isText(id, silenceLimits.id) || id === '') return 'id';
  if (!isText(author, silenceLimits.text)) return 'author';
  if (!isText(reason, silenceLimits.text)) return 'reason';
  if (!Number.isSafeInteger(fromMs)) return 'fromMs';
  if (!Number.isSafeInteger(untilMs)) return 'untilMs';
  if (!Array.isArray(matchers) || matchers.length === 0 || matchers.length > silenceLimits.matchers) return 'matchers';
  return matchers.every(isMatcher) ? null : 'matchers';
}

function isMatcher(matcher: unknown): boolean {
  if (typeof matcher !== 'object' || matcher === null) return false;
  const { label, operator, value } = matcher as Readonly<Record<string, unknown>>;
  if (!isText(label, silenceLimits.text) || !isText(value, silenceLimits.text)) return false;
  if (operator === '=' || operator === '!=') return true;
  return (operator === '=~' || operator === '!~') && findPatternError(value) === null;
}

function isText(value: unknown, maxLength: number): value is string {
  return typeof value === 'string' && value.length <= maxLength;
}
