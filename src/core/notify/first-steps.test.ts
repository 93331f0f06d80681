// The first steps, and that nobody's log line gets into a command that people paste into a shell.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { responseFlags } from '#core/classify/response-flags.ts';
import { firstSteps } from './first-steps.ts';

const labels = {
  source_service: 'checkout',
  source_namespace: 'shop',
  destination_service: 'payments',
  destination_namespace: 'bank',
  destination_deploy_id: 'd-1057',
};
const commands = (flag: string, changes: Record<string, string> = {}) =>
  firstSteps({ flag, labels: { ...labels, ...changes }, requestIds: ['8c5e9a52'] }, ['en']).map(
    ({ command }) => command,
  );

describe('firstSteps', () => {
  it('puts the incident’s names into the commands, of the side that each is about', () => {
    expect(commands('UC')[1]).toBe('kubectl rollout history deployment/payments -n bank');
    expect(commands('DC')).toContain('kubectl get pods -n shop -l app=checkout --sort-by=.status.startTime');
    expect(commands('DC')).toContain('flagwatch search --request 8c5e9a52');
    expect(commands('NR')[0]).toBe('istioctl proxy-config routes SOURCE_POD -n shop');
  });

  it('leaves the word where the name is not known or is no plain name', () => {
    expect(commands('UC', { destination_service: 'unknown' })[1]).toContain('deployment/SERVICE -n bank');
    expect(commands('UC', { destination_service: 'x; rm -rf /' })[1]).toContain('deployment/SERVICE -n bank');
    expect(commands('UC', { destination_namespace: '-A' })[1]).toContain('deployment/payments -n NAMESPACE');
  });

  it('gives three steps in every language asked for, for every flag and for none', () => {
    for (const flag of [...responseFlags.map(({ shortName }) => shortName), 'XYZ', null]) {
      const steps = firstSteps({ flag, labels, requestIds: [] }, ['en', 'ko']);
      expect(steps).toHaveLength(3);
      for (const { lines } of steps) {
        expect(lines).toHaveLength(2);
        for (const line of lines) expect(line.length).toBeGreaterThan(5);
      }
    }
  });

  it('never lets text from a line into a command but as one plain word', () => {
    const flags = fc.constantFrom(...responseFlags.map(({ shortName }) => shortName));
    fc.assert(
      fc.property(flags, fc.string({ unit: 'binary' }), (flag, text) => {
        const hostile = Object.fromEntries(Object.keys(labels).map((name) => [name, text]));
        const clean = firstSteps({ flag, labels: {}, requestIds: [] }, ['en']);
        const filled = firstSteps({ flag, labels: hostile, requestIds: [text] }, ['en']);
        const words = (steps: typeof clean) => steps.map(({ command }) => command?.split(/\s+/).length);
        expect(words(filled)).toEqual(words(clean));
        if (/[^\w.-]/.test(text)) expect(filled).toEqual(clean);
      }),
    );
  });
});
