// Reading of a gRPC call that failed although its HTTP code is 200, as gRPC has it: the status is in the trailers.
import type { LineView, Reading } from './line-view.ts';
import { ambiguous, certain, likely } from './line-view.ts';

const ok = 0;
const unknown = 2;
/** The highest number that gRPC defines. */
const lastStatus = 16;

// The server's own failures, as OpenTelemetry and gRPC's clients count them: UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED,
// UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS. All others say something of the request.
const serverFaults: ReadonlySet<number> = new Set([unknown, 4, 8, 12, 13, 14, 15]);
// What a proxy answers itself to a gRPC call (Envoy maps its 429, 502 to 504, and what it cannot map, to these).
const proxyAnswers: ReadonlySet<number> = new Set([unknown, 4, 8, 14]);

/** What a status says of a line whose code and flags say nothing, `null` for OK. */
export function readGrpcStatus(line: LineView, status: number | string): Reading | null {
  if (status === ok) return null;
  if (typeof status === 'string') return ambiguous('app_error');
  // Envoy before 1.27 wrote UNKNOWN for every plain 200 as well: https://github.com/envoyproxy/envoy/pull/27219
  if (status === unknown && line.isHttp1) return null;
  if (status > lastStatus) return ambiguous('app_error');
  if (!serverFaults.has(status))
    return line.reporter === 'destination' ? certain('client_error') : likely('client_error');
  if (line.reporter === 'destination') return likely('app_error');
  return line.reporter === 'source' && !proxyAnswers.has(status) ? likely('app_error') : ambiguous('app_error');
}
