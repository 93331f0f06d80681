// Alertmanager's words in the settings file: what is wrong is said with its place, what is right becomes core's routing.
import { describe, expect, it } from 'vitest';
import { loadSettings } from '#config/load-settings.ts';
import { compileRouting, defaultRouting } from '#core/notify/routing.ts';
import { receiverPlaces, toRouting } from './notify-routing.ts';

const environment = { SLACK_BOT_TOKEN: 'xoxb-1', HOOK: 'https://hooks.example/secret-part' };

const good = `
slack: { token: "\${SLACK_BOT_TOKEN}", channel: "#mesh" }
route:
  receiver: all
  group_by: [alertname, destination_service]
  group_wait: 5s
  routes:
    - matchers: ['severity =~ "critical|page"', destination_namespace=shop]
      receiver: shop
      continue: true
      repeat_interval: 1h
    - matchers: ['severity = info']
      group_by: ['...']
      mute_time_intervals: [nights]
      repeat_interval: 0s
receivers:
  - name: all
    slack_configs: [{ channel: "#mesh" }]
  - name: shop
    slack_configs: [{ channel: "#shop" }]
    webhook_configs: [{ url: "\${HOOK}" }]
inhibit_rules:
  - source_matchers: ['alertname = BothVersionsFail']
    target_matchers: ['alertname = NewVersionFails']
    equal: [destination_service]
time_intervals:
  - name: nights
    time_intervals:
      - times: [{ start_time: '22:00', end_time: '24:00' }, { start_time: '00:00', end_time: '07:00' }]
        weekdays: ['monday:friday']
        days_of_month: ['1:15', '-3:-1']
        months: [january, '3:5']
        years: [2026]
        location: Asia/Seoul
`;

const load = (text: string) => loadSettings(text, 'flagwatch.yaml', environment);
const said = (text: string): readonly string[] => {
  const loaded = load(text);
  const findings = loaded.kind === 'ok' ? loaded.warnings : loaded.findings;
  return findings.map(({ severity, line, column, message, remedy }) => {
    return `${severity} ${line}:${column} ${message} | ${remedy}`;
  });
};
const settingsOf = (text: string) => {
  const loaded = load(text);
  if (loaded.kind !== 'ok') throw new Error(JSON.stringify(loaded.findings));
  return loaded.settings;
};

describe('routing in the settings', () => {
  it('is today’s way without any of it', () => {
    const { inhibitRules, ...rest } = toRouting(settingsOf(''));
    expect({ ...rest, inhibitRules: [] }).toEqual(defaultRouting);
    expect(inhibitRules).toHaveLength(2);
    expect(toRouting(settingsOf('inhibit_rules: []'))).toEqual(defaultRouting);
    expect(receiverPlaces(settingsOf(''))).toEqual([]);
  });

  it('becomes core’s routing', () => {
    const settings = settingsOf(good);
    expect(said(good)).toEqual([]);
    const config = toRouting(settings);
    expect(config.receivers).toEqual({ all: ['all/slack/#mesh'], shop: ['shop/slack/#shop', 'shop/webhook/0'] });
    expect(config.timeIntervals['nights']?.[0]).toEqual({
      times: [
        { from: 1320, to: 1440 },
        { from: 0, to: 420 },
      ],
      weekdays: [{ from: 1, to: 5 }],
      daysOfMonth: [
        { from: 1, to: 15 },
        { from: -3, to: -1 },
      ],
      months: [
        { from: 1, to: 1 },
        { from: 3, to: 5 },
      ],
      years: [{ from: 2026, to: 2026 }],
      location: 'Asia/Seoul',
    });
    const { routesOf } = compileRouting(config);
    const [shop] = routesOf({ severity: 'page', destination_namespace: 'shop' });
    expect(shop).toMatchObject({
      receiver: 'shop',
      targets: ['shop/slack/#shop', 'shop/webhook/0'],
      groupBy: ['alertname', 'destination_service'],
      groupWaitMs: 5000,
      repeatIntervalMs: 3_600_000,
    });
    expect(routesOf({ severity: 'info' })).toMatchObject([{ receiver: 'all', groupBy: 'all', repeatIntervalMs: null }]);
    expect(routesOf({ severity: 'warning' })).toMatchObject([{ receiver: 'all', repeatIntervalMs: 14_400_000 }]);
  });

  it('takes the labels of a call across', () => {
    const across = `inhibit_rules:
  - target_matchers: ['alertname = Gone']
    equal_across: { destination_service: source_service }
    wait: 5s
    keep_inhibiting_for: 2m
`;
    expect(toRouting(settingsOf(across)).inhibitRules).toMatchObject([
      { equal: [], equalAcross: { destination_service: 'source_service' }, waitMs: 5000, keepMs: 120_000 },
    ]);
  });

  it('gives the places that are to be opened', () => {
    expect(receiverPlaces(settingsOf(good))).toEqual([
      { id: 'all/slack/#mesh', kind: 'slack', channel: '#mesh' },
      { id: 'shop/slack/#shop', kind: 'slack', channel: '#shop' },
      { id: 'shop/webhook/0', kind: 'webhook', url: environment.HOOK, bearerToken: null, timeoutMs: 10_000 },
    ]);
  });

  it.each([
    [
      'a receiver that is not there',
      good.replace('receiver: shop\n', 'receiver: shpo\n'),
      'error 9:17 no receiver is named shpo | did you mean shop?',
    ],
    [
      'a time interval that is not there',
      good.replace('[nights]', '[nigths]'),
      'error 14:29 no time interval is named nigths | did you mean nights?',
    ],
    [
      'a matcher that is none',
      good.replace('severity = info', 'severity is info'),
      `error 12:18 the text is no matcher | write label, operator and value: 'severity =~ "critical|page"' (operators = != =~ !~)`,
    ],
    [
      'matchers at the top',
      good.replace('  group_wait: 5s\n', "  matchers: ['a = b']\n"),
      'error 6:13 the route at the top takes everything, always: matchers cannot stand there | write it in a route below: routes: [{ … }]',
    ],
    [
      'a key that is not known',
      good.replace('repeat_interval: 1h', 'repeat_intervall: 1h'),
      'error 11:7 unknown key repeat_intervall | did you mean repeat_interval?',
    ],
    [
      'a weekday that is none',
      good.replace('monday:friday', 'friday:monday'),
      "error 30:20 weekdays[0] ('friday:monday') has not the right form | write a day or a span: monday, monday:friday",
    ],
    [
      'a time that ends before it begins',
      good.replace("'24:00'", "'07:00'"),
      'error 29:17 times[0] ends before it begins | write two: one up to 24:00, one from 00:00',
    ],
    [
      '... beside other labels',
      good.replace("['...']", "['...', a]"),
      'error 13:17 group_by has ... beside other labels: ... is all of them | write [...] alone, or take ... out',
    ],
    [
      'a receiver that nobody names',
      good.replace('      receiver: shop\n', ''),
      'warning 18:11 no route names the receiver shop | name it, or take it out',
    ],
    [
      'a label across to itself',
      good.replace('equal: [destination_service]', 'equal_across: { destination_service: destination_service }'),
      'error 25:42 equal_across compares destination_service of both alerts | write it in equal: [destination_service]',
    ],
    [
      'receivers without a route',
      'receivers: [{ name: all, console: true }]\n',
      'warning 1:12 receivers without route: nobody uses them | add route: { receiver: NAME }',
    ],
    [
      'a route that is never reached',
      good
        .replace(`matchers: ['severity =~ "critical|page"', destination_namespace=shop]`, 'group_wait: 1s')
        .replace('continue: true', 'continue: false'),
      'warning 12:7 never reached: routes[0] before it takes every alert | give that one matchers, or continue: true, or put it last',
    ],
  ])('says %s', (_name, text, expected) => {
    expect(said(text)).toContain(expected);
  });
});
