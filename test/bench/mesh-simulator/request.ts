// One request on its way through the mesh: each call's attempts, what goes wrong with them, and the lines that both sides' proxies
// write about it.
import type { CalledService, CallIds, LineOutcome } from './access-line.ts';
import { refused, renderInbound, renderOutbound } from './access-line.ts';
import type { Fleet, Pod } from './fleet.ts';
import { takePort } from './fleet.ts';
import type { FailureCause } from './incident.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { CallSpec, ServiceSpec } from './topology.ts';
import type { Trouble } from './trouble.ts';

/** A line with what is needed to deliver it. */
type TakeLine = (pod: Pod, endAtMs: number, render: () => string) => void;

/** A call that failed for a cause of its own: not because a call of the callee's failed. */
export interface FailedCall {
  readonly requestId: string;
  readonly source: string;
  readonly destination: string;
  readonly version: string | null;
  readonly cause: FailureCause;
  readonly atMs: number;
}

/** What a request needs of its mesh. */
export interface RequestWorld {
  readonly random: SeededRandom;
  readonly fleet: Fleet;
  readonly trouble: Trouble;
  readonly services: ReadonlyMap<string, ServiceSpec & CalledService>;
  readonly callsOf: ReadonlyMap<string, readonly CallSpec[]>;
  readonly takeLine: TakeLine;
  readonly onFailure: (failure: FailedCall) => void;
}

interface Answer {
  readonly endAtMs: number;
  readonly hasFailed: boolean;
}

interface Attempt extends Answer {
  readonly host: Pod;
  readonly from: string;
  /** What the caller's proxy sees. */
  readonly code: number;
  readonly flags: '-' | 'UT' | 'DC';
  readonly cause: FailureCause | null;
}

const retryBackOffMs = 25;
const ok: Pick<LineOutcome, 'code' | 'flags' | 'details' | 'transportFailure'> = {
  code: 200,
  flags: '-',
  details: 'via_upstream',
  transportFailure: null,
};

/** What the caller's proxy writes where it sent nothing, and how long it tried. */
const unsent = {
  no_route: { code: 404, flags: 'NR', details: 'route_not_found', transportFailure: null },
  no_endpoint: { code: 503, flags: 'UH', details: 'no_healthy_upstream', transportFailure: null },
  circuit_open: {
    code: 503,
    flags: 'UO',
    details: 'upstream_reset_before_response_started{overflow}',
    transportFailure: null,
  },
  unreachable: {
    code: 503,
    flags: 'UF',
    details: `upstream_reset_before_response_started{remote_connection_failure|${refused}}`,
    transportFailure: refused,
  },
} as const;

/** Makes one request and all that comes of it. */
export class SimulatedRequest {
  readonly #world: RequestWorld;
  readonly #requestId: string;
  readonly #traceId: string;

  constructor(world: RequestWorld) {
    this.#world = world;
    const { random } = world;
    const [a, b, c, d] = [random.hex8(), random.hex8(), random.hex8(), random.hex8()];
    this.#requestId = `${a}-${b.slice(0, 4)}-4${b.slice(5)}-8${c.slice(1, 4)}-${c.slice(4)}${d}`;
    this.#traceId = `${d}${c}${b}${a}`;
  }

  /** One call with its attempts, made by `caller` for `client`. */
  call(caller: Pod, client: string, spec: CallSpec, startAtMs: number): Answer {
    const { trouble, random } = this.#world;
    if (trouble.isSilent(spec, startAtMs)) return { endAtMs: startAtMs, hasFailed: false };
    const before = trouble.beforeSending(spec, startAtMs, random);
    if (before !== null) return this.#notSent(caller, client, spec, startAtMs, before);
    const attempts: Attempt[] = [];
    let atMs = startAtMs;
    for (let tries = 0; tries <= spec.retries; tries += 1) {
      const attempt = this.#attempt(caller, spec, atMs, startAtMs + spec.timeoutMs);
      attempts.push(attempt);
      if (attempt.code !== 503 || attempt.flags !== '-') break;
      atMs = attempt.endAtMs + retryBackOffMs;
    }
    const last = attempts.at(-1) as Attempt;
    const isSpent = last.code === 503 && spec.retries > 0 && last.flags === '-';
    const endAtMs = last.endAtMs + 1;
    const details = { UT: 'response_timeout', DC: 'downstream_remote_disconnect', '-': 'via_upstream' }[last.flags];
    const outcome: LineOutcome = {
      startAtMs,
      durationMs: endAtMs - startAtMs,
      code: last.code,
      flags: isSpent ? 'URX' : last.flags,
      details,
      transportFailure: null,
      bytesSent: last.code === 0 ? 0 : 120,
    };
    const line = {
      writer: caller,
      called: this.#service(spec.destination),
      client,
      host: last.host,
      connection: { from: last.from, to: last.host },
      hostsAttempted: attempts.map(({ host }) => `${host.address}:8080`),
      attempts: attempts.length,
    };
    const ids = this.#ids(spec);
    this.#world.takeLine(caller, endAtMs, () => renderOutbound(ids, line, outcome));
    if (last.cause !== null) this.#failed(spec, last.cause, last.host.version, startAtMs);
    return { endAtMs, hasFailed: last.hasFailed };
  }

  #notSent(caller: Pod, client: string, spec: CallSpec, startAtMs: number, cause: keyof typeof unsent): Answer {
    const isRefused = cause === 'unreachable';
    const attempts = isRefused ? 1 + spec.retries : cause === 'no_route' ? 0 : 1;
    const durationMs = attempts > 1 ? retryBackOffMs * (attempts - 1) : 0;
    const host = isRefused ? this.#world.fleet.choose(spec.destination, this.#world.random) : null;
    const { flags, ...rest } = unsent[cause];
    const outcome = { ...rest, startAtMs, durationMs, flags: attempts > 1 ? 'URX,UF' : flags, bytesSent: 90 };
    const called = this.#service(spec.destination);
    const line = { writer: caller, called, client, host, connection: null, hostsAttempted: [], attempts };
    const ids = this.#ids(spec);
    this.#world.takeLine(caller, startAtMs + durationMs, () => renderOutbound(ids, line, outcome));
    this.#failed(spec, cause, host?.version ?? null, startAtMs);
    return { endAtMs: startAtMs + durationMs, hasFailed: true };
  }

  /** One attempt: the callee's line, and what the caller's proxy makes of it. */
  #attempt(caller: Pod, spec: CallSpec, startAtMs: number, deadlineAtMs: number): Attempt {
    const { random, fleet, trouble } = this.#world;
    const host = fleet.choose(spec.destination, random);
    const from = `${caller.address}:${takePort(caller)}`;
    const arrivalAtMs = startAtMs + 1;
    const cause = trouble.atCallee(spec, host.version, startAtMs, random);
    const seen = { host, from };
    const write = (endAtMs: number, outcome: typeof ok): void => {
      const line = {
        caller,
        connection: { from, to: host },
        called: this.#service(spec.destination),
        hasReachedApp: cause !== 'app_down',
      };
      const durationMs = endAtMs - arrivalAtMs;
      const whole = { ...outcome, startAtMs: arrivalAtMs, durationMs, bytesSent: outcome.code === 0 ? 0 : 120 };
      const ids = this.#ids(spec);
      this.#world.takeLine(host, endAtMs, () => renderInbound(ids, line, whole));
    };
    if (cause === 'app_down') {
      write(arrivalAtMs, { ...unsent.unreachable });
      return { ...seen, endAtMs: arrivalAtMs, code: 503, flags: '-', cause, hasFailed: true };
    }
    const work = this.#work(host, spec, startAtMs, arrivalAtMs);
    if (cause === 'caller_left') {
      // Who leaves has waited a while, mostly longer than the answer would have taken: the shorter of the two is what the lines show.
      const leftAtMs = Math.min(work.endAtMs, arrivalAtMs + Math.round(random.logNormal(120, 0.8)), deadlineAtMs);
      write(leftAtMs, { ...ok, code: 0, flags: 'DC', details: 'downstream_remote_disconnect' });
      return { ...seen, endAtMs: leftAtMs, code: 0, flags: 'DC', cause, hasFailed: true };
    }
    if (work.endAtMs >= deadlineAtMs) {
      write(deadlineAtMs, { ...ok, code: 0, flags: 'DC', details: 'downstream_remote_disconnect' });
      return { ...seen, endAtMs: deadlineAtMs, code: 504, flags: 'UT', cause: 'timeout', hasFailed: true };
    }
    const outcome = answerOf(cause, work.hasFailed, random);
    write(work.endAtMs, outcome);
    const hasFailed = outcome.code >= 500;
    return { ...seen, endAtMs: work.endAtMs, code: outcome.code, flags: '-', cause, hasFailed };
  }

  /** The application at work: its own time, and its calls one after the other. */
  #work(host: Pod, spec: CallSpec, startAtMs: number, arrivalAtMs: number): Answer {
    const { random, trouble, callsOf } = this.#world;
    const ownMs = trouble.workMs(this.#service(spec.destination).workMs, spec, host.version, startAtMs, random);
    let atMs = arrivalAtMs + Math.floor(ownMs / 2);
    let hasFailed = false;
    for (const next of callsOf.get(host.service) ?? []) {
      if (!random.chance(next.share)) continue;
      const answer = this.call(host, `${host.address}:${takePort(host)}`, next, atMs);
      atMs = answer.endAtMs;
      if (answer.hasFailed && random.chance(next.needed)) {
        hasFailed = true;
        break;
      }
    }
    return { endAtMs: atMs + Math.ceil(ownMs / 2), hasFailed };
  }

  #failed(spec: CallSpec, cause: FailureCause, version: string | null, atMs: number): void {
    const { source, destination } = spec;
    this.#world.onFailure({ requestId: this.#requestId, source, destination, version, cause, atMs });
  }

  #service(name: string): ServiceSpec & CalledService {
    const service = this.#world.services.get(name);
    if (service === undefined) throw new Error(`no service ${name}`);
    return service;
  }

  #ids(spec: CallSpec): CallIds {
    const { random } = this.#world;
    return {
      requestId: this.#requestId,
      traceId: this.#traceId,
      spanId: `${random.hex8()}${random.hex8()}`,
      method: 'GET',
      path: `/${spec.destination}/v1`,
      userAgent: `${spec.source}/1.0`,
    };
  }
}

/** What the callee's proxy writes of an application that was reached and not left. */
function answerOf(cause: FailureCause | null, hasFailedCall: boolean, random: SeededRandom): typeof ok {
  switch (cause) {
    case 'app_closed':
      return {
        ...ok,
        code: 503,
        flags: 'UC',
        details: 'upstream_reset_before_response_started{connection_termination}',
      };
    case 'app_error':
      return { ...ok, code: random.chance(0.6) ? 500 : 503 };
    case 'client_error':
      return { ...ok, code: random.chance(0.8) ? 404 : 422 };
    default:
      return hasFailedCall ? { ...ok, code: 500 } : ok;
  }
}
