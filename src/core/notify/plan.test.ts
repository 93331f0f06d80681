import { describe, expect, it } from 'vitest';
import { aResolution, aTransition, incidentStartAtMs } from '../../../test/support/notify-builders.ts';
import type { OpenIncident } from './incident.ts';
import { incidentKey, toFiringFacts } from './incident.ts';
import { planNotification } from './plan.ts';

const firing = aTransition();
const open: OpenIncident = {
  firing: toFiringFacts(firing, null),
  step: firing.id,
  stepAtMs: firing.atMs,
  handle: { channel: 'C1', ts: '1.0' },
  via: 'messenger',
};
const later = incidentStartAtMs + 600_000;

describe('planNotification', () => {
  it.each([
    ['posts a new incident', aTransition(), null, { kind: 'post' }],
    ['ignores a repeat', aTransition(), open, { kind: 'ignore', reason: 'already_told' }],
    ['updates on a later step of the same incident', aTransition({ atMs: later }), open, { kind: 'update', open }],
    ['posts a second incident', aTransition({ sinceAtMs: later, atMs: later }), open, { kind: 'post' }],
    ['ignores an older step', aTransition({ atMs: 5 }), open, { kind: 'ignore', reason: 'older_than_incident' }],
    ['closes', aResolution(), open, { kind: 'close', open }],
    ['closes although the start is told otherwise', aResolution({ sinceAtMs: later }), open, { kind: 'close', open }],
    ['ignores an older resolution', aResolution({ atMs: 5 }), open, { kind: 'ignore', reason: 'older_than_incident' }],
    ['ignores a resolution of nothing', aResolution(), null, { kind: 'ignore', reason: 'no_incident' }],
    ['ignores pending', aTransition({ status: 'pending' }), null, { kind: 'ignore', reason: 'not_firing' }],
    ['ignores inactive', aTransition({ status: 'inactive' }), open, { kind: 'ignore', reason: 'not_firing' }],
  ])('%s', (_name, transition, incident, plan) => {
    expect(planNotification(transition, incident)).toEqual(plan);
  });
});

describe('an incident', () => {
  it('is the alert and its start', () => {
    expect(incidentKey(firing)).toBe(`3f2a9c0d1e4b5a67-${incidentStartAtMs}`);
    expect(incidentKey(aTransition({ sinceAtMs: later }))).not.toBe(incidentKey(firing));
  });

  it('keeps its beginning through later steps', () => {
    const again = aTransition({ atMs: later, examples: [] });
    expect(toFiringFacts(again, open)).toEqual(open.firing);
  });
});
