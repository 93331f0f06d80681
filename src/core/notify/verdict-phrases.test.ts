// What messages say of new versions, of response times and of missing traffic, in both languages.
import { describe, expect, it } from 'vitest';
import { aResolution, aTransition, aVerdict } from '../../../test/support/notify-builders.ts';
import { renderMessage } from './render.ts';

const settings = { timeZone: 'UTC', language: 'both', searchUrlTemplate: null } as const;
const comparison = {
  verdict: 'only_new',
  newVersion: 'v2',
  newDeployId: 'd-1057',
  oldVersion: 'v1',
  newCount: 152,
  newRequestCount: 300,
  oldCount: 3,
  oldRequestCount: 2950,
  certainty: 0.99999,
} as const;
const compared = (verdict: 'fine' | 'suspect' | 'only_new' | 'both' | 'not_enough_data') =>
  renderMessage(
    aTransition({ alert: 'NewVersionFails', verdict: aVerdict({ comparison: { ...comparison, verdict } }) }),
    null,
    settings,
  );
const measured = (unit: 'ms' | 'requests', isResolved = false) => {
  const verdict = aVerdict({ unit, value: 840, baseline: 120, requestCount: 600 });
  const make = isResolved ? aResolution : aTransition;
  return renderMessage(make({ verdict, peak: { ...verdict, value: 1200 }, examples: [] }), null, settings);
};

describe('a new version', () => {
  it('is told with both numbers, and the roll back comes first', () => {
    const { summary, steps } = compared('only_new');
    expect(summary).toMatchInlineSnapshot(`
      "The new version v2 of payments (deploy d-1057) fails and the old one does not: 152 of 300 (50.7 %) requests failed; v1: 3 of 2,950 (0.10 %). Since 2026-08-02 17:31:00 +00:00. Sure to 99.9 %.
      payments의 새 버전 v2(배포 d-1057)만 실패하고 이전 버전은 정상입니다. 요청 300건 중 152건(50.7 %) 실패, 이전 버전 v1: 2,950건 중 3건(0.10 %). 시작: 2026-08-02 17:31:00 +00:00. 확실성 99.9 %."
    `);
    expect(steps[0]).toMatchInlineSnapshot(`
      {
        "command": "kubectl rollout history deployment/payments -n shop",
        "lines": [
          "Roll back deploy d-1057 of payments (v2): v1 is fine, 3 of 2,950 (0.10 %) failed.",
          "롤백하세요: payments v2의 배포 d-1057. 이전 버전 v1 정상: 2,950건 중 3건(0.10 %) 실패.",
        ],
      }
    `);
    expect(steps.length).toBe(3);
  });

  it('that fails like the old one is not to be rolled back', () => {
    const { summary, steps } = compared('both');
    expect(summary).toMatchInlineSnapshot(`
      "The new version v2 of payments (deploy d-1057) and the old one both fail, so it is not the deploy: 152 of 300 (50.7 %) requests failed; v1: 3 of 2,950 (0.10 %). Since 2026-08-02 17:31:00 +00:00.
      payments의 새 버전 v2(배포 d-1057) 및 이전 버전이 모두 실패하므로 배포 때문이 아닙니다. 요청 300건 중 152건(50.7 %) 실패, 이전 버전 v1: 2,950건 중 3건(0.10 %). 시작: 2026-08-02 17:31:00 +00:00."
    `);
    expect(steps[0]?.lines).toMatchInlineSnapshot(`
      [
        "Do not roll back deploy d-1057 of payments (v2) for this: v1 fails as well. Look at what both depend on.",
        "롤백으로는 해결되지 않습니다(payments v2의 배포 d-1057). 이전 버전도 실패합니다. 둘이 함께 의존하는 것을 보세요.",
      ]
    `);
  });

  it.each(['fine', 'suspect', 'not_enough_data'] as const)('%s has no step of its own', (verdict) => {
    const { summary, steps } = compared(verdict);
    expect(summary).toContain('v2 of payments (deploy d-1057)');
    expect(steps[0]?.lines.join()).not.toContain('Roll back');
  });

  it('is told where nothing is known of deploy or old version', () => {
    const verdict = aVerdict({ comparison: { ...comparison, newDeployId: 'unknown', oldVersion: null } });
    const { summary, steps } = renderMessage(aTransition({ verdict }), null, settings);
    expect(summary).toContain('v2 of payments fails');
    expect(steps[0]?.lines[0]).toBe('Roll back v2 of payments.');
  });

  it('is told by its deploy where nobody names versions', () => {
    const verdict = aVerdict({ comparison: { ...comparison, newVersion: 'unknown', oldVersion: 'unknown' } });
    const { summary, steps } = renderMessage(aTransition({ verdict }), null, settings);
    expect(summary).toContain('The new version of payments, deploy d-1057, fails and the old one does not: 152 of 300');
    expect(summary).toContain('the deploy before: 3 of 2,950');
    expect(summary).toContain('payments의 새 배포 d-1057만 실패하고');
    expect(steps[0]?.lines[0]).toBe(
      'Roll back deploy d-1057 of payments: the old version is fine, 3 of 2,950 (0.10 %) failed.',
    );
    expect(steps[0]?.lines[1]).toBe('롤백하세요: payments의 배포 d-1057. 이전 버전 정상: 2,950건 중 3건(0.10 %) 실패.');
  });
});

describe('what is measured', () => {
  it('in milliseconds', () => {
    expect(measured('ms').summary).toMatchInlineSnapshot(`
      "Responses on checkout -> payments v2 take 840 ms in 10s (600 requests); usual is 120 ms. Since 2026-08-02 17:31:00 +00:00.
      checkout -> payments v2 응답 시간이 10초 동안 840ms입니다 (요청 600건, 평소 120ms). 시작: 2026-08-02 17:31:00 +00:00."
    `);
    expect(measured('ms', true).summary).toMatchInlineSnapshot(`
      "Over: responses on checkout -> payments v2 took up to 1,200 ms for 5m10s, 2026-08-02 17:31:00 - 17:36:10 +00:00; usual is 120 ms.
      종료: checkout -> payments v2 응답 시간이 5분 10초 동안 최대 1,200ms였습니다 (2026-08-02 17:31:00 - 17:36:10 +00:00, 평소 120ms)."
    `);
    const { fields } = measured('ms');
    expect(fields.slice(0, 2).map(({ value }) => value)).toEqual(['840 ms', '120 ms']);
    expect(fields.map(({ label }) => label)).not.toContain('Requests affected');
  });

  it('in requests', () => {
    expect(measured('requests').summary).toMatchInlineSnapshot(`
      "Traffic is missing on checkout -> payments v2: 840 requests in 10s; usual is 120. Since 2026-08-02 17:31:00 +00:00.
      checkout -> payments v2 트래픽이 줄었습니다: 10초 동안 요청 840건 (평소 120건). 시작: 2026-08-02 17:31:00 +00:00."
    `);
    expect(measured('requests', true).summary).toMatchInlineSnapshot(`
      "Over: traffic on checkout -> payments v2 is back after 5m10s, 2026-08-02 17:31:00 - 17:36:10 +00:00. At its worst 1,200 requests in 10s; usual is 120.
      종료: checkout -> payments v2 트래픽이 5분 10초 만에 회복되었습니다 (2026-08-02 17:31:00 - 17:36:10 +00:00). 가장 심했을 때 10초에 1,200건, 평소 120건."
    `);
  });
});

describe('the rule’s own sentence', () => {
  const annotations = { summary: 'Payments fail.', summary_ko: '결제가 실패합니다.' };
  const lines = (language: 'en' | 'ko' | 'both', given: Readonly<Record<string, string>>) =>
    renderMessage(aTransition({ annotations: given }), null, { ...settings, language }).summary.split('\n');

  it('stands above the built one, each in its language', () => {
    const both = lines('both', annotations);
    expect([both[0], both[2], both.length]).toEqual(['Payments fail.', '결제가 실패합니다.', 4]);
    expect(lines('ko', annotations)[0]).toBe('결제가 실패합니다.');
    expect(lines('ko', annotations)).toHaveLength(2);
    expect(lines('en', annotations)[0]).toBe('Payments fail.');
  });

  it('is behind the Korean one where there is none in Korean', () => {
    const [first, second] = lines('ko', { summary: 'Payments fail.' });
    expect(first).toContain('플래그로 끝났습니다');
    expect(second).toBe('Payments fail.');
  });
});
