// The checked settings of route, receivers, inhibit_rules and time_intervals → core's routing, and the places that are to be opened for it.

import { isAlertMatcher, parseAlertMatcher } from '#config/alert-matcher-text.ts';
import type { Settings } from '#config/settings.ts';
import {
  parseDaysOfMonth,
  parseMonths,
  parseTimeOfDay,
  parseWeekdays,
  parseYears,
} from '#config/time-interval-text.ts';
import type { AlertMatcher } from '#core/notify/alert-matcher.ts';
import type { RouteConfig, RoutingConfig } from '#core/notify/routing.ts';
import { defaultGroupBy, defaultRouting } from '#core/notify/routing.ts';
import type { NumberRange, TimeInterval } from '#core/notify/time-interval.ts';

/** A place that a receiver tells. `id` is what the routing calls it by. */
export type ReceiverPlace =
  | { readonly id: string; readonly kind: 'slack'; readonly channel: string }
  | {
      readonly id: string;
      readonly kind: 'webhook';
      readonly url: string;
      readonly bearerToken: string | null;
      readonly timeoutMs: number;
    }
  | { readonly id: string; readonly kind: 'console' };

type Receiver = Settings['receivers'][number];
type Interval = Settings['timeIntervals'][number]['timeIntervals'][number];

interface AnyRoute {
  readonly receiver?: string | undefined;
  readonly matchers: readonly string[];
  readonly continue: boolean;
  readonly groupBy?: readonly string[] | undefined;
  readonly groupWaitMs?: number | undefined;
  readonly groupIntervalMs?: number | undefined;
  readonly repeatIntervalMs?: number | undefined;
  readonly muteTimeIntervals: readonly string[];
  readonly activeTimeIntervals: readonly string[];
  readonly routes?: readonly AnyRoute[];
}

/** Four hours, as in Alertmanager. */
const repeatIntervalMs = 14_400_000;

/** The routing that the settings ask for; today's way to Slack or the console where there is no `route`. */
export function toRouting(settings: Settings): RoutingConfig {
  const { route, receivers, inhibitRules, timeIntervals } = settings;
  const inhibitions = inhibitRules.map((rule) => ({
    sourceMatchers: toMatchers(rule.sourceMatchers),
    targetMatchers: toMatchers(rule.targetMatchers),
    equal: rule.equal,
    equalAcross: rule.equalAcross,
    waitMs: rule.waitMs,
    keepMs: rule.keepInhibitingForMs,
  }));
  if (route === undefined) {
    return inhibitions.length === 0 ? defaultRouting : { ...defaultRouting, inhibitRules: inhibitions };
  }
  return {
    route: { groupBy: defaultGroupBy, groupWaitMs: 0, groupIntervalMs: 0, repeatIntervalMs, ...toRoute(route) },
    receivers: Object.fromEntries(receivers.map((one) => [one.name, placesOf(one).map(({ id }) => id)])),
    inhibitRules: inhibitions,
    timeIntervals: Object.fromEntries(timeIntervals.map((one) => [one.name, one.timeIntervals.map(toInterval)])),
  };
}

/** The places to be opened: none where there is no `route`. */
export function receiverPlaces({ route, receivers }: Settings): readonly ReceiverPlace[] {
  return route === undefined ? [] : receivers.flatMap(placesOf);
}

function placesOf({ name, slackConfigs, webhookConfigs, console }: Receiver): readonly ReceiverPlace[] {
  return [
    ...slackConfigs.map(({ channel }) => ({ id: `${name}/slack/${channel}`, kind: 'slack' as const, channel })),
    ...webhookConfigs.map(({ url, bearerToken, timeoutMs }, i) => ({
      id: `${name}/webhook/${i}`,
      kind: 'webhook' as const,
      url,
      bearerToken: bearerToken ?? null,
      timeoutMs,
    })),
    ...(console ? [{ id: `${name}/console`, kind: 'console' as const }] : []),
  ];
}

function toRoute(route: AnyRoute): RouteConfig {
  const { receiver, groupBy, groupWaitMs, groupIntervalMs } = route;
  const repeatMs = route.repeatIntervalMs;
  return {
    ...(receiver === undefined ? {} : { receiver }),
    ...(groupBy === undefined ? {} : { groupBy: groupBy.includes('...') ? ('all' as const) : groupBy }),
    ...(groupWaitMs === undefined ? {} : { groupWaitMs }),
    ...(groupIntervalMs === undefined ? {} : { groupIntervalMs }),
    ...(repeatMs === undefined ? {} : { repeatIntervalMs: repeatMs === 0 ? null : repeatMs }),
    matchers: toMatchers(route.matchers),
    continues: route.continue,
    muteTimeIntervals: route.muteTimeIntervals,
    activeTimeIntervals: route.activeTimeIntervals,
    routes: (route.routes ?? []).map(toRoute),
  };
}

function toMatchers(texts: readonly string[]): readonly AlertMatcher[] {
  return texts.map(parseAlertMatcher).filter(isAlertMatcher);
}

function toInterval(interval: Interval): TimeInterval {
  const { times, weekdays, daysOfMonth, months, years, location } = interval;
  const ranges = (texts: readonly string[], parse: (text: string) => NumberRange | null) =>
    texts.map(parse).filter((range) => range !== null);
  return {
    times: times.map(({ startTime, endTime }) => ({
      from: parseTimeOfDay(startTime) ?? 0,
      to: parseTimeOfDay(endTime) ?? 0,
    })),
    weekdays: ranges(weekdays, parseWeekdays),
    daysOfMonth: ranges(daysOfMonth, parseDaysOfMonth),
    months: ranges(months, parseMonths),
    years: ranges(years, parseYears),
    location,
  };
}
