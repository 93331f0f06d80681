// Who may ask the API, and how often. Decided before anything of a request is looked at but its headers.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** How the API is guarded. */
export interface ApiGateSettings {
  /** What callers show; `null`: nobody has to, and only the loopback address is answered. */
  readonly token: string | null;
  /** Whether the server listens to this machine alone. */
  readonly isLoopback: boolean;
  readonly maxRequestsPerSecond: number;
}

/** Why a request is not let in. */
export interface Refusal {
  readonly status: 401 | 403 | 429;
  readonly errorType: 'unauthorized' | 'forbidden' | 'too_many';
  readonly error: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Guards the API of one server. */
export class ApiGate {
  readonly #settings: ApiGateSettings;
  readonly #token: Buffer | null;
  #free: number;
  #refilledMs: number | null = null;

  constructor(settings: ApiGateSettings) {
    this.#settings = settings;
    this.#token = settings.token === null ? null : digest(settings.token);
    this.#free = settings.maxRequestsPerSecond;
  }

  /** `null` where the request may come in. `nowMs` may stand still, and never go back. */
  check(headers: IncomingHttpHeaders, nowMs: number): Refusal | null {
    // First of all: whoever guesses tokens is slowed down too.
    if (!this.#takesOne(nowMs)) {
      const error = `more than ${this.#settings.maxRequestsPerSecond} requests a second (http.max_requests_per_second): ask again later`;
      return { status: 429, errorType: 'too_many', error, headers: { 'retry-after': '1' } };
    }
    return this.#token === null ? this.#checkOrigin(headers) : this.#checkToken(this.#token, headers);
  }

  #takesOne(nowMs: number): boolean {
    const { maxRequestsPerSecond } = this.#settings;
    const passedMs = Math.max(0, nowMs - (this.#refilledMs ?? nowMs));
    this.#refilledMs = nowMs;
    this.#free = Math.min(maxRequestsPerSecond, this.#free + (passedMs / 1000) * maxRequestsPerSecond);
    if (this.#free < 1) return false;
    this.#free -= 1;
    return true;
  }

  /** Without a token every page that a browser on this machine shows could ask, under a name of its own for this address. */
  #checkOrigin({ host = '', origin }: IncomingHttpHeaders): Refusal | null {
    const forbidden = (error: string): Refusal => ({ status: 403, errorType: 'forbidden', error });
    if (!this.#settings.isLoopback) {
      return forbidden('the API needs a token where others can reach it: set http.token, or listen on 127.0.0.1');
    }
    if (origin !== undefined) return forbidden('browsers are not answered without a token: set http.token');
    if (isLoopbackHost(host.replace(/:\d+$/, ''))) return null;
    return forbidden('without a token only 127.0.0.1, [::1] and localhost are answered: set http.token');
  }

  #checkToken(token: Buffer, { authorization = '' }: IncomingHttpHeaders): Refusal | null {
    const shown = shownToken(authorization);
    if (shown !== null && timingSafeEqual(digest(shown), token)) return null;
    return {
      status: 401,
      errorType: 'unauthorized',
      error: 'show the token of http.token: Authorization: Bearer …, or as the password of Basic',
      headers: { 'www-authenticate': 'Bearer, Basic realm="flagwatch"' },
    };
  }
}

/** Whether an address means this machine alone. */
export function isLoopbackHost(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  return name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name);
}

function shownToken(authorization: string): string | null {
  const bearer = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (bearer !== undefined) return bearer;
  const basic = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1];
  if (basic === undefined) return null;
  const pair = Buffer.from(basic, 'base64').toString('utf8');
  return pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : null;
}

/** Texts of equal length, so that the comparison tells nothing of theirs. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
