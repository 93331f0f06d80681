// What notify would tell: as many messages as live, when live would send them.
import { describe, expect, it } from 'vitest';
import { defaultSettings, loadSettings } from '#config/load-settings.ts';
import type { Settings } from '#config/settings.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import { aTransition } from '../../../test/support/notify-builders.ts';
import { NotifyRehearsal } from './notify-rehearsal.ts';

const atMs = Date.UTC(2026, 2, 2, 9);

function settingsOf(text: string): Settings {
  const loaded = loadSettings(text, 'flagwatch.yaml', {});
  if (loaded.kind !== 'ok') throw new Error(JSON.stringify(loaded.findings));
  return loaded.settings;
}

function rehearse(settings: Settings, transitions: readonly AlertTransition[], untilMs: number) {
  const rehearsal = new NotifyRehearsal(settings);
  for (const transition of transitions) rehearsal.take(transition);
  rehearsal.advance(untilMs);
  const told = rehearsal.tellings.map(({ atMs: at, kind, receiver }) => `${(at - atMs) / 1000}s ${kind} ${receiver}`);
  return { rehearsal, told };
}

const step = (service: string, status: 'firing' | 'resolved', afterMs: number, severity = 'critical') =>
  aTransition({
    status,
    fingerprint: `fp-${service}`,
    id: `fp-${service}-${status}-${afterMs}`,
    atMs: atMs + afterMs,
    sinceAtMs: atMs,
    labels: { destination_service: service, severity },
  });

describe('NotifyRehearsal', () => {
  it('posts at once and edits the message when it is over', () => {
    const transitions = [step('payments', 'firing', 0), step('payments', 'resolved', 60_000)];
    const { told } = rehearse(defaultSettings(), transitions, atMs + 3_600_000);
    expect(told).toEqual(['0s posted default', '60s edited default']);
  });

  it('waits for a group, and calls to mind what goes on', () => {
    const settings = settingsOf(`
route: { receiver: team, group_by: [severity], group_wait: 30s, repeat_interval: 10m }
receivers: [{ name: team, console: true }]
`);
    const transitions = [step('payments', 'firing', 0), step('catalog', 'firing', 20_000)];
    const { rehearsal, told } = rehearse(settings, transitions, atMs + 15 * 60_000);
    expect(told).toEqual(['30s posted team', '630s reply team']);
    expect(rehearsal.tellings[0]?.content.alerts).toHaveLength(2);
  });

  it('says why nobody was told', () => {
    const settings = settingsOf(`
inhibit_rules:
  - { source_matchers: ['severity = "critical"'], target_matchers: ['severity = "warning"'] }
`);
    const warning = step('catalog', 'firing', 10_000, 'warning');
    const { rehearsal, told } = rehearse(settings, [step('payments', 'firing', 0), warning], atMs + 60_000);
    expect(told).toEqual(['0s posted default']);
    expect(rehearsal.heldBy(warning.id)).toBe('inhibited');
  });
});
