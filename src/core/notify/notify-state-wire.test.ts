import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aTransition } from '../../../test/support/notify-builders.ts';
import { type Incident, toFiringFacts } from './incident.ts';
import { decodeIncident, encodeIncident } from './notify-state-wire.ts';

const transition = aTransition();
const incident: Incident = {
  key: 'a-100',
  groupId: 'a',
  groupLabels: { severity: 'critical' },
  routeId: '{}',
  receiver: 'default',
  targets: ['default'],
  alerts: [{ transition, firing: toFiringFacts(transition, null), shownId: transition.id, held: null }],
  beganAtMs: 100,
  step: transition.id,
  stepAtMs: 100,
  calledAtMs: 100,
  reply: { id: 'reminder-1', kind: 'reminder', atMs: 1 },
  told: { default: { step: transition.id, reply: null, handle: { channel: 'C1', ts: '1.0' }, via: 'messenger' } },
};
const decode = (value: unknown) => decodeIncident(Buffer.from(JSON.stringify(value)));

describe('notify-state-wire', () => {
  it('brings an incident back as it was', () => {
    expect(decodeIncident(Buffer.from(encodeIncident(incident)))).toEqual({ kind: 'ok', value: incident });
  });

  it('names the version that it does not know', () => {
    expect(decode({ ...incident, v: 1 })).toMatchObject({ detail: 'version 1; this build reads 2' });
  });

  it.each(Object.keys(incident))('names %s where it is missing', (name) => {
    const { [name as keyof Incident]: _left, ...rest } = incident;
    const outcome = decode({ v: 2, ...rest });
    expect(outcome).toMatchObject({ kind: 'dead-letter', detail: expect.stringContaining(name) });
  });

  it.each([
    ['an alert without a transition', { alerts: [{ ...incident.alerts[0], transition: {} }] }],
    ['an alert held for no known reason', { alerts: [{ ...incident.alerts[0], held: 'tired' }] }],
    ['a cause without labels', { reply: { id: 'follows-a-1', kind: 'follows', atMs: 1, cause: 'a' } }],
    ['an end of holding that is no time', { alerts: [{ ...incident.alerts[0], heldUntilMs: 'soon' }] }],
    ['a place without a handle', { told: { default: { step: 'x', reply: null, via: 'messenger' } } }],
    ['no alerts', { alerts: [] }],
  ])('refuses %s', (_name, changes) => {
    expect(decode({ v: 2, ...incident, ...changes }).kind).toBe('dead-letter');
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(incident)), (value, name) => {
        decode({ v: 2, ...incident, [name]: value });
        decode(value);
      }),
    );
  });
});
