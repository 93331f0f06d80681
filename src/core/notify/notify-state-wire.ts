// Wire form, version 1, of open incidents (compacted topic notify-state, by fingerprint): the fields of OpenIncident beside "v".
import type { Outcome } from '#core/access-log/record.ts';
import { parseWire, unreadable } from '#core/wire.ts';
import type { OpenIncident } from './incident.ts';

type Json = Readonly<Record<string, unknown>>;

/** JSON text of an open incident. */
export function encodeNotifyState(incident: OpenIncident): string {
  return JSON.stringify({ v: 1, ...incident });
}

/** The incident, or why it is none. */
export function decodeNotifyState(value: Uint8Array): Outcome<OpenIncident> {
  const wire = parseWire(value, 1);
  if (wire.kind !== 'ok') return wire;
  const { v: _version, ...incident } = wire.value;
  const wrong = wrongField(incident);
  if (wrong !== null) return unreadable(`${wrong} is missing or of a wrong type`);
  return { kind: 'ok', value: incident as unknown as OpenIncident };
}

function wrongField({ firing, step, stepAtMs, handle, via }: Json): string | null {
  if (typeof step !== 'string') return 'step';
  if (typeof stepAtMs !== 'number') return 'stepAtMs';
  if (via !== 'messenger' && via !== 'fallback') return 'via';
  if (!isObject(handle) || typeof handle['channel'] !== 'string' || typeof handle['ts'] !== 'string') return 'handle';
  if (!isObject(firing)) return 'firing';
  if (typeof firing['key'] !== 'string') return 'firing.key';
  if (typeof firing['sinceAtMs'] !== 'number') return 'firing.sinceAtMs';
  const { examples } = firing;
  return Array.isArray(examples) && examples.every(isExample) ? null : 'firing.examples';
}

function isExample(value: unknown): boolean {
  return isObject(value) && typeof value['atMs'] === 'number' && typeof value['requestId'] === 'string';
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
