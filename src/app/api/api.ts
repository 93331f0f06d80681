// The HTTP API: finds the operation, checks what came in, answers from the board of detect, the files of the rules and the silences.
import { randomUUID } from 'node:crypto';
import type { ApiAnswer, ApiRequest } from '#adapters/http/server.ts';
import { type ApiOperation, type ApiOperationId, apiOperations } from '#config/api-operations.ts';
import type { Checked, ErrorType, PartitionsQuery, VerdictQuery } from '#config/api-schema.ts';
import { checkInput, flaggerBody, partitionsQuery, silenceBody, verdictQuery } from '#config/api-schema.ts';
import { silenceStatus } from '#core/notify/silence.ts';
import { AdapterError } from '#ports/adapter-error.ts';
import type { Logger } from '#ports/logger.ts';
import type { RuleSource } from '#ports/rule-source.ts';
import type { SilenceStore } from '#ports/silence-store.ts';
import type { Clock } from '#ports/system.ts';
import type { MemoryBoard } from './memory-board.ts';
import { toPartitionStates } from './partition-state.ts';
import type { Peers } from './peers.ts';
import { missingFor, type Reached, reach } from './reach.ts';
import { toSilence, toSilenceAnswer } from './silence-request.ts';
import { toAlertsAnswer, toRulesAnswer } from './state-answers.ts';
import { type AskedVerdict, toVerdict } from './verdict-answer.ts';

/** What the API answers from. */
export interface ApiDeps {
  readonly board: MemoryBoard;
  /** Names of the clusters whose chains of loops there are. */
  readonly clusters: readonly string[];
  readonly peers: Peers;
  /** Identity of this process among its peers. */
  readonly processId: string;
  readonly ruleSource: RuleSource;
  /** One for each chain of loops. */
  readonly silences: readonly SilenceStore[];
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Asked {
  readonly request: ApiRequest;
  /** What the path has in the place of its braces. */
  readonly id: string;
  readonly deps: ApiDeps;
}

/** Reading silences is reading a topic: it is given up after this long. */
const silenceTimeoutMs = 5000;

const handlers: Readonly<Record<ApiOperationId, (asked: Asked) => ApiAnswer | Promise<ApiAnswer>>> = {
  listRules: async ({ deps }) => ok(toRulesAnswer(await reachAll({ show: 'rules' }, deps), deps.ruleSource)),
  listAlerts: async ({ deps }) => ok(toAlertsAnswer(await reachAll({ show: 'alerts' }, deps))),
  listPartitions: ({ request, deps }) => {
    const query = checkInput(partitionsQuery, Object.fromEntries(request.query));
    if ('problem' in query) return fail(400, 'bad_data', query.problem);
    const { show, service, from } = query.value;
    if (show === 'verdict' && service === undefined) return fail(400, 'bad_data', 'service: a verdict needs one');
    const { processId } = deps;
    return ok({ process: processId, partitions: from === processId ? [] : ownStates(query.value, deps) });
  },
  listSilences,
  addSilence,
  endSilence,
  getVerdict: ({ request, deps }) => {
    const query = checkInput(verdictQuery, Object.fromEntries(request.query));
    return answerVerdict(query, deps, (answer) => ok(answer));
  },
  flaggerRollback: ({ request, deps }) =>
    answerVerdict(flaggerQuery(request.body), deps, (answer) =>
      answer.fail ? ok(answer) : fail(409, 'conflict', `do not roll back: ${answer.verdict}: ${answer.reason}`),
    ),
  flaggerCheck: ({ request, deps }) =>
    answerVerdict(flaggerQuery(request.body), deps, (answer) =>
      answer.fail ? fail(409, 'conflict', `stop: ${answer.reason}`) : ok(answer),
    ),
};

/** Answers requests below `/api/v1`. Rejects only by a bug. */
export function createApi(deps: ApiDeps): (request: ApiRequest) => Promise<ApiAnswer> {
  return async (request) => {
    const found = apiOperations.map((operation) => [operation, matchPath(operation, request.path)] as const);
    const there = found.filter(([, id]) => id !== null);
    if (there.length === 0) return fail(404, 'not_found', 'no such operation: docs/openapi.yaml lists all');
    const [operation, id] = there.find(([{ method }]) => method === request.method) ?? [];
    if (operation === undefined || id === undefined || id === null) {
      const allow = there.map(([{ method }]) => method).join(', ');
      return { ...fail(405, 'not_allowed', `only ${allow}`), headers: { allow } };
    }
    try {
      return await handlers[operation.id]({ request, id, deps });
    } catch (error) {
      if (!(error instanceof AdapterError)) {
        deps.logger.error('the API failed', { operation: operation.id, error });
        throw error;
      }
      deps.logger.warn('the API cannot answer', { operation: operation.id, code: error.code, error });
      return fail(503, 'unavailable', `${error.code}: silences cannot be reached: ask again later`);
    }
  };
}

/** The part in the place of the braces, empty where there is none; `null` where the path is another. */
function matchPath({ path }: ApiOperation, asked: string): string | null {
  const brace = path.indexOf('{');
  if (brace === -1) return asked === path ? '' : null;
  const head = path.slice(0, brace);
  const part = asked.slice(head.length);
  if (!asked.startsWith(head) || part === '' || part.includes('/')) return null;
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

function ok(data: unknown, status = 200): ApiAnswer {
  return { status, body: { status: 'success', data } };
}

function fail(status: number, errorType: ErrorType, error: string): ApiAnswer {
  return { status, body: { status: 'error', errorType, error } };
}

function ownStates(query: PartitionsQuery, { board, ruleSource }: ApiDeps) {
  return toPartitionStates(board.views(), query, ruleSource.problem);
}

/** Peers are asked only where something is missing here. */
async function reachAll(query: PartitionsQuery, deps: ApiDeps): Promise<Reached> {
  const { clusters, peers } = deps;
  const own = ownStates(query, deps);
  const reached = reach(own, clusters);
  const { service } = query;
  const missing = service === undefined ? reached.missing : missingFor(service, reached, clusters);
  if (missing.length === 0 || !peers.areThere) return reached;
  const theirs = await peers.ask(query);
  // While they were asked, partitions may have moved here.
  return reach([...ownStates(query, deps), ...theirs], clusters);
}

type VerdictAnswered = Extract<AskedVerdict, { kind: 'ok' }>['answer'];

async function answerVerdict(
  query: Checked<VerdictQuery>,
  deps: ApiDeps,
  toAnswer: (answer: VerdictAnswered) => ApiAnswer,
): Promise<ApiAnswer> {
  if ('problem' in query) return fail(400, 'bad_data', query.problem);
  const { clusters, peers } = deps;
  const reached = await reachAll({ ...query.value, show: 'verdict' }, deps);
  const asked = toVerdict(reached, { query: query.value, clusters, hasPeers: peers.areThere });
  switch (asked.kind) {
    case 'ok':
      return toAnswer(asked.answer);
    case 'not-watched':
      return fail(404, 'not_found', asked.error);
    case 'not-held':
      return fail(503, 'unavailable', asked.error);
  }
}

function flaggerQuery(body: string): Checked<VerdictQuery> {
  const checked = checkInput(flaggerBody, parseJson(body));
  if ('problem' in checked) return checked;
  const { name, namespace, metadata } = checked.value;
  const inNamespace = metadata?.namespace ?? namespace;
  return {
    value: {
      service: metadata?.service ?? name,
      ...(inNamespace === undefined ? {} : { namespace: inNamespace }),
      ...(metadata?.version === undefined ? {} : { version: metadata.version }),
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function knownSilences(stores: readonly SilenceStore[]) {
  const signal = AbortSignal.timeout(silenceTimeoutMs);
  const lists = await Promise.all(stores.map((store) => store.list(signal)));
  return new Map(lists.flat().map((silence) => [silence.id, silence]));
}

async function listSilences({ deps: { silences, clock } }: Asked): Promise<ApiAnswer> {
  const nowMs = clock.nowMs();
  const known = await knownSilences(silences);
  return ok([...known.values()].map((silence) => toSilenceAnswer(silence, nowMs)));
}

async function addSilence({ request, deps: { silences, clock, logger } }: Asked): Promise<ApiAnswer> {
  const body = checkInput(silenceBody, parseJson(request.body));
  if ('problem' in body) return fail(400, 'bad_data', body.problem);
  const nowMs = clock.nowMs();
  const silence = toSilence(body.value, randomUUID().slice(0, 8), nowMs);
  if ('problem' in silence) return fail(400, 'bad_data', silence.problem);
  for (const store of silences) await store.put(silence.value);
  logger.info('a silence was set over HTTP', { id: silence.value.id, author: silence.value.author });
  return ok(toSilenceAnswer(silence.value, nowMs), 201);
}

async function endSilence({ id, deps: { silences, clock, logger } }: Asked): Promise<ApiAnswer> {
  const silence = (await knownSilences(silences)).get(id);
  if (silence === undefined)
    return fail(404, 'not_found', 'notify knows no silence of that id: GET /silences lists all');
  const nowMs = clock.nowMs();
  if (silenceStatus(silence, nowMs) === 'expired') return ok(toSilenceAnswer(silence, nowMs));
  const ended = { ...silence, fromMs: Math.min(silence.fromMs, nowMs), untilMs: nowMs };
  for (const store of silences) await store.put(ended);
  logger.info('a silence was ended over HTTP', { id });
  return ok(toSilenceAnswer(ended, nowMs));
}
