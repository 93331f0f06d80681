// The tree of routes against a naive reading of Alertmanager's documentation; groups; inheritance.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlertMatcher } from './alert-matcher.ts';
import { compileAlertMatchers, renderAlertMatcher } from './alert-matcher.ts';
import type { RouteConfig } from './routing.ts';
import { compileRouting, defaultRouting, groupOf } from './routing.ts';

const names = ['a', 'b'];
const values = ['', 'x', 'y'];
const matcher: fc.Arbitrary<AlertMatcher> = fc.record({
  label: fc.constantFrom(...names),
  operator: fc.constantFrom('=', '!=', '=~', '!~'),
  value: fc.constantFrom('x', 'y', 'x|y', ''),
});
const labels = fc.dictionary(fc.constantFrom(...names), fc.constantFrom(...values));

const { tree } = fc.letrec<{ tree: RouteConfig }>((tie) => ({
  tree: fc.record({
    matchers: fc.array(matcher, { maxLength: 2 }),
    continues: fc.boolean(),
    muteTimeIntervals: fc.constant([]),
    activeTimeIntervals: fc.constant([]),
    routes: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constant([]),
      fc.array(tie('tree'), { maxLength: 3 }),
    ),
  }),
}));

/** What the documentation says, word by word: paths of child numbers. */
function naiveMatch(route: RouteConfig, given: Readonly<Record<string, string>>, path: string): readonly string[] {
  const own = route.matchers.every(({ label, operator, value }) => {
    const actual = given[label] ?? '';
    const isEqual = operator.includes('~') ? new RegExp(`^(?:${value})$`).test(actual) : actual === value;
    return operator.startsWith('!') ? !isEqual : isEqual;
  });
  if (!own) return [];
  const found: string[] = [];
  for (const [i, child] of route.routes.entries()) {
    const below = naiveMatch(child, given, `${path}/${i}`);
    found.push(...below);
    if (below.length > 0 && !child.continues) break;
  }
  return found.length > 0 ? found : [path];
}

/** Names each route by its path, in `receiver`. */
function named(route: RouteConfig, path: string): RouteConfig {
  return { ...route, receiver: path, routes: route.routes.map((child, i) => named(child, `${path}/${i}`)) };
}

describe('the tree of routes', () => {
  it('takes the routes that Alertmanager would', () => {
    fc.assert(
      fc.property(tree, labels, (given, alert) => {
        const root = named({ ...given, matchers: [] }, '0');
        const { routesOf } = compileRouting({ ...defaultRouting, route: root });
        expect(routesOf(alert).map(({ receiver }) => receiver)).toEqual(naiveMatch(root, alert, '0'));
      }),
      { numRuns: 1000 },
    );
  });

  it('gives each route an id of its own, found again by it', () => {
    fc.assert(
      fc.property(tree, labels, (given, alert) => {
        const routing = compileRouting({ ...defaultRouting, route: named({ ...given, matchers: [] }, '0') });
        for (const route of routing.routesOf(alert)) {
          expect(routing.routeById(route.id)?.receiver).toBe(route.receiver);
        }
      }),
    );
  });

  it('keeps a group’s id whatever the order of labels, and tells groups apart', () => {
    const route = { ...compileRouting(defaultRouting).routesOf({})[0]!, groupBy: ['a', 'b'] };
    const id = (given: Record<string, string>) => groupOf(route, { fingerprint: 'f', labels: given }).id;
    expect(id({ a: '1', b: '2', c: '3' })).toBe(id({ c: '4', b: '2', a: '1' }));
    expect(id({ a: '1', b: '2' })).not.toBe(id({ a: '12' }));
    expect(id({ a: '1', b: '' })).toBe(id({ a: '1' }));
    expect(id({ a: '1' })).not.toBe(
      groupOf({ ...route, id: '{}/{x="y"}' }, { fingerprint: 'f', labels: { a: '1' } }).id,
    );
  });
});

describe('matchers', () => {
  it('take a missing label for the empty text', () => {
    const accepts = (operator: AlertMatcher['operator'], value: string) =>
      compileAlertMatchers([{ label: 'gone', operator, value }])({});
    expect([accepts('=', ''), accepts('!=', 'x'), accepts('=~', '.*'), accepts('!~', '.+')]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect([accepts('=', 'x'), accepts('!=', ''), accepts('=~', '.+'), accepts('!~', '.*')]).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  it('are shown as they are written', () => {
    expect(renderAlertMatcher({ label: 'a', operator: '=~', value: 'x"\\y' })).toBe('a=~"x\\"\\\\y"');
  });
});
