// Wire form, version 2, of incidents (compacted topic notify-state, key `incident/<key>`): the fields of Incident beside "v". Silences
// stand beside them in their own form.
import type { Outcome } from '#core/access-log/record.ts';
import { decodeTransition, encodeTransition } from '#core/evaluate/transition-wire.ts';
import { parseWire, unreadable } from '#core/wire.ts';
import { holdReasons, type Incident } from './incident.ts';

type Json = Readonly<Record<string, unknown>>;

const keyPrefix = 'incident/';

/** Key of an incident's record. */
export function incidentStateKey(key: string): string {
  return `${keyPrefix}${key}`;
}

/** JSON text of an incident. */
export function encodeIncident(incident: Incident): string {
  return JSON.stringify({ v: 2, ...incident });
}

/** The incident, or why it is none. */
export function decodeIncident(value: Uint8Array): Outcome<Incident> {
  const wire = parseWire(value, 2);
  if (wire.kind !== 'ok') return wire;
  const { v: _version, ...incident } = wire.value;
  const wrong = wrongField(incident);
  if (wrong !== null) return unreadable(`${wrong} is missing or of a wrong type`);
  return { kind: 'ok', value: incident as unknown as Incident };
}

function wrongField(incident: Json): string | null {
  for (const name of ['key', 'groupId', 'routeId', 'receiver']) if (typeof incident[name] !== 'string') return name;
  for (const name of ['beganAtMs', 'stepAtMs', 'calledAtMs']) if (typeof incident[name] !== 'number') return name;
  return wrongPart(incident);
}

function wrongPart({ groupLabels, targets, alerts, step, reply, told }: Json): string | null {
  if (!isObject(groupLabels)) return 'groupLabels';
  if (!Array.isArray(targets) || !targets.every((target) => typeof target === 'string')) return 'targets';
  if (step !== null && typeof step !== 'string') return 'step';
  if (reply !== null && !isReply(reply)) return 'reply';
  if (!isObject(told) || !Object.values(told).every(isTold)) return 'told';
  return Array.isArray(alerts) && alerts.length > 0 && alerts.every(isAlert) ? null : 'alerts';
}

function isReply(reply: unknown): boolean {
  if (!isObject(reply) || typeof reply['id'] !== 'string' || typeof reply['kind'] !== 'string') return false;
  return reply['cause'] === undefined || isObject(reply['cause']);
}

function isTold(told: unknown): boolean {
  if (!isObject(told) || typeof told['step'] !== 'string') return false;
  const { via, handle, reply } = told;
  const isPlace = isObject(handle) && typeof handle['channel'] === 'string' && typeof handle['ts'] === 'string';
  return isPlace && (via === 'messenger' || via === 'fallback') && (reply === null || typeof reply === 'string');
}

function isAlert(alert: unknown): boolean {
  if (!isObject(alert)) return false;
  const { transition, firing, shownId, held, heldUntilMs } = alert;
  if (heldUntilMs !== undefined && typeof heldUntilMs !== 'number') return false;
  if (shownId !== null && typeof shownId !== 'string') return false;
  if (held !== null && !(holdReasons as readonly unknown[]).includes(held)) return false;
  if (!isObject(firing) || typeof firing['key'] !== 'string' || typeof firing['sinceAtMs'] !== 'number') return false;
  const { examples } = firing;
  if (!Array.isArray(examples) || !examples.every(isExample) || !isObject(transition)) return false;
  return isTransition(transition);
}

function isTransition(transition: Json): boolean {
  const text = encodeTransition(transition as unknown as Parameters<typeof encodeTransition>[0]);
  return decodeTransition(Buffer.from(text)).kind === 'ok';
}

function isExample(value: unknown): boolean {
  return isObject(value) && typeof value['atMs'] === 'number' && typeof value['requestId'] === 'string';
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
