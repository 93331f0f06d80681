// The HTTP API: finds the operation, checks what came in, answers from the board of detect, the files of the rules and the silences.
import { randomUUID } from 'node:crypto';
import type { ApiAnswer, ApiRequest } from '#adapters/http/server.ts';
import { type ApiOperation, type ApiOperationId, apiOperations } from '#config/api-operations.ts';
import type { Checked, ErrorType, VerdictQuery } from '#config/api-schema.ts';
import { checkInput, flaggerBody, silenceBody, verdictQuery } from '#config/api-schema.ts';
import { silenceStatus } from '#core/notify/silence.ts';
import { AdapterError } from '#ports/adapter-error.ts';
import type { Logger } from '#ports/logger.ts';
import type { RuleSource } from '#ports/rule-source.ts';
import type { SilenceStore } from '#ports/silence-store.ts';
import type { Clock } from '#ports/system.ts';
import type { MemoryBoard } from './memory-board.ts';
import { toSilence, toSilenceAnswer } from './silence-request.ts';
import { toAlertsAnswer, toRulesAnswer } from './state-answers.ts';
import { askVerdict } from './verdict-answer.ts';

/** What the API answers from. */
export interface ApiDeps {
  readonly board: MemoryBoard;
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
  listRules: ({ deps: { board, ruleSource } }) => ok(toRulesAnswer(board.views(), ruleSource)),
  listAlerts: ({ deps: { board } }) => ok(toAlertsAnswer(board.views())),
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

function answerVerdict(
  query: Checked<VerdictQuery>,
  { board }: ApiDeps,
  toAnswer: (answer: Extract<ReturnType<typeof askVerdict>, { kind: 'ok' }>['answer']) => ApiAnswer,
): ApiAnswer {
  if ('problem' in query) return fail(400, 'bad_data', query.problem);
  const asked = askVerdict(board.views(), query.value);
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
