// The kinds of values that settings and rules are made of: how each is written, checked, named in a message and shown in
// the references. Used by the schemas of settings and of rules.
import { z } from 'zod';
import { isTimeZone } from '#core/clock/local-time.ts';
import { parseDuration, renderDuration } from '#core/duration.ts';

/** A span of time that a person wrote with its unit. A class, so that settings can tell it from a plain number. */
export class Duration {
  readonly ms: number;

  constructor(ms: number) {
    this.ms = ms;
  }

  toString(): string {
    return renderDuration(this.ms);
  }
}

/** What the references say about a key. */
export interface FieldNotes {
  readonly description: string;
  /** Why the default is what it is. */
  readonly reason?: string;
  /** Of a bare number: `bytes`, `documents`. */
  readonly unit?: string;
  /** What code takes where the key is missing; only where the schema itself does not fill it in. */
  readonly default?: unknown;
  /** For editors. */
  readonly examples?: readonly unknown[];
}

/** Notes as the schema keeps them; those that JSON Schema does not know are folded into the published description. */
export function notes(field: FieldNotes): Record<string, unknown> {
  const { default: fallback, ...rest } = field;
  // zod drops `default` where a value is transformed; toJsonSchema puts it back.
  return fallback === undefined ? rest : { ...rest, fallback };
}

/** Prometheus' notation, for editors; `parseDuration` is the check. */
const durationPattern = '^(0|([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?)$';

/** `kafka-1:9092`, `127.0.0.1:9464`, `[::1]:9464`. */
export const hostAndPort = /^(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9._-]{1,253}):[0-9]{1,5}$/;

interface DurationLimits {
  readonly atLeast: string;
  readonly atMost: string;
}

/** A duration as text with units, within limits. */
export function durationField(field: FieldNotes, limits: DurationLimits) {
  return z
    .string()
    .transform((text, context): Duration => {
      const problem = durationProblem(text, limits);
      if (problem !== null) context.addIssue({ code: 'custom', ...problem, input: text });
      return new Duration(parseDuration(text) ?? 0);
    })
    .meta({
      ...notes({ ...field, unit: 'duration' }),
      limits: `${limits.atLeast} to ${limits.atMost}`,
      pattern: durationPattern,
    });
}

function durationProblem(text: string, { atLeast, atMost }: DurationLimits) {
  const ms = parseDuration(text);
  if (ms === null) {
    return {
      message: 'is not a duration',
      params: { remedy: `write numbers with units, largest first: 30s, 1m30s, 250ms (w d h m s ms)` },
    };
  }
  const params = { remedy: `write a duration from ${atLeast} to ${atMost}` };
  if (ms < (parseDuration(atLeast) ?? 0)) return { message: `must be at least ${atLeast}`, params };
  if (ms > (parseDuration(atMost) ?? 0)) return { message: `must be at most ${atMost}`, params };
  return null;
}

/** A whole number of something, within limits. */
export function countField(field: FieldNotes, { min, max }: { readonly min: number; readonly max: number }) {
  return z.int().min(min).max(max).meta(notes(field));
}

/** A text that is not empty. */
export function textField(field: FieldNotes, maxLength = 1024) {
  return z.string().min(1).max(maxLength).meta(notes(field));
}

/** A text that may come from the environment only: a literal one in the file is a finding. */
export function secretField(field: FieldNotes) {
  // JSON Schema's own word for a value that is given and never shown.
  return z
    .string()
    .min(1)
    .max(65_536)
    .meta({ ...notes(field), writeOnly: true });
}

/** A text of a fixed form. `wanted` completes "write …". */
export function patternField(field: FieldNotes, pattern: RegExp, wanted: string) {
  return z
    .string()
    .refine((text) => pattern.test(text), { error: 'has not the right form', params: { remedy: `write ${wanted}` } })
    .meta({ ...notes(field), pattern: pattern.source });
}

/** The IANA name of a time zone; UTC where it is missing. */
export function timeZoneField(field: FieldNotes) {
  return z
    .string()
    .refine(isTimeZone, {
      error: 'is no time zone that this system knows',
      params: { remedy: 'write a name such as Asia/Seoul or UTC' },
    })
    .prefault('UTC')
    .meta(notes({ ...field, examples: ['Asia/Seoul'] }));
}

/** An http or https address without user and password (those are secrets, and have keys of their own). */
export function addressField(field: FieldNotes) {
  return z
    .string()
    .max(2048)
    .refine(isWebAddress, {
      error: 'is not an address',
      params: { remedy: 'write http://host:port or https://host:port, without user and password' },
    })
    .meta(notes(field));
}

/** Whether a text is an http or https address without user and password. */
export function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
}
