// Wire form, version 1, of what correlate says (topic request-faults; correlate → index): the fields of RequestFault beside "v".
// Key: the id, so that a request's revisions stay in their order.
import type { Outcome } from '#core/access-log/record.ts';
import { reporters } from '#core/attribute/traffic.ts';
import { faults, parties } from '#core/classify/classification.ts';
import { parseWire, unreadable } from '#core/wire.ts';
import type { Check } from './record-checks.ts';
import {
  hasFields,
  isBoolean,
  isEndpoint,
  isListOf,
  isNumber,
  isOneOf,
  isText,
  isTextOrNull,
  wrongField,
} from './record-checks.ts';
import type { FaultHop, RequestFault } from './request-fault.ts';
import { evidences } from './request-fault.ts';

/** JSON text of a result. */
export function encodeRequestFault(fault: RequestFault): string {
  return JSON.stringify({ v: 1, ...fault });
}

/** The result, or why it is none. */
export function decodeRequestFault(value: Uint8Array): Outcome<RequestFault> {
  const wire = parseWire(value, 1);
  if (wire.kind !== 'ok') return wire;
  const { v: _version, ...fault } = wire.value;
  const wrong = wrongField(fault, faultChecks);
  if (wrong !== null) return unreadable(`${wrong} is missing or of a wrong type`);
  return { kind: 'ok', value: fault as unknown as RequestFault };
}

const hopChecks: Readonly<Record<keyof FaultHop, Check>> = {
  reporter: isOneOf(reporters),
  source: isEndpoint,
  destination: isEndpoint,
  flags: isListOf(isText),
  code: isNumber,
  details: isTextOrNull,
  startedAtMs: isNumber,
  durationMs: isNumber,
  pod: isTextOrNull,
  depth: isNumber,
  isRoot: isBoolean,
};

const faultChecks: Readonly<Record<keyof RequestFault, Check>> = {
  id: isText,
  revision: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  requestId: isTextOrNull,
  traceId: isTextOrNull,
  client: isTextOrNull,
  startedAtMs: isNumber,
  endedAtMs: isNumber,
  filedAtMs: isNumber,
  countedAtMs: isNumber,
  party: isOneOf(parties),
  fault: isOneOf(faults),
  root: hasFields({ source: isEndpoint, destination: isEndpoint, fault: isOneOf(faults) }),
  hops: isListOf(hasFields(hopChecks)),
  evidence: isOneOf(evidences),
  why: hasFields({ en: isText, ko: isText }),
};
