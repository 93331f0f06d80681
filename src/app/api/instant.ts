// Instants as the HTTP API writes them.

/** ISO 8601 in UTC, of epoch milliseconds. */
export function toInstant(atMs: number): string {
  return new Date(atMs).toISOString();
}
