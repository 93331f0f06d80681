import { describe, expect, it } from 'vitest';
import type { Incident } from '../mesh-simulator/incident.ts';
import type { FiredAlert } from './alert-matching.ts';
import { matchAlerts } from './alert-matching.ts';
import { summariseIncidents } from './mesh-table.ts';

function anIncident(changes: Partial<Incident> = {}): Incident {
  const none = { source: null, version: null, innocentVersion: null };
  return {
    kind: 'bad-rollout',
    onsetAtMs: 1_000_000,
    endAtMs: 1_600_000,
    destination: 'billing',
    story: '',
    ...none,
    ...changes,
  };
}

function anAlert(labels: FiredAlert['labels'], atMs = 1_020_000, condition = 'spike'): FiredAlert {
  return { alert: 'A', condition, atMs, labels, reason: '' };
}

function standingOf(incident: Incident, alert: FiredAlert): string | undefined {
  const { incidents, strays } = matchAlerts([incident], [alert]);
  return (incidents[0]?.alerts[0] ?? strays[0])?.standing;
}

describe('matchAlerts', () => {
  it('takes an alert on the broken service for right, on its callers and callees for related, on others for false', () => {
    const at = (service: string) => standingOf(anIncident(), anAlert({ destination_service: service }));
    expect([at('billing'), at('orders'), at('risk'), at('search')]).toEqual(['right', 'related', 'related', 'false']);
  });

  it('takes nothing outside the incident and its tail', () => {
    const at = (atMs: number) => standingOf(anIncident(), anAlert({ destination_service: 'billing' }, atMs));
    expect([at(999_999), at(1_600_000 + 180_000), at(1_600_000 + 180_001)]).toEqual(['false', 'right', 'false']);
  });

  it('accepts the caller alone where a proxy without a route knows no destination', () => {
    const incident = anIncident({ source: 'orders' });
    const labels = { destination_service: 'unknown', source_service: 'orders' };
    expect(standingOf(incident, anAlert(labels))).toBe('right');
    expect(standingOf(incident, anAlert({ ...labels, source_service: 'search' }))).toBe('false');
  });

  it('wants the version of a version’s incident, and its delay from the alert that names it', () => {
    const incident = anIncident({ version: 'v8' });
    const { incidents } = matchAlerts(
      [incident],
      [
        anAlert({ destination_service: 'billing' }, 1_010_000),
        anAlert({ destination_service: 'billing', destination_version: 'v7' }, 1_015_000),
        anAlert({ destination_service: 'billing', destination_version: 'v8' }, 1_040_000),
      ],
    );
    expect(incidents[0]).toMatchObject({ isFound: true, isVersionFound: true, delayMs: 40_000 });
    expect(incidents[0]?.alerts.map(({ standing }) => standing)).toEqual(['right', 'wrong_version', 'right']);
  });

  it('tells when an innocent deploy is blamed, and leaves alerts about the input aside', () => {
    const incident = anIncident({ innocentVersion: 'v8' });
    const labels = { destination_service: 'billing', destination_version: 'v8' };
    expect(standingOf(incident, anAlert(labels, 1_020_000, 'new_version'))).toBe('blames_deploy');
    expect(standingOf(incident, anAlert(labels))).toBe('right');
    expect(standingOf(incident, anAlert({}, 1_020_000, 'pipeline'))).toBe('pipeline');
  });
});

describe('a rollback', () => {
  it('is no loss of traffic', () => {
    const incident = anIncident({ version: 'v8' });
    const labels = { destination_service: 'billing', destination_version: 'v8' };
    expect(standingOf(incident, anAlert(labels, 1_620_000, 'dip'))).toBe('false');
    expect(standingOf(anIncident(), anAlert(labels, 1_590_000, 'dip'))).toBe('right');
  });
});

describe('summariseIncidents', () => {
  it('counts what was found, how late, and how many alerts it took', () => {
    const { incidents } = matchAlerts(
      [anIncident(), anIncident({ onsetAtMs: 3_000_000, endAtMs: 3_100_000 })],
      [anAlert({ destination_service: 'billing' }), anAlert({ destination_service: 'orders' })],
    );
    expect(summariseIncidents(incidents)).toMatchObject({
      incidents: 2,
      found: 1,
      versionWanted: 0,
      medianDelaySeconds: 20,
      maxDelaySeconds: 20,
      alertsAnIncident: 1,
      rightAlertsAnIncident: 0.5,
    });
  });
});
