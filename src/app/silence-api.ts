// The silences of a flagwatch that runs, through its HTTP API: for commands where there is no Kafka that both could reach.
import { askJson, type JsonRequest } from '#adapters/http/json-client.ts';
import { isAlertMatcher, parseAlertMatcher } from '#config/alert-matcher-text.ts';
import { apiPrefix } from '#config/api-operations.ts';
import { answerSchemas, checkInput, errorAnswer, type SilenceAnswer } from '#config/api-schema.ts';
import { renderAlertMatcher } from '#core/notify/alert-matcher.ts';
import type { Silence } from '#core/notify/silence.ts';
import { toVisibleText } from '#core/notify/visible-text.ts';
import { AdapterError } from '#ports/adapter-error.ts';
import type { SilencePlace } from './silence-places.ts';

/** Setting a silence waits for room behind the loops, reading them for a topic: some seconds each. */
const timeoutMs = 15_000;
/** Thousands of silences. */
const maxAnswerBytes = 16_777_216;

/** Whom to ask. */
export interface ApiAddress {
  /** `http://127.0.0.1:9464`. */
  readonly url: string;
  readonly token: string | null;
}

/** Throws `API_UNAVAILABLE` where nothing answers, `API_REJECTED` where what answers refuses, or is no flagwatch. */
export function createApiSilences({ url, token }: ApiAddress): SilencePlace {
  const ask = async (method: JsonRequest['method'], path: string, body?: unknown): Promise<unknown> => {
    const at = { url: `${url}${apiPrefix}${path}`, method, token, timeoutMs, maxAnswerBytes };
    const answer = await askJson(body === undefined ? at : { ...at, body });
    if (answer.kind === 'failed') throw unavailable(url, answer.detail);
    if (answer.status >= 300) throw refused(url, answer.status, answer.body);
    return answer.body;
  };
  const one = (body: unknown): Silence => {
    const checked = checkInput(answerSchemas.silence, body);
    if ('problem' in checked) throw unreadable(url);
    return toSilence(url, checked.value.data);
  };
  return {
    name: url,
    list: async () => {
      const checked = checkInput(answerSchemas.silences, await ask('GET', '/silences'));
      if ('problem' in checked) throw unreadable(url);
      return checked.value.data.map((answer) => toSilence(url, answer));
    },
    add: async ({ matchers, fromMs, untilMs, author, reason }) => {
      const [from, until] = [new Date(fromMs).toISOString(), new Date(untilMs).toISOString()];
      return one(
        await ask('POST', '/silences', { matchers: matchers.map(renderAlertMatcher), from, until, author, reason }),
      );
    },
    end: async ({ id }) => one(await ask('DELETE', `/silences/${encodeURIComponent(id)}`)),
    close: () => Promise.resolve(),
  };
}

function toSilence(url: string, { id, from, until, author, reason, matchers: texts }: SilenceAnswer): Silence {
  const parsed = texts.map(parseAlertMatcher);
  const matchers = parsed.filter(isAlertMatcher);
  if (matchers.length < parsed.length) throw unreadable(url);
  return { id, matchers, fromMs: Date.parse(from), untilMs: Date.parse(until), author, reason };
}

function unavailable(url: string, detail: string): AdapterError {
  const message = `nothing answers at ${url}: ${detail}: start “flagwatch run”, say where one runs with --url, or name settings with kafka (-c FILE)`;
  return new AdapterError('API_UNAVAILABLE', message, { retryable: true });
}

function refused(url: string, status: number, body: unknown): AdapterError {
  const checked = checkInput(errorAnswer, body);
  const why = 'problem' in checked ? '' : `: ${toVisibleText(checked.value.error.slice(0, 500))}`;
  const remedy = status === 401 ? ' (the command takes http.token from its settings: -c FILE)' : '';
  const message = `${url} answers with HTTP ${status}${why}${remedy}`;
  return new AdapterError('API_REJECTED', message, { retryable: status === 429 || status >= 500 });
}

function unreadable(url: string): AdapterError {
  const message = `${url} answers something else than silences: is a flagwatch of this version there?`;
  return new AdapterError('API_REJECTED', message, { retryable: false });
}
