// The mesh that is simulated: services, who calls whom and how often, how long they take, and what fails every day without being an
// incident. The names stand for nothing: no rule and no code of the product knows them.

/** A service; its pods are made in fleet.ts. */
export interface ServiceSpec {
  readonly name: string;
  readonly namespace: string;
  readonly podCount: number;
  /** Median of its own work, in milliseconds, without the calls that it makes. */
  readonly workMs: number;
  readonly version: string;
}

/** Shares of requests that fail on an ordinary day, 0..1. */
interface DailyNoise {
  /** 404 and other 4xx of the application. */
  readonly clientError: number;
  readonly callerLeft: number;
  readonly appError: number;
  readonly appClosed: number;
  readonly unreachable: number;
}

/** One edge: a service calling another in the course of a request. */
export interface CallSpec {
  readonly source: string;
  readonly destination: string;
  /** How many of the source's requests make this call, 0..1. */
  readonly share: number;
  /** Further attempts on a 503 or a refused connection: Istio's default is 2. */
  readonly retries: number;
  readonly timeoutMs: number;
  /** Share of failed calls that make the source's own answer a 500. */
  readonly needed: number;
  readonly noise: DailyNoise;
}

/** Where requests begin: a source that calls out of itself. */
export interface FlowSpec {
  readonly name: string;
  readonly call: CallSpec;
  /** Requests a second, the mean of a day at scale 1. */
  readonly perSecond: number;
  /** `daily`: follows the hours of the day; `hourly`: three minutes after each full hour, else nothing; `steady`: all day alike. */
  readonly rhythm: 'daily' | 'hourly' | 'steady';
  /** By how many hours its day is later than that of the others. */
  readonly shiftHours: number;
}

const service = (name: string, namespace: string, podCount: number, workMs: number, version: string): ServiceSpec => ({
  name,
  namespace,
  podCount,
  workMs,
  version,
});

/** `gateway` is where users come in; `sweeper` is a job that runs each hour. */
export const services: readonly ServiceSpec[] = [
  service('gateway', 'ingress', 3, 1, '1-30'),
  service('storefront', 'shop', 4, 18, 'v41'),
  service('search', 'shop', 3, 35, 'v12'),
  service('basket', 'shop', 2, 9, 'v7'),
  service('orders', 'shop', 3, 22, 'v88'),
  service('billing', 'money', 2, 40, 'v5'),
  service('risk', 'money', 2, 15, 'v19'),
  service('stock', 'logistics', 3, 8, 'v23'),
  service('delivery', 'logistics', 2, 30, 'v3'),
  service('accounts', 'identity', 3, 12, 'v54'),
  service('mailer', 'identity', 2, 60, 'v2'),
  service('sweeper', 'batch', 1, 1, 'v9'),
];

const insideNoise: DailyNoise = {
  clientError: 0.006,
  callerLeft: 0.0002,
  appError: 0.0004,
  appClosed: 0.0001,
  unreachable: 0.00005,
};
const userNoise: DailyNoise = { ...insideNoise, clientError: 0.015, callerLeft: 0.003 };

const call = (
  source: string,
  destination: string,
  share: number,
  rest: Partial<Omit<CallSpec, 'source' | 'destination' | 'share'>> = {},
): CallSpec => ({ source, destination, share, retries: 0, timeoutMs: 3000, needed: 0.9, noise: insideNoise, ...rest });

/** The calls that services make in the course of requests. */
export const calls: readonly CallSpec[] = [
  call('storefront', 'search', 0.45, { needed: 0.3, timeoutMs: 2000 }),
  call('storefront', 'basket', 0.3, { retries: 2 }),
  call('storefront', 'accounts', 0.2),
  call('basket', 'stock', 0.5, { retries: 2, timeoutMs: 1000 }),
  call('orders', 'billing', 0.8, { timeoutMs: 5000 }),
  call('orders', 'stock', 0.9),
  call('orders', 'delivery', 0.5, { needed: 0.2 }),
  call('billing', 'risk', 0.7, { timeoutMs: 1500 }),
  call('accounts', 'mailer', 0.06, { needed: 0 }),
];

const users = { noise: userNoise, timeoutMs: 15_000 };

/** Where requests begin. */
export const flows: readonly FlowSpec[] = [
  { name: 'visits', call: call('gateway', 'storefront', 1, users), perSecond: 4, rhythm: 'daily', shiftHours: 0 },
  { name: 'purchases', call: call('gateway', 'orders', 1, users), perSecond: 0.8, rhythm: 'daily', shiftHours: 0.7 },
  { name: 'logins', call: call('gateway', 'accounts', 1, users), perSecond: 1.2, rhythm: 'daily', shiftHours: -0.8 },
  { name: 'sweeps', call: call('sweeper', 'billing', 1), perSecond: 0.05, rhythm: 'hourly', shiftHours: 0 },
];

/** All edges, those of flows included. */
export const edges: readonly CallSpec[] = [...flows.map((flow) => flow.call), ...calls];

/** The service itself, all that call it and all that it calls, directly or not: where an incident of it can be seen. */
export function relatedServices(name: string): ReadonlySet<string> {
  const related = new Set([name]);
  const walk = (from: string, next: (edge: CallSpec) => readonly [string, string]): void => {
    for (const edge of edges) {
      const [at, to] = next(edge);
      if (at !== from) continue;
      related.add(to);
      walk(to, next);
    }
  };
  walk(name, (edge) => [edge.source, edge.destination]);
  walk(name, (edge) => [edge.destination, edge.source]);
  return related;
}
