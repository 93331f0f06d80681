// Which receivers an alert goes to, grouped how and when: Alertmanager's tree of routes, compiled. The settings file is held to these types.
import { fingerprint, type Labels } from '#core/labels.ts';
import type { AlertMatcher, LabelsTest } from './alert-matcher.ts';
import { compileAlertMatchers, labelOf, renderAlertMatcher } from './alert-matcher.ts';
import type { Inhibition, InhibitRule } from './inhibition.ts';
import { compileInhibition } from './inhibition.ts';
import type { TimeInterval } from './time-interval.ts';
import { isInIntervals } from './time-interval.ts';

/** A node of the tree as it is written. What is missing is the parent's, but for the time intervals: those are a route's own. */
export interface RouteConfig {
  readonly receiver?: string;
  readonly matchers: readonly AlertMatcher[];
  readonly continues: boolean;
  /** `all`: each alert by itself (`group_by: ['...']`). */
  readonly groupBy?: readonly string[] | 'all';
  readonly groupWaitMs?: number;
  readonly groupIntervalMs?: number;
  /** `null`: never. */
  readonly repeatIntervalMs?: number | null;
  readonly muteTimeIntervals: readonly string[];
  readonly activeTimeIntervals: readonly string[];
  readonly routes: readonly RouteConfig[];
}

/** All of it as it is written: checked, so that every name is known. */
export interface RoutingConfig {
  readonly route: RouteConfig;
  /** Ids of the places that a receiver tells, by its name. */
  readonly receivers: Readonly<Record<string, readonly string[]>>;
  readonly inhibitRules: readonly InhibitRule[];
  readonly timeIntervals: Readonly<Record<string, readonly TimeInterval[]>>;
}

/** A route, with what it takes from its parents. */
export interface Route {
  /** The matchers on the way to it: the same as long as they are, wherever it stands. The root is `{}`. */
  readonly id: string;
  readonly receiver: string;
  /** Places to tell. */
  readonly targets: readonly string[];
  readonly groupBy: readonly string[] | 'all';
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number | null;
  /** Whether nothing new may be told at a time. */
  isMuted(atMs: number): boolean;
}

/** The whole, compiled. */
export interface Routing {
  /** The routes of an alert with these labels (`alertname` among them): at least one, several where a route says `continue`. */
  routesOf(labels: Labels): readonly Route[];
  /** `null` where the configuration has no such route any more. */
  routeById(id: string): Route | null;
  readonly inhibition: Inhibition;
}

/** The place to tell where no receivers are configured: Slack, or the console. */
export const defaultTarget = 'default';

/** One incident for each service that is called, whichever rules see it: an outage shows in several. */
export const defaultGroupBy: readonly string[] = ['destination_service', 'destination_namespace'];

/** Without a configuration: an incident for each service that is called, told at once, edited at once, never repeated. */
export const defaultRouting: RoutingConfig = {
  route: {
    receiver: 'default',
    matchers: [],
    continues: false,
    groupBy: defaultGroupBy,
    groupWaitMs: 0,
    groupIntervalMs: 0,
    repeatIntervalMs: null,
    muteTimeIntervals: [],
    activeTimeIntervals: [],
    routes: [],
  },
  receivers: { default: [defaultTarget] },
  inhibitRules: [],
  timeIntervals: {},
};

interface Node {
  readonly route: Route;
  readonly accepts: LabelsTest;
  readonly continues: boolean;
  readonly children: readonly Node[];
}

/** Compiles a configuration whose names are known. Throws `PatternError` on a pattern that is none. */
export function compileRouting(config: RoutingConfig): Routing {
  const byId = new Map<string, Route>();
  const root = compileNode(config.route, null, { config, byId, place: 0 });
  return {
    // The root takes everything, whatever its matchers.
    routesOf: (labels) => routesBelow(root, labels),
    routeById: (id) => byId.get(id) ?? null,
    inhibition: compileInhibition(config.inhibitRules),
  };
}

function routesBelow(node: Node, labels: Labels): readonly Route[] {
  const found: Route[] = [];
  for (const child of node.children) {
    if (!child.accepts(labels)) continue;
    found.push(...routesBelow(child, labels));
    if (!child.continues) break;
  }
  return found.length > 0 ? found : [node.route];
}

interface Compiling {
  readonly config: RoutingConfig;
  readonly byId: Map<string, Route>;
  /** Among its siblings. */
  readonly place: number;
}

function compileNode(own: RouteConfig, parent: Route | null, { config, byId, place }: Compiling): Node {
  const receiver = own.receiver ?? parent?.receiver ?? '';
  const id = uniqueId(own, parent, byId, place);
  const intervalsOf = (names: readonly string[]) => names.flatMap((name) => config.timeIntervals[name] ?? []);
  const mute = intervalsOf(own.muteTimeIntervals);
  const active = intervalsOf(own.activeTimeIntervals);
  const route: Route = {
    id,
    receiver,
    targets: config.receivers[receiver] ?? [],
    groupBy: own.groupBy ?? parent?.groupBy ?? 'all',
    groupWaitMs: own.groupWaitMs ?? parent?.groupWaitMs ?? 0,
    groupIntervalMs: own.groupIntervalMs ?? parent?.groupIntervalMs ?? 0,
    repeatIntervalMs: own.repeatIntervalMs === undefined ? (parent?.repeatIntervalMs ?? null) : own.repeatIntervalMs,
    isMuted: (atMs) =>
      isInIntervals(mute, atMs) || (own.activeTimeIntervals.length > 0 && !isInIntervals(active, atMs)),
  };
  byId.set(id, route);
  return {
    route,
    accepts: compileAlertMatchers(own.matchers),
    continues: own.continues,
    children: own.routes.map((child, i) => compileNode(child, route, { config, byId, place: i })),
  };
}

function uniqueId(own: RouteConfig, parent: Route | null, byId: ReadonlyMap<string, Route>, place: number): string {
  if (parent === null) return '{}';
  const id = `${parent.id}/{${own.matchers.map(renderAlertMatcher).join(',')}}`;
  return byId.has(id) ? `${id}#${place}` : id;
}

/** Identity of the group that an alert belongs to under a route, and the labels that the group shares. */
export function groupOf(
  route: Route,
  alert: { readonly fingerprint: string; readonly labels: Labels },
): { readonly id: string; readonly labels: Labels } {
  if (route.groupBy === 'all') {
    const isRoot = route.id === '{}';
    const id = isRoot ? alert.fingerprint : fingerprint({ route: route.id, alert: alert.fingerprint });
    return { id, labels: alert.labels };
  }
  const labels = Object.fromEntries(
    route.groupBy
      .filter((name) => labelOf(alert.labels, name) !== '')
      .map((name) => [name, labelOf(alert.labels, name)]),
  );
  return { id: fingerprint({ route: route.id, group: JSON.stringify(Object.entries(labels).sort()) }), labels };
}
