// Checks of the fields of correlate's own records: what a reader may rely on when it has taken one for what it claims to be.
import type { Endpoint } from '#core/attribute/traffic.ts';
import { serviceOrigins, versionOrigins } from '#core/attribute/traffic.ts';

/** Whether a value is what a field holds. */
export type Check = (value: unknown) => boolean;

export const isText: Check = (value) => typeof value === 'string';
export const isTextOrNull: Check = (value) => value === null || typeof value === 'string';
export const isNumber: Check = (value) => Number.isFinite(value);
export const isBoolean: Check = (value) => typeof value === 'boolean';

/** A check for one of the listed texts. */
export const isOneOf =
  (values: readonly string[]): Check =>
  (value) =>
    (values as readonly unknown[]).includes(value);

/** A check for lists of such values. */
export const isListOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every((entry) => check(entry));

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A check for objects that have at least these fields. */
export const hasFields =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) && wrongField(value, checks) === null;

/** The name of a field that is missing or of a wrong type, or `null`. */
export function wrongField(
  value: Readonly<Record<string, unknown>>,
  checks: Readonly<Record<string, Check>>,
): string | null {
  return Object.entries(checks).find(([name, check]) => !check(value[name]))?.[0] ?? null;
}

const endpointChecks: Readonly<Required<Record<keyof Endpoint, Check>>> = {
  service: isText,
  namespace: isText,
  version: isText,
  versionFrom: isOneOf(versionOrigins),
  deployId: isTextOrNull,
  serviceFrom: (value) => value === undefined || isOneOf(serviceOrigins)(value),
};

/** Whether a value is one end of a request. */
export const isEndpoint: Check = hasFields(endpointChecks);
