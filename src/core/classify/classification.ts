// Faults, parties and confidence: the vocabulary of blame, made by classify and sharpened by correlate.

/** What broke, as far as the lines show it. */
export const faults = [
  'none',
  'client_error',
  'app_error',
  'app_down',
  'app_closed',
  'app_truncated',
  'app_protocol',
  'timeout',
  'circuit_open',
  'unreachable',
  'no_endpoint',
  'no_route',
  'no_cluster',
  'egress_blocked',
  'tls',
  'dns',
  'shed',
  'injected',
  'max_duration',
  'denied',
  'rate_limited',
  'limiter_down',
  'caller_left',
  'caller_protocol',
  'caller_stalled',
  'dependency',
] as const;
export type Fault = (typeof faults)[number];

/**
 * Who has to act. `caller`: left early or sent something broken. `callee`: the destination application. `mesh`: routes,
 * clusters, TLS, DNS, limits of the proxies. `policy`: refused on purpose. `beyond`: a call that the callee made itself.
 */
export const parties = ['none', 'caller', 'callee', 'mesh', 'policy', 'beyond'] as const;
export type Party = (typeof parties)[number];

/**
 * How far one line can be trusted. `certain`: the line settles what broke on its own hop. `likely`: it names the usual
 * cause, the other side may correct it. `ambiguous`: several faults look the same here, so pair both sides before blaming.
 */
export const confidences = ['certain', 'likely', 'ambiguous'] as const;
export type Confidence = (typeof confidences)[number];

/** Who has to act on which fault: each fault has one party. */
export const faultParties: Readonly<Record<Fault, Party>> = {
  none: 'none',
  client_error: 'none',
  app_error: 'callee',
  app_down: 'callee',
  app_closed: 'callee',
  app_truncated: 'callee',
  app_protocol: 'callee',
  timeout: 'callee',
  circuit_open: 'callee',
  unreachable: 'callee',
  no_endpoint: 'callee',
  no_route: 'mesh',
  no_cluster: 'mesh',
  egress_blocked: 'mesh',
  tls: 'mesh',
  dns: 'mesh',
  shed: 'mesh',
  injected: 'mesh',
  max_duration: 'mesh',
  denied: 'policy',
  rate_limited: 'policy',
  limiter_down: 'mesh',
  caller_left: 'caller',
  caller_protocol: 'caller',
  caller_stalled: 'caller',
  dependency: 'beyond',
};

/** The reading of one line alone. */
export interface Classification {
  /** Envoy's short names in the line's order, unknown ones kept. */
  readonly flags: readonly string[];
  readonly fault: Fault;
  readonly party: Party;
  readonly confidence: Confidence;
}
