// The incidents of a run: each kind once, in an order and at places that the seed chooses, with time to calm down in between.
import { everydayTrouble } from './everyday-trouble.ts';
import type { Deploy } from './fleet.ts';
import type { Effect, FailEffect, Incident, IncidentKind, Plan } from './incident.ts';
import { SeededRandom } from './seeded-random.ts';
import { edges, services } from './topology.ts';

const minuteMs = 60_000;
/** Before the first incident: what a new installation needs to know its mesh. */
const learningMs = 75 * minuteMs;
/** Between the end of an incident and the next one's onset. */
const calmMs = 15 * minuteMs;
/** How long a new version serves before it breaks, where it was sound at first. */
const soundMs = 2 * minuteMs;

interface Draft {
  readonly incident: Incident;
  readonly effects: readonly Effect[];
  readonly deploys?: readonly Deploy[];
}

interface DraftInput {
  readonly random: SeededRandom;
  readonly onsetAtMs: number;
  readonly number: number;
}

type DraftMaker = (input: DraftInput) => Draft;

/** Plans a run in which each kind happens once. */
export function planIncidents(seed: number): Plan {
  const random = new SeededRandom(seed, 3);
  // A morning in Seoul: traffic is there, and rises and falls by the hour while it goes on.
  const day = Math.floor(random.next() * 7);
  const startAtMs = Date.UTC(2026, 10, 16 + day, 0, Math.floor(random.next() * 120));
  const incidents: Incident[] = [];
  const effects: Effect[] = [];
  const deploys: Deploy[] = [];
  let atMs = startAtMs + learningMs;
  for (const kind of random.shuffle(Object.keys(makers) as (keyof typeof makers)[])) {
    const draft = makers[kind]({
      random,
      onsetAtMs: atMs + Math.floor(random.between(0, minuteMs)),
      number: incidents.length,
    });
    incidents.push(draft.incident);
    effects.push(...draft.effects);
    deploys.push(...(draft.deploys ?? []));
    atMs = draft.incident.endAtMs + calmMs;
  }
  effects.push(...everydayTrouble(startAtMs, atMs, random));
  return { startAtMs, endAtMs: atMs, incidents, effects, deploys };
}

/** The name of a service's next version, `number` further on. */
export function nextVersion(version: string, number: number): string {
  return `v${Number(version.slice(1)) + 1 + number}`;
}

function versionOf(service: string): string {
  return services.find(({ name }) => name === service)?.version ?? 'v1';
}

function draft(
  input: DraftInput,
  minutes: number,
  facts: Pick<Incident, 'kind' | 'destination' | 'story'> & Partial<Incident>,
  effects: (scope: Omit<FailEffect, 'kind' | 'cause' | 'share'>) => readonly Effect[],
  deploys: readonly Deploy[] = [],
): Draft {
  const { onsetAtMs } = input;
  const endAtMs = onsetAtMs + minutes * minuteMs;
  const incident = { source: null, version: null, innocentVersion: null, onsetAtMs, endAtMs, ...facts };
  const { source, destination, version } = incident;
  return { incident, effects: effects({ fromMs: onsetAtMs, untilMs: endAtMs, source, destination, version }), deploys };
}

function even(share: number): FailEffect['share'] {
  return { from: share, to: share };
}

interface BadVersion {
  readonly kind: IncidentKind;
  readonly services: readonly string[];
  readonly share: number;
  readonly failing: readonly [number, number];
  readonly minutes: number;
}

/** A new version that fails, beside the old one that does not; rolled back at the end. */
function badVersion({ kind, services: candidates, share, failing, minutes }: BadVersion): DraftMaker {
  return (input) => {
    const { random, onsetAtMs, number } = input;
    const destination = random.pick(candidates);
    const version = nextVersion(versionOf(destination), number);
    const cause = random.pick(['app_error', 'app_closed'] as const);
    const failShare = random.between(...failing);
    const isBadAtOnce = random.chance(0.5);
    const story = `${destination} ${version} gets ${share * 100} % and fails ${(failShare * 100).toFixed(0)} % (${cause})`;
    const endAtMs = onsetAtMs + minutes * minuteMs;
    const deploy = {
      service: destination,
      version,
      deployId: `d-${2000 + number}`,
      steps: [
        { atMs: isBadAtOnce ? onsetAtMs : onsetAtMs - soundMs, share },
        { atMs: endAtMs, share: 0 },
      ],
    };
    const effects = (scope: Omit<FailEffect, 'kind' | 'cause' | 'share'>): readonly Effect[] => [
      { ...scope, kind: 'fail', cause, share: even(failShare) },
    ];
    return draft(input, minutes, { kind, destination, version, story }, effects, [deploy]);
  };
}

/** An edge, or a service whatever its caller, of which a share of calls fails for one cause. */
function failing(
  kind: IncidentKind,
  minutes: number,
  places: readonly (readonly [source: string | null, destination: string])[],
  causes: readonly FailEffect['cause'][],
  shares: readonly [number, number],
): DraftMaker {
  return (input) => {
    const [source, destination] = input.random.pick(places);
    const cause = input.random.pick(causes);
    const share = input.random.between(...shares);
    const story = `${source ?? 'everybody'} → ${destination}: ${(share * 100).toFixed(0)} % ${cause}`;
    return draft(input, minutes, { kind, source, destination, story }, (scope) => [
      { ...scope, kind: 'fail', cause, share: even(share) },
    ]);
  };
}

const timeouts: DraftMaker = (input) => {
  const destination = input.random.pick(['billing', 'search', 'risk', 'stock']);
  const share = input.random.between(0.5, 0.8);
  // Beyond the longest patience of its callers.
  const addMs =
    1.6 * Math.max(...edges.filter((edge) => edge.destination === destination).map((edge) => edge.timeoutMs));
  const story = `${destination}: ${(share * 100).toFixed(0)} % take ${(addMs / 1000).toFixed(1)} s more, longer than its callers wait`;
  return draft(input, 6, { kind: 'timeouts', destination, story }, (scope) => [
    { ...scope, kind: 'slow', share, factor: 1, addMs },
  ]);
};

const slowCallee: DraftMaker = (input) => {
  const destination = input.random.pick(['search', 'orders', 'accounts', 'delivery', 'basket']);
  const factor = input.random.between(4, 8);
  const story = `${destination} takes ${factor.toFixed(1)} times as long, without timeouts`;
  return draft(input, 8, { kind: 'slow-callee', destination, story }, (scope) => [
    { ...scope, kind: 'slow', share: 1, factor, addMs: 0 },
  ]);
};

const trafficGone: DraftMaker = (input) => {
  const [source, destination] = input.random.pick([
    ['gateway', 'orders'],
    ['storefront', 'search'],
    ['storefront', 'basket'],
    ['orders', 'delivery'],
    ['gateway', 'accounts'],
  ] as const);
  const story = `${source} does not call ${destination} any more`;
  return draft(input, 8, { kind: 'traffic-gone', source, destination, story }, (scope) => [
    { ...scope, kind: 'silence' },
  ]);
};

const slowBurn: DraftMaker = (input) => {
  const destination = input.random.pick(['billing', 'stock', 'accounts', 'search']);
  const to = input.random.between(0.15, 0.3);
  const story = `${destination} fails more and more, from nothing to ${(to * 100).toFixed(0)} % in 40 minutes`;
  return draft(input, 40, { kind: 'slow-burn', destination, story }, (scope) => [
    { ...scope, kind: 'fail', cause: 'app_error', share: { from: 0, to } },
  ]);
};

/** A new version comes at the same time as something that breaks the old one as well. */
const innocentDeploy: DraftMaker = (input) => {
  const { random, onsetAtMs, number } = input;
  const destination = random.pick(['billing', 'orders', 'delivery', 'accounts']);
  const innocentVersion = nextVersion(versionOf(destination), number);
  const share = random.between(0.25, 0.5);
  const cause = random.pick(['app_error', 'app_closed'] as const);
  const minutes = 12;
  const story = `${destination} ${innocentVersion} gets 30 %, then both versions fail ${(share * 100).toFixed(0)} % (${cause})`;
  const deploy = {
    service: destination,
    version: innocentVersion,
    deployId: `d-${2000 + number}`,
    steps: [
      { atMs: onsetAtMs - soundMs, share: 0.3 },
      { atMs: onsetAtMs + minutes * minuteMs, share: 0 },
    ],
  };
  const facts = { kind: 'innocent-deploy', destination, innocentVersion, story } as const;
  return draft(input, minutes, facts, (scope) => [{ ...scope, kind: 'fail', cause, share: even(share) }], [deploy]);
};

const busy = ['storefront', 'search', 'accounts'];

const makers: Readonly<Record<IncidentKind, DraftMaker>> = {
  'canary-1-percent': badVersion({
    kind: 'canary-1-percent',
    services: busy,
    share: 0.01,
    failing: [0.7, 1],
    minutes: 15,
  }),
  'canary-5-percent': badVersion({
    kind: 'canary-5-percent',
    services: [...busy, 'basket', 'orders', 'stock'],
    share: 0.05,
    failing: [0.3, 0.7],
    minutes: 12,
  }),
  'bad-rollout': badVersion({
    kind: 'bad-rollout',
    services: ['billing', 'delivery', 'risk', 'stock', 'orders'],
    share: 0.5,
    failing: [0.5, 0.9],
    minutes: 8,
  }),
  'service-gone': failing(
    'service-gone',
    6,
    [
      [null, 'search'],
      [null, 'basket'],
      [null, 'delivery'],
      [null, 'stock'],
      [null, 'risk'],
    ],
    ['no_endpoint', 'unreachable', 'app_down'],
    [1, 1],
  ),
  'route-lost': failing(
    'route-lost',
    6,
    [
      ['storefront', 'search'],
      ['orders', 'delivery'],
      ['orders', 'stock'],
      ['billing', 'risk'],
      ['gateway', 'orders'],
    ],
    ['no_route'],
    [0.6, 1],
  ),
  timeouts,
  'slow-callee': slowCallee,
  'callers-leaving': failing(
    'callers-leaving',
    6,
    [
      ['gateway', 'storefront'],
      ['gateway', 'orders'],
      ['gateway', 'accounts'],
    ],
    ['caller_left'],
    [0.3, 0.6],
  ),
  'breaker-open': failing(
    'breaker-open',
    6,
    [
      ['orders', 'billing'],
      ['storefront', 'search'],
      ['basket', 'stock'],
    ],
    ['circuit_open'],
    [0.5, 0.9],
  ),
  'traffic-gone': trafficGone,
  'low-volume': failing('low-volume', 20, [['accounts', 'mailer']], ['app_error', 'app_closed'], [0.9, 0.9]),
  'slow-burn': slowBurn,
  'innocent-deploy': innocentDeploy,
};
