import { describe, expect, it } from 'vitest';
import { aTransition } from '../../../test/support/notify-builders.ts';
import type { Incident, IncidentReply } from './incident.ts';
import { toFiringFacts } from './incident.ts';
import { renderReply } from './render-incident.ts';

const transition = aTransition();
const incident: Incident = {
  key: 'a-100',
  groupId: 'a',
  groupLabels: {},
  routeId: '{}',
  receiver: 'default',
  targets: ['default'],
  alerts: [{ transition, firing: toFiringFacts(transition, null), shownId: transition.id, held: 'inhibited' }],
  beganAtMs: 100,
  step: transition.id,
  stepAtMs: 100,
  calledAtMs: 100,
  reply: null,
  told: {},
};
const settings = { timeZone: 'Asia/Seoul', language: 'both', searchUrlTemplate: null } as const;
const said = (cause: Record<string, string>): string => {
  const reply: IncidentReply = { id: 'follows-b-1', kind: 'follows', atMs: 200, cause };
  return renderReply(incident, reply, settings);
};

describe('renderReply', () => {
  it('names what an incident follows from, in each language', () => {
    expect(said({ alertname: 'CallsGone', source_service: 'gateway', destination_service: 'storefront' })).toBe(
      'This follows from CallsGone gateway -> storefront: begin there.\n' +
        '다른 알림에서 이어진 결과입니다: CallsGone gateway -> storefront. 먼저 그쪽을 확인하세요.',
    );
  });

  it('takes a name from a log line for text on one line', () => {
    expect(said({ alertname: 'CallsGone', source_service: 'a\n<!channel>' }).split('\n')).toHaveLength(2);
  });
});
