// Reads the body of a request, within a bound.
import type { IncomingMessage } from 'node:http';

/** Canary judges and silences need some hundred bytes. */
export const maxBodyBytes = 65_536;

/** The body as text, or `null` where it is larger than the bound: then the rest is not read. Rejects when the client goes away. */
export async function readBody(request: IncomingMessage): Promise<string | null> {
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxBodyBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
