// Asks another flagwatch's API: one request, one answer as JSON, bounded in time and size. What it answers is untrusted: the caller checks
// its form.

/** One request. */
export interface JsonRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Shown as `Authorization: Bearer …`; `null`: none. */
  readonly token: string | null;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** For the whole of it, the reading of the answer among it. */
  readonly timeoutMs: number;
  /** A larger answer is not read to its end. */
  readonly maxAnswerBytes: number;
}

/** Why there is no answer. */
export type JsonFailure = 'timeout' | 'unreachable' | 'too_large' | 'unreadable';

/** An answer with any status, or why there is none. `detail` holds nothing of the other side's text. */
export type JsonAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'failed'; readonly why: JsonFailure; readonly detail: string };

/** Asks once; redirects are not followed. Never rejects. */
export async function askJson(request: JsonRequest): Promise<JsonAnswer> {
  const { url, method, token, body, timeoutMs, maxAnswerBytes } = request;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method,
      headers: {
        accept: 'application/json',
        'user-agent': 'flagwatch',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // The token goes where the configuration says, and nowhere else.
      redirect: 'manual',
      signal: timeout,
    });
    const text = await readText(response, maxAnswerBytes);
    if (text === null) return failed('too_large', `it answers with more than ${maxAnswerBytes} bytes`);
    const parsed = parseJson(text);
    if (parsed === undefined) return failed('unreadable', `HTTP ${response.status} without JSON`);
    return { kind: 'answered', status: response.status, body: parsed };
  } catch (error) {
    if (timeout.aborted) return failed('timeout', `no answer within ${timeoutMs} ms`);
    return failed('unreachable', `it cannot be reached (${errorCode(error)})`);
  }
}

function failed(why: JsonFailure, detail: string): JsonAnswer {
  return { kind: 'failed', why, detail };
}

async function readText({ body }: Response, maxBytes: number): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early cancels the rest.
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The code of the system's error, some causes deep. */
function errorCode(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    const code: unknown = 'code' in at ? at.code : null;
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code)) return code;
  }
  return 'no answer';
}
