// What the stand-in writes down besides the messages themselves: calls, mentions that would ping, and bad manners.
import { isObject, type Json } from './blocks.ts';
import { isTrue } from './content.ts';
import { findPings, type PingFinding } from './pings.ts';

// A call that was under way when another was refused has not ignored that answer.
const inFlightGraceMs = 250;
const maxText = 40_000;

/** One call of a method, in the order of arrival. */
export interface SlackCall {
  readonly atMs: number;
  readonly method: string;
  readonly args: Json;
  /** `ok`, Slack's error code, or the way in which it was made to fail, such as `timeout-after-accept`. */
  outcome: string;
}

/** A mention that was not escaped, and the message that carried it. */
export interface SlackPing extends PingFinding {
  readonly atMs: number;
  readonly channel: string;
  readonly ts: string;
}

/** Something that Slack bears and a good client does not do. */
export interface SlackViolation {
  readonly atMs: number;
  /** Blocks without text; text over 40,000 characters, which Slack cuts; a call before Retry-After was over. */
  readonly kind: 'text-missing' | 'text-cut' | 'retry-after-ignored';
  readonly method: string;
  readonly channel: string;
}

/** The notebook of one stand-in. */
export class Recorder {
  readonly calls: SlackCall[] = [];
  readonly pings: SlackPing[] = [];
  readonly violations: SlackViolation[] = [];
  readonly #refusals = new Map<string, { readonly atMs: number; readonly untilMs: number }>();

  /** Notes a call that arrives; its outcome is filled in when it is known. `key` is what Retry-After applied to. */
  arrive(call: { readonly method: string; readonly args: Json; readonly atMs: number }, key: string): SlackCall {
    const noted: SlackCall = { ...call, outcome: 'under way' };
    this.calls.push(noted);
    const refusal = this.#refusals.get(key);
    if (refusal && call.atMs > refusal.atMs + inFlightGraceMs && call.atMs < refusal.untilMs) {
      this.#violate(noted, 'retry-after-ignored');
    }
    return noted;
  }

  /** Notes that a call was answered with 429. */
  refuse(key: string, atMs: number, retryAfterSeconds: number): void {
    this.#refusals.set(key, { atMs, untilMs: atMs + retryAfterSeconds * 1000 });
  }

  /** Looks through a message that was just posted or updated. */
  inspect(call: SlackCall, place: { readonly channel: string; readonly ts: string }): void {
    const { text, link_names, parse } = call.args;
    const blocks = toJson(call.args['blocks']);
    const linksNames = isTrue(link_names) || parse === 'full';
    for (const finding of findPings({ text, blocks, linksNames })) {
      this.pings.push({ ...finding, atMs: call.atMs, ...place });
    }
    if (Array.isArray(blocks) && blocks.length > 0 && !text) this.#violate(call, 'text-missing');
    if (typeof text === 'string' && text.length > maxText) this.#violate(call, 'text-cut');
  }

  /** Forgets everything. */
  clear(): void {
    this.calls.length = 0;
    this.pings.length = 0;
    this.violations.length = 0;
    this.#refusals.clear();
  }

  #violate({ atMs, method, args }: SlackCall, kind: SlackViolation['kind']): void {
    this.violations.push({ atMs, kind, method, channel: String(args['channel'] ?? '') });
  }
}

/** A form's value as what it stands for: forms carry arrays and objects as JSON texts. */
export function toJson(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) || isObject(parsed) ? parsed : value;
  } catch {
    return value;
  }
}
