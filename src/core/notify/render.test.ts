// Golden messages, word by word, as the on-call engineer reads them; and that no transition, whatever its text, breaks a bound.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aResolution, aTransition, aVerdict, incidentStartAtMs } from '../../../test/support/notify-builders.ts';
import type { MessageContent } from './message.ts';
import type { RenderSettings } from './render.ts';
import { messageLimits, renderMessage } from './render.ts';

const settings: RenderSettings = { timeZone: 'Asia/Seoul', language: 'en', searchUrlTemplate: null };
const toText = (content: MessageContent): string =>
  [
    content.title,
    content.summary,
    ...content.fields.map(({ label, value }) => `${label}: ${value}`),
    ...content.steps.map(({ lines, command }) => [...lines, ...(command === null ? [] : [`$ ${command}`])].join('\n')),
    ...content.requestIds,
    content.footer,
  ].join('\n');

describe('renderMessage', () => {
  it('tells what fires, in English', () => {
    expect(toText(renderMessage(aTransition(), null, settings))).toMatchInlineSnapshot(`
      "UC on checkout -> payments v2
      48 of 600 requests (8.0 %) on checkout -> payments v2 ended with UC in 10s; usual is 1.2. Since 2026-08-03 02:31:00 +09:00, since deploy d-1057 of payments v2. UC: The upstream closed the connection while a request was open on it. With a code below 400 the answer had begun and is cut off.
      Now: 48 of 600 requests in 10s (8.0 %)
      Usually: 1.2 in 10s
      z-score: 14.3
      Since: 2026-08-03 02:31:00 +09:00
      Requests affected: 48 of 600 requests (8.0 %)
      Deploy: d-1057 of payments v2
      Where: checkout (shop) -> payments v2 (shop) · dc1 · seen by the source’s proxy
      Severity: critical
      Owner: not set; usually the team of the called service
      Rule: UpstreamConnectionTermination
      Did the container restart, and was it OOMKilled?
      $ kubectl describe pod DESTINATION_POD -n shop | grep -A 6 "Last State"
      Did it begin with a deploy? Then compare the versions, and roll back.
      $ kubectl rollout history deployment/payments -n shop
      Is idleTimeout shorter than the application’s keep-alive timeout, as it should be?
      $ kubectl get destinationrule -n shop -o yaml | grep -A 8 connectionPool
      8c5e9a52-0d4f-4b7e-9a55-2f6f0f1c0a01
      8c5e9a52-0d4f-4b7e-9a55-2f6f0f1c0a02
      8c5e9a52-0d4f-4b7e-9a55-2f6f0f1c0a03
      flagwatch · 02:31:00 - 02:31:10 · 48 in the window, 1.2 expected, scale 3.27: z 14.3 is over 6 · 3f2a9c0d1e4b5a67-firing-1785691870000"
    `);
  });

  it('tells what fires, in English with the Korean line under it', () => {
    const content = renderMessage(aTransition(), null, { ...settings, language: 'both' });
    expect(content.summary).toMatchInlineSnapshot(`
      "48 of 600 requests (8.0 %) on checkout -> payments v2 ended with UC in 10s; usual is 1.2. Since 2026-08-03 02:31:00 +09:00, since deploy d-1057 of payments v2. UC: The upstream closed the connection while a request was open on it. With a code below 400 the answer had begun and is cut off.
      checkout -> payments v2 요청 600건 중 48건(8.0 %)이 10초 동안 UC 플래그로 끝났습니다 (평소 1.2건). 시작: 2026-08-03 02:31:00 +09:00, payments v2의 배포 d-1057부터. UC: 요청을 처리하던 중에 업스트림이 연결을 끊었습니다. 응답 코드가 400 미만이면 응답이 시작된 뒤 중간에 잘린 것입니다."
    `);
    expect(content.steps).toMatchInlineSnapshot(`
      [
        {
          "command": "kubectl describe pod DESTINATION_POD -n shop | grep -A 6 "Last State"",
          "lines": [
            "Did the container restart, and was it OOMKilled?",
            "컨테이너가 재시작했는지, OOMKilled였는지 확인합니다.",
          ],
        },
        {
          "command": "kubectl rollout history deployment/payments -n shop",
          "lines": [
            "Did it begin with a deploy? Then compare the versions, and roll back.",
            "배포와 함께 시작되었는지 확인하고, 버전을 비교한 뒤 롤백합니다.",
          ],
        },
        {
          "command": "kubectl get destinationrule -n shop -o yaml | grep -A 8 connectionPool",
          "lines": [
            "Is idleTimeout shorter than the application’s keep-alive timeout, as it should be?",
            "idleTimeout이 애플리케이션의 keep-alive 타임아웃보다 짧게 설정되어 있는지 확인합니다.",
          ],
        },
      ]
    `);
  });

  it('tells what fires, in Korean alone', () => {
    expect(toText(renderMessage(aTransition(), null, { ...settings, language: 'ko' }))).toMatchInlineSnapshot(`
      "UC on checkout -> payments v2
      checkout -> payments v2 요청 600건 중 48건(8.0 %)이 10초 동안 UC 플래그로 끝났습니다 (평소 1.2건). 시작: 2026-08-03 02:31:00 +09:00, payments v2의 배포 d-1057부터. UC: 요청을 처리하던 중에 업스트림이 연결을 끊었습니다. 응답 코드가 400 미만이면 응답이 시작된 뒤 중간에 잘린 것입니다.
      지금: 10초에 요청 600건 중 48건(8.0 %)
      평소: 10초에 1.2건
      z 점수: 14.3
      시작: 2026-08-03 02:31:00 +09:00
      영향받은 요청: 요청 600건 중 48건(8.0 %)
      배포: payments v2의 d-1057
      구간: checkout (shop) -> payments v2 (shop) · dc1 · 호출하는 쪽 프록시 기록
      심각도: critical
      담당: 지정되지 않음; 보통 호출받는 서비스 담당 팀
      규칙: UpstreamConnectionTermination
      컨테이너가 재시작했는지, OOMKilled였는지 확인합니다.
      $ kubectl describe pod DESTINATION_POD -n shop | grep -A 6 "Last State"
      배포와 함께 시작되었는지 확인하고, 버전을 비교한 뒤 롤백합니다.
      $ kubectl rollout history deployment/payments -n shop
      idleTimeout이 애플리케이션의 keep-alive 타임아웃보다 짧게 설정되어 있는지 확인합니다.
      $ kubectl get destinationrule -n shop -o yaml | grep -A 8 connectionPool
      8c5e9a52-0d4f-4b7e-9a55-2f6f0f1c0a01
      8c5e9a52-0d4f-4b7e-9a55-2f6f0f1c0a02
      8c5e9a52-0d4f-4b7e-9a55-2f6f0f1c0a03
      flagwatch · 02:31:00 - 02:31:10 · 48 in the window, 1.2 expected, scale 3.27: z 14.3 is over 6 · 3f2a9c0d1e4b5a67-firing-1785691870000"
    `);
  });

  it('tells what is over: from when to when, how long, the worst of it, how many requests', () => {
    const firing = { key: 'k', sinceAtMs: incidentStartAtMs, examples: aTransition().examples };
    const content = renderMessage(aResolution(), firing, settings);
    expect(content.key).toBe('k');
    expect(content.status).toBe('resolved');
    expect(content.steps).toEqual([]);
    expect(toText(content)).toMatchInlineSnapshot(`
      "UC on checkout -> payments v2
      Over: 480 of 18,000 requests (2.7 %) on checkout -> payments v2 ended with UC in 5m10s, 2026-08-03 02:31:00 - 02:36:10 +09:00. At its worst 60 of 600 in 10s (10.0 %), z 18.
      From - to: 2026-08-03 02:31:00 - 02:36:10 +09:00
      Lasted: 5m10s
      At its worst: 60 of 600 requests in 10s (10.0 %), z 18, at 02:33:00
      Usually: 1.2 in 10s
      Requests affected: 480 of 18,000 requests (2.7 %)
      Deploy: d-1057 of payments v2
      Where: checkout (shop) -> payments v2 (shop) · dc1 · seen by the source’s proxy
      Severity: critical
      Owner: not set; usually the team of the called service
      Rule: UpstreamConnectionTermination
      8c5e9a52-0d4f-4b7e-9a55-2f6f0f1c0a01
      8c5e9a52-0d4f-4b7e-9a55-2f6f0f1c0a02
      8c5e9a52-0d4f-4b7e-9a55-2f6f0f1c0a03
      flagwatch · 02:36:00 - 02:36:10 · 1 in the window, 1.2 expected · 3f2a9c0d1e4b5a67-resolved-1785692170000"
    `);
  });

  it('says the resolution in Korean as well', () => {
    expect(renderMessage(aResolution(), null, { ...settings, language: 'both' }).summary).toMatchInlineSnapshot(`
      "Over: 480 of 18,000 requests (2.7 %) on checkout -> payments v2 ended with UC in 5m10s, 2026-08-03 02:31:00 - 02:36:10 +09:00. At its worst 60 of 600 in 10s (10.0 %), z 18.
      종료: checkout -> payments v2 요청 18,000건 중 480건(2.7 %)이 5분 10초 동안 UC 플래그로 끝났습니다 (2026-08-03 02:31:00 - 02:36:10 +09:00). 가장 심했을 때 10초에 600건 중 60건(10.0 %), z 18."
    `);
  });

  it('says only what the labels know', () => {
    const labels = {
      destination_service: 'payments',
      destination_version: 'unknown',
      severity: 'warning',
      team: 'pay',
    };
    const verdict = aVerdict({ baseline: null, z: null, scale: null });
    const content = renderMessage(aTransition({ labels, verdict, peak: verdict, examples: [] }), null, settings);
    expect(toText(content)).toMatchInlineSnapshot(`
      "UpstreamConnectionTermination at payments
      48 of 600 requests (8.0 %) on payments match UpstreamConnectionTermination in 10s; over the rule’s fixed limit. Since 2026-08-03 02:31:00 +09:00.
      Now: 48 of 600 requests in 10s (8.0 %)
      Usually: not asked: the limit is fixed
      Since: 2026-08-03 02:31:00 +09:00
      Requests affected: 48 of 600 requests (8.0 %)
      Where: payments
      Severity: warning
      Owner: pay
      Rule: UpstreamConnectionTermination
      Look the requests below up by their id: the lines of both sides show which hop failed.
      Compare with what changed at that time: deploys, configuration, routes and policies.
      If one version alone fails, take traffic off it or roll it back.
      flagwatch · 02:31:00 - 02:31:10 · 48 in the window, 1.2 expected, scale 3.27: z 14.3 is over 6 · 3f2a9c0d1e4b5a67-firing-1785691870000"
    `);
  });

  it('takes the rule’s summary, owner and runbook, and links requests to the search', () => {
    const annotations = {
      summary: 'Payments drop connections.\nCall the payments team.',
      owner: 'payments-oncall',
      runbook_url: 'https://wiki.example/uc',
    };
    const content = renderMessage(aTransition({ annotations }), null, {
      ...settings,
      searchUrlTemplate: 'https://kibana.example/app/discover#/?q=request.id:{request_id}',
    });
    expect(content.summary.split('\n')[0]).toBe('Payments drop connections. Call the payments team.');
    expect(content.fields).toContainEqual({ label: 'Owner', value: 'payments-oncall' });
    expect(content.links).toEqual([{ text: 'Runbook', url: 'https://wiki.example/uc' }]);
    expect(content.requestUrls[0]).toBe(
      'https://kibana.example/app/discover#/?q=request.id:8c5e9a52-0d4f-4b7e-9a55-2f6f0f1c0a01',
    );
  });

  it('makes no link of what is no web address', () => {
    const annotations = { runbook_url: 'javascript:alert(1)' };
    const content = renderMessage(aTransition({ annotations }), null, {
      ...settings,
      searchUrlTemplate: 'file:///{request_id}',
    });
    expect(content.links).toEqual([]);
    expect(content.requestUrls).toEqual([null, null, null]);
  });

  it('keeps what is hostile visible and on its line', () => {
    const labels = {
      ...aTransition().labels,
      source_service: 'a\n\u001b[2J\u202eb',
      destination_service: '<!channel>',
    };
    const content = renderMessage(aTransition({ labels }), null, settings);
    expect(content.title).toBe('UC on a␊␛[2J\\u202eb -> <!channel> v2');
  });

  it('keeps every bound and is the same each time, whatever the text is', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom(
        '<!channel>',
        '*'.repeat(100_000),
        '&'.repeat(5000),
        '\u202e',
        '\ud800',
        '`$(reboot)`',
        '__proto__',
      ),
    );
    const transitions = fc.record({
      labels: fc.dictionary(
        fc.constantFrom('flag', 'source_service', 'destination_service', 'destination_version', 'severity', 'owner'),
        hostile,
      ),
      annotations: fc.dictionary(fc.constantFrom('summary', 'owner', 'runbook_url'), hostile),
      alert: hostile,
      examples: fc.array(fc.record({ atMs: fc.integer(), requestId: hostile }), { maxLength: 9 }),
      status: fc.constantFrom('firing' as const, 'resolved' as const),
      language: fc.constantFrom('en' as const, 'ko' as const, 'both' as const),
    });
    fc.assert(
      fc.property(transitions, ({ language, ...changes }) => {
        const render = () =>
          renderMessage(aTransition(changes), null, {
            ...settings,
            language,
            searchUrlTemplate: 'https://k/?q={request_id}',
          });
        const content = render();
        expect(render()).toEqual(content);
        expectWithinLimits(content);
      }),
      { numRuns: 300 },
    );
  });
});

function expectWithinLimits(content: MessageContent): void {
  expect(content.title.length).toBeLessThanOrEqual(messageLimits.title);
  expect(content.summary.length).toBeLessThanOrEqual(messageLimits.summary);
  expect(content.fields.length).toBeLessThanOrEqual(messageLimits.fields);
  for (const { value } of content.fields) expect(value.length).toBeLessThanOrEqual(messageLimits.fieldValue);
  expect(content.requestIds.length).toBeLessThanOrEqual(messageLimits.requestIds);
  expect(content.requestUrls.length).toBe(content.requestIds.length);
  expect(content.footer.length).toBeLessThanOrEqual(messageLimits.footer);
  const texts = [content.title, content.footer, ...content.requestIds, ...content.fields.map(({ value }) => value)];
  for (const text of texts) expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
}
