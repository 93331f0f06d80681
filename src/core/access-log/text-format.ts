// Istio's default TEXT format, read into the keys of the default JSON format, so that one mapping serves both.
// https://istio.io/latest/docs/tasks/observability/logs/access-log/
import type { JsonObject, Unreadable } from './field-value.ts';
import { quoteValue, unreadable } from './field-value.ts';

// Cutting a whole line at its quotes gives these pieces: text between quotes at the odd places, the rest between them.
const pieceCount = 15;
const userAgentPiece = 7;

const head = /^\[([^\]\s]+)\] $/;
const request = /^(\S+) (.+) (\S+)$/;
const response = /^ (\S+) (\S+) (\S+) (\S+) $/;
const numbers = /^ (\S+) (\S+) (\S+) (\S+) $/;
// A route is named by people and may hold spaces; it is the last.
const tail = /^ (\S+) (\S+) (\S+) (\S+) (\S+) (.+)$/;

/**
 * The fields of a TEXT line as strings. Envoy does not escape quotes in this format: only a user agent may hold some,
 * and never `" "`. Whatever else a caller hides in a header or a path cannot shift one field into another; such a line
 * is unreadable.
 */
export function parseTextLine(line: string): JsonObject | Unreadable {
  const pieces = line.split('"');
  const surplus = pieces.length - pieceCount;
  if (surplus < 0) return malformed('quotes', line, `${pieceCount - 1} quotes`);
  const merged = pieces.splice(userAgentPiece, surplus + 1);
  if (surplus > 0 && merged.includes(' ')) return malformed('user_agent', merged.join('"'), 'one quoted text');
  pieces.splice(userAgentPiece, 0, merged.join('"'));
  return toFields(pieces);
}

function toFields(pieces: readonly string[]): JsonObject | Unreadable {
  const piece = (index: number): string => pieces[index] ?? '';
  const start = head.exec(piece(0));
  if (start === null) return malformed('start_time', piece(0), '[time] and the quoted request');
  const line = request.exec(piece(1));
  if (line === null) return malformed('request', piece(1), 'method, path and protocol');
  const result = response.exec(piece(2));
  if (result === null) return malformed('response', piece(2), 'code, flags, details and termination details');
  const sizes = numbers.exec(piece(4));
  if (sizes === null) return malformed('numbers', piece(4), 'bytes received, bytes sent, duration, service time');
  for (const between of [6, 8, 10, 12]) {
    if (piece(between) !== ' ') return malformed('quotes', piece(between), 'one space between quoted fields');
  }
  const end = tail.exec(piece(14));
  if (end === null) return malformed('addresses', piece(14), 'cluster, three addresses, server name and route');
  return {
    start_time: start[1],
    method: line[1],
    path: line[2],
    protocol: line[3],
    response_code: result[1],
    response_flags: result[2],
    response_code_details: result[3],
    connection_termination_details: result[4],
    upstream_transport_failure_reason: piece(3),
    bytes_received: sizes[1],
    bytes_sent: sizes[2],
    duration: sizes[3],
    upstream_service_time: sizes[4],
    x_forwarded_for: piece(5),
    user_agent: piece(userAgentPiece),
    request_id: piece(9),
    authority: piece(11),
    upstream_host: piece(13),
    upstream_cluster: end[1],
    upstream_local_address: end[2],
    downstream_local_address: end[3],
    downstream_remote_address: end[4],
    requested_server_name: end[5],
    route_name: end[6],
  };
}

function malformed(field: string, value: string, expected: string): Unreadable {
  return unreadable('malformed_text', `${field}: ${quoteValue(value)}: expected ${expected}`);
}
