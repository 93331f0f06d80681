// Readings of an answer as such: no flag decides, so the response code does, and how far a side can trust it.
import type { LineView, Reading } from './line-view.ts';
import { ambiguous, certain, likely } from './line-view.ts';
import { readGrpcStatus } from './read-grpc-status.ts';

/** The last reading: always has an answer. */
export function readCode(line: LineView): Reading {
  if (line.code >= 500) return readServerError(line);
  if (line.code >= 400) return readClientError(line);
  const failedCall = line.grpcStatus === null ? null : readGrpcStatus(line, line.grpcStatus);
  if (failedCall !== null) return failedCall;
  // A destination does not see what its caller's proxy made of the answer: a delay injected there, a timeout just passed.
  const isPlain = line.terminationDetails === '' && line.transportFailure === '';
  return line.reporter === 'source' && isPlain ? certain('none') : likely('none');
}

function readServerError(line: LineView): Reading {
  // Seen from the destination it is the application's own answer; a failed dependency of it may stand behind.
  if (line.reporter === 'destination') return likely('app_error');
  // A sidecar answers 502, 503 and 504 for an application that is down, closes or is slow: the source sees the same line.
  const sidecarAnswers = line.code >= 502 && line.code <= 504;
  return line.reporter === 'source' && !sidecarAnswers ? likely('app_error') : ambiguous('app_error');
}

// What the destination's proxy answers when it refuses; the application may mean the same code otherwise.
const refusalCodes = new Set([401, 403, 429]);

function readClientError(line: LineView): Reading {
  if (line.reporter === 'destination') return certain('client_error');
  return refusalCodes.has(line.code) ? ambiguous('client_error') : likely('client_error');
}
