// Faults that a test asks for: the next calls of a method fail in a given way, before or after they took effect.

/** Ways to fail in the transport. `-after-accept` means that the call took effect and its answer is lost. */
const transportFaults = ['429', '500', 'timeout', 'timeout-after-accept', 'reset', 'reset-after-accept'] as const;

/** Errors of Slack's own that a test may ask for: the call takes no effect and answers `ok: false` with the code. */
const slackErrors = [
  'account_inactive',
  'cant_update_message',
  'channel_not_found',
  'edit_window_closed',
  'fatal_error',
  'internal_error',
  'invalid_auth',
  'invalid_blocks',
  'is_archived',
  'message_not_found',
  'missing_scope',
  'msg_blocks_too_long',
  'msg_too_long',
  'not_authed',
  'not_in_channel',
  'ratelimited',
  'request_timeout',
  'restricted_action',
  'service_unavailable',
  'team_access_not_granted',
  'token_expired',
  'token_revoked',
] as const;

/** How a call fails. */
export type FaultKind = (typeof transportFaults)[number] | (typeof slackErrors)[number];

/** A wish for the next calls of one method ('*': of any) to fail; `times` is 1 if left out. */
export interface FaultRequest {
  readonly method: string;
  readonly how: FaultKind;
  readonly times?: number;
  /** For '429': seconds in Retry-After (1 if left out). */
  readonly retryAfterSeconds?: number;
}

/** Whether a way to fail is one of the transport, and no error code of Slack's. */
export function isTransportFault(how: FaultKind): how is (typeof transportFaults)[number] {
  return (transportFaults as readonly string[]).includes(how);
}

/** The faults that are still to happen, in the order in which they were asked for. */
export class FaultQueue {
  #waiting: { readonly fault: FaultRequest; left: number }[] = [];

  /** Adds a wish. Throws on a way to fail that does not exist, as a script over HTTP may ask for. */
  add(fault: FaultRequest): void {
    const known: readonly string[] = [...transportFaults, ...slackErrors];
    if (!known.includes(fault.how)) throw new RangeError(`unknown fault "${fault.how}"; known: ${known.join(', ')}`);
    this.#waiting.push({ fault, left: Number(fault.times ?? 1) });
  }

  /** The fault for this call, if one is due; it then counts as happened. */
  take(method: string): FaultRequest | undefined {
    const due = this.#waiting.find(({ fault, left }) => left > 0 && (fault.method === method || fault.method === '*'));
    if (due === undefined) return undefined;
    due.left -= 1;
    this.#waiting = this.#waiting.filter(({ left }) => left > 0);
    return due.fault;
  }

  /** Forgets every fault that did not happen yet. */
  clear(): void {
    this.#waiting = [];
  }
}
