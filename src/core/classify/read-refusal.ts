// Readings of what a proxy decided itself: policy, routing, injected faults, shedding. The first to look at a line,
// because nothing behind the proxy had a part in it.
import type { LineView, Reading, ReadLine } from './line-view.ts';
import { ambiguous, certain, likely } from './line-view.ts';

/** Refusals that Envoy writes without a flag of their own: by details, route and cluster. */
export const readFlaglessRefusal: ReadLine = (line) => {
  if (line.details.startsWith('rbac_access_denied') || line.terminationDetails.startsWith('rbac_access_denied')) {
    return certain('denied');
  }
  // What was answered well was not sent nowhere. (A gRPC call is refused with 200 as well, by details.)
  if (line.code > 0 && line.code < 400) return null;
  // Istio's own route for hosts outside the registry under outboundTrafficPolicy REGISTRY_ONLY; TCP goes to the cluster.
  if (line.routeName === 'block_all' && (line.details === 'direct_response' || line.details === '')) {
    return certain('egress_blocked');
  }
  return line.cluster === 'BlackHoleCluster' ? certain('egress_blocked') : null;
};

/** Refusals that Envoy marks with a flag. */
export const readFlaggedRefusal: ReadLine = (line) => {
  for (const flag of line.flags) {
    const reading = refusals.get(flag)?.(line);
    if (reading !== undefined) return reading;
  }
  return null;
};

const refusals: ReadonlyMap<string, (line: LineView) => Reading> = new Map<string, (line: LineView) => Reading>([
  // The authorizer that does not answer refuses as well; the line says so, but whose fault that is it cannot tell.
  ['UAEX', (line) => (line.details.startsWith('ext_authz_error') ? likely('denied') : certain('denied'))],
  ['RL', () => certain('rate_limited')],
  ['RLSE', () => certain('limiter_down')],
  ['FI', () => certain('injected')],
  ['NC', () => certain('no_cluster')],
  ['NR', readNoRoute],
  ['DF', () => certain('dns')],
  ['UDO', () => certain('shed')],
  ['DO', () => certain('shed')],
  ['OM', () => certain('shed')],
  // Not a route, but the same kind: the control plane has not delivered what the proxy needs to go on.
  ['NFCF', () => likely('no_route')],
  ['IH', () => certain('caller_protocol')],
  // A destination's caller is another proxy: what that one sends it has mostly passed on.
  ['DPE', (line) => (line.reporter === 'destination' ? likely('caller_protocol') : certain('caller_protocol'))],
  ['LH', () => likely('app_down')],
]);

function readNoRoute(line: LineView): Reading {
  if (line.details === 'filter_chain_not_found') {
    // Inbound: plaintext (or the wrong ALPN) to a port that takes mTLS only. Outbound: nothing listens for the address.
    return likely(line.reporter === 'source' ? 'no_route' : 'tls');
  }
  if (!line.isHttp && line.reporter === 'destination') return likely('tls');
  const isRoute = line.details === '' || line.details.startsWith('route_');
  return isRoute && line.isHttp && line.reporter !== 'destination' ? certain('no_route') : likely('no_route');
}

const localAnswers: ReadonlyMap<string, (line: LineView) => Reading> = new Map<string, (line: LineView) => Reading>([
  ['overload', () => certain('shed')],
  ['overload_error', () => certain('shed')],
  ['maintenance_mode', () => certain('shed')],
  ['max_duration_timeout', (line) => certain(line.code === 408 ? 'caller_stalled' : 'timeout')],
  ['request_overall_timeout', () => certain('caller_stalled')],
  ['request_header_timeout', () => certain('caller_stalled')],
  ['local_rate_limited', () => certain('rate_limited')],
  ['request_rate_limited', () => certain('rate_limited')],
  ['ext_authz_denied', () => certain('denied')],
  ['jwt_authn_access_denied', () => certain('denied')],
  ['direct_response', (line) => (line.code < 500 ? likely('client_error') : ambiguous('shed'))],
]);

/** Answers of the proxy itself that have no flag: limits, rejected requests, shedding, by Envoy's details. */
export const readLocalAnswer: ReadLine = (line) => {
  if (line.details === '' || line.details === 'via_upstream' || (line.code > 0 && line.code < 400)) return null;
  const name = /^[^{[:]*/.exec(line.details)?.[0] ?? '';
  // Any other answer of the proxy: a 4xx is its verdict on the request, a 5xx a limit or a filter of its own.
  const other = line.code < 500 ? likely('caller_protocol') : ambiguous('shed');
  return localAnswers.get(name)?.(line) ?? (line.code === 0 ? null : other);
};
