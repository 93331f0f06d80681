// Whether a new version of a service fails, as canary judges ask: the worst of what the rules with `new_version` say of it.
import { partitionOf } from '#adapters/memory/partition-of.ts';
import type { ComparisonAnswer, VerdictAnswer, VerdictQuery } from '#config/api-schema.ts';
import { type MissingHome, missingFor, type Reached, toReachAnswer } from './reach.ts';

/** The answer, or why there is none. */
export type AskedVerdict =
  | { readonly kind: 'ok'; readonly answer: VerdictAnswer }
  | { readonly kind: 'not-held' | 'not-watched'; readonly error: string };

/** From the worst on. */
const order = ['only_new', 'both', 'suspect', 'not_enough_data', 'fine'] as const;

/** What was asked, and of whom. */
export interface VerdictQuestion {
  readonly query: VerdictQuery;
  readonly clusters: readonly string[];
  /** Whether there are peers that were asked too. */
  readonly hasPeers: boolean;
}

/** Judges by what partitions show. Where a part could be in one that nobody showed, only a failure is an answer: nothing can be worse. */
export function toVerdict(reached: Reached, question: VerdictQuestion): AskedVerdict {
  const { query, clusters } = question;
  const held = reached.states.filter(({ partition, partitionCount }) => {
    return partition === partitionOf(query.service, partitionCount);
  });
  const comparisons = held.flatMap((state) => state.comparisons);
  const missing = missingFor(query.service, reached, clusters);
  const answer = toAnswer(query, comparisons, { states: held, missing: missing.map(toMissing) });
  if (missing.length > 0 && !answer.fail) return notHeld(missing, reached, question);
  if (held.some(({ watched }) => watched)) return { kind: 'ok', answer };
  const error = `no rule with new_version watches the service ${query.service}: add one whose matchers accept it (rules/new-version.yaml ships one)`;
  return { kind: 'not-watched', error };
}

/** Only the partitions that the service is in count for its verdict. */
function toMissing({ cluster, partition, partitionCount }: MissingHome): Reached['missing'][number] {
  return { cluster, partition: partitionCount === 0 ? null : partition };
}

function notHeld(missing: readonly MissingHome[], { states }: Reached, { hasPeers }: VerdictQuestion): AskedVerdict {
  if (states.length === 0) {
    const error = hasPeers
      ? 'neither this process nor a peer that answered runs a detect that has caught up: ask again in some seconds (flagwatch_peer_requests_total says what became of the peers)'
      : 'this process runs no detect, or has not caught up yet: ask one that does (run --loops detect), set http.peers, or ask again in some seconds';
    return { kind: 'not-held', error };
  }
  const where = missing.map(({ cluster, partition, partitionCount }) =>
    partitionCount === 0
      ? `${cluster}, of which nothing is known`
      : `partition ${partition} of ${partitionCount} of ${cluster}`,
  );
  const error = hasPeers
    ? `the service is in ${where.join(', ')}, which no peer that answered holds: ask again in some seconds (flagwatch_peer_requests_total says what became of the peers)`
    : `the service is in ${where.join(', ')}, which another process holds: set http.peers, or ask that one (GET /api/v1/rules lists what a process holds)`;
  return { kind: 'not-held', error };
}

function toAnswer(query: VerdictQuery, comparisons: readonly ComparisonAnswer[], reached: Reached): VerdictAnswer {
  const sorted = [...comparisons].sort(
    (a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict) || b.certainty - a.certainty,
  );
  const [worst] = sorted;
  const version = query.version ?? null;
  const asked = { service: query.service, namespace: query.namespace ?? null, version };
  const reach = toReachAnswer(reached);
  if (worst === undefined) {
    const reason = `no requests of ${version === null ? 'a new version' : 'that version as a new one'} were judged in the last window: it has none yet, or is not new any more`;
    return { ...asked, verdict: 'not_judged', fail: false, score: 0, reason, comparisons: [], ...reach };
  }
  const score = Math.max(...sorted.map(({ certainty }) => certainty));
  const { verdict, reason } = worst;
  return { ...asked, verdict, fail: verdict === 'only_new', score, reason, comparisons: sorted, ...reach };
}
