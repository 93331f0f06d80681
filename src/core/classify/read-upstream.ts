// Readings of what went wrong between a proxy and the host behind it: connecting, waiting, breaking off.
import type { LineView, Reading, ReadLine } from './line-view.ts';
import { ambiguous, certain, likely } from './line-view.ts';

/** Envoy's flags for its upstream, in the order in which they decide: the direct cause before what only went with it. */
export const readUpstreamFlag: ReadLine = (line) => {
  if (line.flags.length === 0) return null;
  for (const [flag, read] of upstreamFlags) {
    if (line.flags.includes(flag)) {
      const reading = read(line);
      if (reading !== null) return reading;
    }
  }
  return null;
};

const upstreamFlags: readonly (readonly [string, ReadLine])[] = [
  ['UF', readConnectionFailure],
  ['UC', readReset],
  ['UR', readReset],
  ['UPE', readProtocolError],
  ['UT', () => certain('timeout')],
  ['UMSDR', readLimit],
  ['SI', readLimit],
  ['UO', readOverflow],
  ['UH', readNoHost],
  ['DT', () => certain('max_duration')],
  // Our own proxy broke it off: the upstream closed half-way, or a pool was drained. The line does not say which.
  ['LR', (line) => ambiguous(line.responseStarted ? 'app_truncated' : 'app_closed')],
  ['URX', readRetriesExceeded],
];

// Envoy writes its TLS errors with blanks or, in newer releases, underscores: `TLS error: 268435581:SSL routines:…`.
const tlsError = /TLS[_ ]error|SSL[_ ]routines|CERTIFICATE_VERIFY_FAILED/;

function isTlsError(line: LineView): boolean {
  return tlsError.test(line.transportFailure) || tlsError.test(line.details);
}

function readConnectionFailure(line: LineView): Reading {
  if (isTlsError(line)) return certain('tls');
  if (line.reporter === 'destination') {
    return line.cluster.startsWith('InboundPassthroughCluster') ? likely('app_down') : certain('app_down');
  }
  // What is unreachable is known, why is not: host gone, port closed, network policy. And it is the line at which the
  // failure of a whole chain ends, whose head then reads differently.
  return line.reporter === 'source' ? likely('unreachable') : ambiguous('unreachable');
}

function readReset(line: LineView): Reading {
  if (isTlsError(line)) return certain('tls');
  if (line.responseStarted) return certain('app_truncated');
  // Before its sidecar answers 503 for it, a source sees a closed connection only where there is no sidecar, where that
  // sidecar went away itself, or where it refuses plaintext (tls).
  return line.reporter === 'destination' ? certain('app_closed') : likely('app_closed');
}

function readProtocolError(line: LineView): Reading {
  if (line.responseStarted) return certain('app_truncated');
  // Plaintext to a port that speaks TLS comes back as bytes that are not HTTP, too.
  return line.reporter === 'destination' ? certain('app_protocol') : likely('app_protocol');
}

/** SI and UMSDR: 408 says that the request was still coming, 504 that it was complete. */
function readLimit(line: LineView): Reading {
  if (line.code === 408) return certain('caller_stalled');
  // In the middle of a body also a caller that stopped reading looks like this.
  return line.code === 504 ? certain('timeout') : likely('timeout');
}

function readOverflow(line: LineView): Reading | null {
  if (line.details === 'maintenance_mode') return certain('shed');
  // The answer came from upstream: only a retry was refused for want of budget, so the answer decides.
  if (line.details === 'via_upstream') return null;
  return certain('circuit_open');
}

function readNoHost(line: LineView): Reading {
  const usual = line.reporter === 'source' && line.cluster !== 'PassthroughCluster';
  return usual ? certain('no_endpoint') : likely('no_endpoint');
}

function readRetriesExceeded(line: LineView): Reading | null {
  if (line.isHttp) return null;
  return line.reporter === 'destination' ? likely('app_down') : likely('unreachable');
}
