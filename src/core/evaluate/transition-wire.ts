// Wire form, version 1, of alert transitions (topic alerts; detect → notify, index): the fields of AlertTransition beside "v".
import type { Outcome } from '#core/access-log/record.ts';
import { parseWire, unreadable } from '#core/wire.ts';
import type { AlertTransition } from './transition.ts';
import { alertStatuses } from './transition.ts';

/** JSON text of a transition. */
export function encodeTransition(transition: AlertTransition): string {
  return JSON.stringify({ v: 1, ...transition });
}

/** The transition, or why it is none. */
export function decodeTransition(value: Uint8Array): Outcome<AlertTransition> {
  const wire = parseWire(value, 1);
  if (wire.kind !== 'ok') return wire;
  const { v: _version, ...transition } = wire.value;
  const wrong = wrongField(transition);
  if (wrong !== null) return unreadable(`${wrong} is missing or of a wrong type`);
  return { kind: 'ok', value: transition as unknown as AlertTransition };
}

function wrongField(value: Readonly<Record<string, unknown>>): string | null {
  const isObject = (field: unknown): boolean => typeof field === 'object' && field !== null && !Array.isArray(field);
  for (const name of ['id', 'fingerprint', 'alert']) if (typeof value[name] !== 'string') return name;
  for (const name of ['atMs', 'sinceAtMs', 'totalCount', 'totalRequestCount']) {
    if (typeof value[name] !== 'number') return name;
  }
  for (const name of ['labels', 'annotations', 'verdict', 'peak']) if (!isObject(value[name])) return name;
  if (!(alertStatuses as readonly unknown[]).includes(value['status'])) return 'status';
  if (value['isShadow'] !== undefined && typeof value['isShadow'] !== 'boolean') return 'isShadow';
  return Array.isArray(value['examples']) ? null : 'examples';
}
