// Checks of route, receivers, inhibit_rules and time_intervals that need more than one value: names that nobody has, matchers that are
// none, routes that can never be. Called by settings-checks.ts.
import { isAlertMatcher, parseAlertMatcher } from './alert-matcher-text.ts';
import { nearestName } from './nearest-name.ts';
import type { SettingsFile } from './settings.ts';
import type { PlacedFinding } from './yaml-source.ts';
import type { YamlPath } from './yaml-value.ts';

type TopRoute = NonNullable<SettingsFile['route']>;
/** A route of any level, as far as the checks look. */
interface AnyRoute {
  readonly receiver?: string | undefined;
  readonly matchers: readonly string[];
  readonly continue: boolean;
  readonly group_by?: readonly string[] | undefined;
  readonly mute_time_intervals: readonly string[];
  readonly active_time_intervals: readonly string[];
  readonly routes?: readonly AnyRoute[];
}

/** Everything that does not fit together. */
export function checkNotifyRouting(settings: SettingsFile): readonly PlacedFinding[] {
  const { route, receivers, inhibit_rules: inhibitions, time_intervals: intervals } = settings;
  return [
    ...checkTwice(receivers, 'receivers'),
    ...checkTwice(intervals, 'time_intervals'),
    ...(route === undefined ? [] : [...checkTop(route), ...checkRoute(route, ['route'], settings)]),
    ...checkUse(settings),
    ...checkReceivers(settings),
    ...inhibitions.flatMap((rule, i) => {
      const at = ['inhibit_rules', i];
      return [
        ...checkMatchers(rule.source_matchers, [...at, 'source_matchers']),
        ...checkMatchers(rule.target_matchers, [...at, 'target_matchers']),
        ...(rule.target_matchers.length > 0 ? [] : [inhibitsEverything(at)]),
        ...checkAcross(rule.equal_across, [...at, 'equal_across']),
      ];
    }),
  ];
}

function inhibitsEverything(path: YamlPath): PlacedFinding {
  return {
    path,
    message: 'without target_matchers every alert would be kept back',
    remedy: 'say which: target_matchers: [\'severity = "warning"\']',
  };
}

/** A label across to itself is what `equal` says. */
function checkAcross(across: Readonly<Record<string, string>>, path: YamlPath): readonly PlacedFinding[] {
  return Object.entries(across).flatMap(([ofSource, ofTarget]) => {
    if (ofSource !== ofTarget) return [];
    const message = `equal_across compares ${ofSource} of both alerts`;
    return [{ path: [...path, ofSource], message, remedy: `write it in equal: [${ofSource}]` }];
  });
}

function checkTwice(entries: readonly { readonly name: string }[], key: string): readonly PlacedFinding[] {
  return entries.flatMap(({ name }, i) => {
    if (entries.findIndex((other) => other.name === name) === i) return [];
    return [
      {
        kind: 'duplicate-name' as const,
        path: [key, i, 'name'],
        message: `two of ${key} are named ${name}`,
        remedy: 'give each its own name',
      },
    ];
  });
}

function checkTop(route: TopRoute): readonly PlacedFinding[] {
  return (['matchers', 'mute_time_intervals', 'active_time_intervals'] as const).flatMap((key) => {
    if (route[key].length === 0) return [];
    const message = `the route at the top takes everything, always: ${key} cannot stand there`;
    return [{ path: ['route', key], message, remedy: 'write it in a route below: routes: [{ … }]' }];
  });
}

function checkRoute(route: AnyRoute, path: YamlPath, settings: SettingsFile): readonly PlacedFinding[] {
  const receivers = settings.receivers.map(({ name }) => name);
  const intervals = settings.time_intervals.map(({ name }) => name);
  const { receiver } = route;
  const named =
    receiver === undefined ? [] : checkName(receiver, receivers, { path: [...path, 'receiver'], what: 'receiver' });
  const times = (['mute_time_intervals', 'active_time_intervals'] as const).flatMap((key) =>
    route[key].flatMap((name, i) => checkName(name, intervals, { path: [...path, key, i], what: 'time interval' })),
  );
  return [
    ...named,
    ...times,
    ...checkMatchers(route.matchers, [...path, 'matchers']),
    ...checkGroupBy(route, path),
    ...checkReach(route, path),
    ...(route.routes ?? []).flatMap((child, i) => checkRoute(child, [...path, 'routes', i], settings)),
  ];
}

function checkName(
  name: string,
  known: readonly string[],
  { path, what }: { readonly path: YamlPath; readonly what: string },
): readonly PlacedFinding[] {
  if (known.includes(name)) return [];
  const nearest = nearestName(name, known);
  const list = known.length === 0 ? `there is none: define it` : `known: ${known.slice(0, 10).join(', ')}`;
  return [
    { path, message: `no ${what} is named ${name}`, remedy: nearest === null ? list : `did you mean ${nearest}?` },
  ];
}

function checkMatchers(matchers: readonly string[], path: YamlPath): readonly PlacedFinding[] {
  return matchers.flatMap((text, i) => {
    const parsed = parseAlertMatcher(text);
    return isAlertMatcher(parsed)
      ? []
      : [{ kind: 'wrong-matcher' as const, path: [...path, i], ...parsed, message: `the text ${parsed.message}` }];
  });
}

function checkGroupBy({ group_by: groupBy }: AnyRoute, path: YamlPath): readonly PlacedFinding[] {
  if (groupBy === undefined || groupBy.length < 2 || !groupBy.includes('...')) return [];
  return [
    {
      path: [...path, 'group_by'],
      message: 'group_by has ... beside other labels: ... is all of them',
      remedy: 'write [...] alone, or take ... out',
    },
  ];
}

/** A route that takes everything leaves nothing to those behind it. */
function checkReach({ routes = [] }: AnyRoute, path: YamlPath): readonly PlacedFinding[] {
  const taker = routes.findIndex((route) => route.matchers.length === 0 && !route.continue);
  if (taker < 0 || taker === routes.length - 1) return [];
  return [
    {
      kind: 'no-effect',
      severity: 'warning',
      path: [...path, 'routes', taker + 1],
      message: `never reached: routes[${taker}] before it takes every alert`,
      remedy: 'give that one matchers, or continue: true, or put it last',
    },
  ];
}

function checkUse({ route, receivers }: SettingsFile): readonly PlacedFinding[] {
  if (route === undefined) {
    if (receivers.length === 0) return [];
    const path = ['receivers'];
    return [
      {
        severity: 'warning',
        path,
        message: 'receivers without route: nobody uses them',
        remedy: 'add route: { receiver: NAME }',
      },
    ];
  }
  const used = namesIn(route);
  return receivers.flatMap(({ name }, i) => {
    if (used.has(name)) return [];
    const path = ['receivers', i, 'name'];
    return [
      {
        severity: 'warning' as const,
        path,
        message: `no route names the receiver ${name}`,
        remedy: 'name it, or take it out',
      },
    ];
  });
}

function namesIn(route: AnyRoute): ReadonlySet<string> {
  const below = (route.routes ?? []).flatMap((child) => [...namesIn(child)]);
  return new Set([...(route.receiver === undefined ? [] : [route.receiver]), ...below]);
}

function checkReceivers({ receivers, slack }: SettingsFile): readonly PlacedFinding[] {
  if (slack.token !== undefined) return [];
  return receivers.flatMap((receiver, i) => {
    if (receiver.slack_configs.length === 0) return [];
    return [
      {
        severity: 'warning' as const,
        path: ['receivers', i, 'slack_configs'],
        message: 'slack_configs without slack.token: its messages go to the console',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what people are to write
        remedy: 'add slack: { token: "${SLACK_BOT_TOKEN}" }',
      },
    ];
  });
}
