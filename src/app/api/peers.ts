// The other processes that run detect: asked for the partitions that this one does not hold. What they answer is untrusted, and nothing that
// one of them does (hang, go away, answer rubbish) costs more than its own partitions and `http.peers.timeout`.
import { askJson, type JsonFailure } from '#adapters/http/json-client.ts';
import { resolveHost } from '#adapters/http/resolve-host.ts';
import { apiPrefix } from '#config/api-operations.ts';
import { answerSchemas, checkInput, type PartitionState, type PartitionsQuery } from '#config/api-schema.ts';
import type { Settings } from '#config/settings.ts';
import { createLimiter, type Limiter } from '#ports/limiter.ts';
import type { Logger } from '#ports/logger.ts';
import type { Meter } from '#ports/meter.ts';
import type { Clock } from '#ports/system.ts';
import { metrics } from '#telemetry/metrics.ts';

/** Asks peers. */
export interface Peers {
  /** Whether any are configured. */
  readonly areThere: boolean;
  /** The partitions of all that answer in time, as they say. Never rejects. */
  ask(query: PartitionsQuery): Promise<readonly PartitionState[]>;
}

/** What the peers' figures and problems are told to. `resolve`: the system's names unless given. */
export interface PeerDeps {
  readonly meter: Meter;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Identity of this process: one that asks itself gets nothing. */
  readonly processId: string;
  readonly resolve?: typeof resolveHost;
}

/** What became of one request: `itself` was this process, `busy` had no room in time. */
type PeerOutcome = 'answered' | 'itself' | 'refused' | 'busy' | JsonFailure;

/** The peers of `http.peers`. */
export function createPeers(http: Settings['http'], deps: PeerDeps): Peers {
  const directory = new PeerDirectory(http.peers, deps);
  const asker = new PeerAsker(http, deps);
  const underWay = new Map<string, Promise<readonly PartitionState[]>>();
  const askAll = async (query: PartitionsQuery): Promise<readonly PartitionState[]> => {
    const urls = await directory.urls();
    return (await Promise.all(urls.map((url) => asker.ask(url, query)))).flat();
  };
  return {
    get areThere() {
      return http.peers.urls.length > 0 || http.peers.dns !== undefined;
    },
    ask: (query) => {
      // Who asks the same while it is asked gets the same answer: its age is in it.
      const key = toSearch(query);
      const asked = underWay.get(key) ?? askAll(query).finally(() => underWay.delete(key));
      underWay.set(key, asked);
      return asked;
    },
  };
}

/** Who the peers are. */
class PeerDirectory {
  readonly #peers: Settings['http']['peers'];
  readonly #deps: PeerDeps;
  /** One at a time: a name server that hangs holds one of the system's few threads, not all. */
  #resolving: Promise<readonly string[] | null> | null = null;
  #lastProblem = '';

  constructor(peers: Settings['http']['peers'], deps: PeerDeps) {
    this.#peers = peers;
    this.#deps = deps;
  }

  async urls(): Promise<readonly string[]> {
    const { urls, dns, maxCount } = this.#peers;
    const found = dns === undefined ? [] : await this.#resolve(dns);
    const all = [...new Set([...urls, ...(found ?? [])].map((url) => url.replace(/\/+$/, '')))];
    if (found === null) this.#say(`http.peers.dns (${dns}) cannot be resolved`);
    else if (all.length <= maxCount) this.#say('');
    else this.#say(`there are ${all.length} peers, and http.peers.max_count asks ${maxCount}: the rest are left out`);
    return all.slice(0, maxCount);
  }

  /** `null` where it cannot be resolved in time. */
  async #resolve(dns: string): Promise<readonly string[] | null> {
    this.#resolving ??= (this.#deps.resolve ?? resolveHost)(dns)
      .catch(() => null)
      .finally(() => {
        this.#resolving = null;
      });
    const stopWaiting = new AbortController();
    const waited = this.#deps.clock.sleep(this.#peers.timeoutMs, stopWaiting.signal).then(() => null);
    const found = await Promise.race([this.#resolving, waited]);
    stopWaiting.abort();
    if (found === null) this.#deps.meter.add(metrics.peerRequests, 1, { outcome: 'unresolved' });
    return found?.map((address) => `http://${address}`) ?? null;
  }

  /** Once, until something else is wrong: requests come every few seconds. */
  #say(problem: string): void {
    if (problem !== this.#lastProblem && problem !== '') this.#deps.logger.warn(problem);
    this.#lastProblem = problem;
  }
}

class PeerAsker {
  readonly #http: Settings['http'];
  readonly #deps: PeerDeps;
  /** Of peers with requests under way alone. */
  readonly #doors = new Map<string, { readonly limiter: Limiter; users: number }>();
  /** Peers that did not answer the last time: no more than there ever were, and few. */
  readonly #away = new Set<string>();

  constructor(http: Settings['http'], deps: PeerDeps) {
    this.#http = http;
    this.#deps = deps;
  }

  /** Waits for room, within the same time. */
  async ask(url: string, query: PartitionsQuery): Promise<readonly PartitionState[]> {
    const { clock, meter } = this.#deps;
    const { maxRequests, timeoutMs } = this.#http.peers;
    const door = this.#doors.get(url) ?? { limiter: createLimiter(maxRequests), users: 0 };
    this.#doors.set(url, door);
    door.users += 1;
    const startedAtMs = clock.nowMs();
    const timeout = AbortSignal.timeout(timeoutMs);
    const leave = await door.limiter.enter(timeout);
    try {
      const leftMs = startedAtMs + timeoutMs - clock.nowMs();
      if (timeout.aborted || leftMs <= 0) return this.#told(url, 'busy', 'it has too many requests under way');
      return await this.#askNow(url, query, leftMs);
    } finally {
      leave();
      door.users -= 1;
      if (door.users === 0) this.#doors.delete(url);
      meter.observe(metrics.peerSeconds, (clock.nowMs() - startedAtMs) / 1000);
    }
  }

  async #askNow(url: string, query: PartitionsQuery, timeoutMs: number): Promise<readonly PartitionState[]> {
    const { token = null, peers } = this.#http;
    const { processId } = this.#deps;
    const answer = await askJson({
      url: `${url}${apiPrefix}/partitions?${toSearch({ ...query, from: processId })}`,
      method: 'GET',
      token,
      timeoutMs,
      maxAnswerBytes: peers.maxAnswerBytes,
    });
    if (answer.kind === 'failed') return this.#told(url, answer.why, answer.detail);
    if (answer.status !== 200) return this.#told(url, 'refused', `it answers with HTTP ${answer.status}`);
    const checked = checkInput(answerSchemas.partitions, answer.body);
    if ('problem' in checked) return this.#told(url, 'unreadable', 'it answers something else than partitions');
    const { process, partitions } = checked.value.data;
    this.#told(url, process === processId ? 'itself' : 'answered');
    return partitions;
  }

  /** Counts what became of a request; the log has it when it changes. */
  #told(url: string, outcome: PeerOutcome, detail?: string): readonly PartitionState[] {
    const { meter, logger } = this.#deps;
    meter.add(metrics.peerRequests, 1, { outcome });
    if (detail === undefined) {
      if (this.#away.delete(url)) logger.info('a peer answers again', { url });
    } else if (!this.#away.has(url)) {
      if (this.#away.size >= this.#http.peers.maxCount) this.#away.clear();
      this.#away.add(url);
      logger.warn('a peer does not answer: what only it holds is missing', { url, outcome, detail });
    }
    return [];
  }
}

function toSearch(query: PartitionsQuery): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given as [string, string][]).toString();
}
