// The JSON that goes to Slack, and that no content whatever breaks a limit of Slack's or pings anybody. The limits are those of
// the stand-in, which were written without this code in view.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkBlocks } from '../../../test/services/slack/blocks.ts';
import { findPings } from '../../../test/services/slack/pings.ts';
import { aMessage } from '../../../test/support/notify-builders.ts';
import { encodeMessage, slackBudgets, withoutBlocks } from './encode-message.ts';

describe('encodeMessage', () => {
  it('is this for a firing alert', () => {
    expect(encodeMessage(aMessage())).toMatchInlineSnapshot(`
      {
        "blocks": [
          {
            "text": {
              "emoji": false,
              "text": "🔴 UC on checkout -&gt; payments v2",
              "type": "plain_text",
            },
            "type": "header",
          },
          {
            "text": {
              "emoji": false,
              "text": "48 of 600 requests ended with UC.
      요청 600건 중 48건이 UC 플래그로 끝났습니다.",
              "type": "plain_text",
            },
            "type": "section",
          },
          {
            "fields": [
              {
                "text": "*Now*
      48 of 600 requests in 10s (8.0 %)",
                "type": "mrkdwn",
                "verbatim": true,
              },
              {
                "text": "*Since*
      2026-08-03 02:31:00 +09:00",
                "type": "mrkdwn",
                "verbatim": true,
              },
            ],
            "type": "section",
          },
          {
            "text": {
              "text": "*What to do first*
      1. Did the container restart?
          컨테이너가 재시작했는지 확인합니다.
          \`kubectl get pods -n shop\`
      2. Did it begin with a deploy?",
              "type": "mrkdwn",
              "verbatim": true,
            },
            "type": "section",
          },
          {
            "text": {
              "text": "*Requests to begin with*
      <https://kibana.example/r?id=8c5e9a52&amp;x=1|8c5e9a52-0d4f-4b7e-9a55-2f6f0f1c0a01>
      \`r-2\`
      <https://wiki.example/uc|Runbook>",
              "type": "mrkdwn",
              "verbatim": true,
            },
            "type": "section",
          },
          {
            "elements": [
              {
                "emoji": false,
                "text": "flagwatch · 02:31:00 - 02:31:10 · 48 in the window",
                "type": "plain_text",
              },
            ],
            "type": "context",
          },
        ],
        "metadata": {
          "event_payload": {
            "key": "3f2a9c0d1e4b5a67-1000",
            "step": "3f2a9c0d1e4b5a67-firing-2000",
          },
          "event_type": "flagwatch_incident",
        },
        "text": "🔴 Firing: UC on checkout -&gt; payments v2
      48 of 600 requests ended with UC.
      요청 600건 중 48건이 UC 플래그로 끝났습니다.",
      }
    `);
  });

  it('shows by its mark whether it fires, how badly, or is over', () => {
    const header = (changes: Parameters<typeof aMessage>[0]) => encodeMessage(aMessage(changes)).text.split(':')[0];
    expect(header({ severity: 'critical' })).toBe('🔴 Firing');
    expect(header({ severity: 'warning' })).toBe('🟠 Firing');
    expect(header({ severity: 'info' })).toBe('🔵 Firing');
    expect(header({ severity: '__proto__' })).toBe('🟠 Firing');
    expect(header({ status: 'resolved' })).toBe('✅ Resolved');
  });

  it('leaves out what there is none of', () => {
    const bare = aMessage({
      fields: [],
      steps: [],
      requestIds: [],
      requestUrls: [],
      links: [],
      footer: '',
      summary: '',
    });
    expect(encodeMessage(bare).blocks.map(({ type }) => type)).toEqual(['header']);
  });

  it('has the text left when Slack refuses the blocks', () => {
    const payload = withoutBlocks(encodeMessage(aMessage()));
    expect(payload.blocks).toEqual([]);
    expect(payload.text).toContain('UC on checkout -&gt; payments v2');
  });

  it('plans its budgets within the sum that Slack takes', () => {
    const budgets = slackBudgets;
    const steps = budgets.heading + budgets.steps * (budgets.stepLines * (budgets.stepLine + 8) + budgets.command + 5);
    const parts = [
      budgets.header,
      budgets.summary,
      budgets.fields * budgets.field,
      steps,
      budgets.requests,
      budgets.footer,
    ];
    const overheadOfSixBlocks = 130 + 5 * 70;
    expect(parts.reduce((sum, part) => sum + part, overheadOfSixBlocks)).toBeLessThan(13_200);
  });

  it('keeps Slack’s limits and pings nobody, whatever the content holds', () => {
    fc.assert(
      fc.property(hostileMessage, (content) => {
        const payload = encodeMessage(content);
        const { errors, isTooLong } = checkBlocks(payload.blocks as unknown as Parameters<typeof checkBlocks>[0]);
        expect(errors).toEqual([]);
        expect(isTooLong).toBe(false);
        expect(findPings({ text: payload.text, blocks: payload.blocks, linksNames: false })).toEqual([]);
        expect(JSON.stringify(payload.blocks)).not.toContain('<!');
        expect(Buffer.byteLength(payload.text)).toBeLessThanOrEqual(4000);
        expect(payload.text).not.toBe('');
        // The client sends a form: what is not well-formed would throw there.
        expect(() => encodeURIComponent(payload.text + JSON.stringify(payload))).not.toThrow();
      }),
      { numRuns: 400 },
    );
  });
});

const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '<!channel>',
    '<!here|here> <@U012345> <!subteam^S1> <!everyone>',
    '@channel @here',
    '</script>|<https://evil.example|click>',
    '`*_~`:skull:',
    '\n\n\n',
    '\u202e\u0000\u001b[2J',
    '\ud800',
    '',
  ),
  fc.constantFrom('&', '<', '*', '🔴', '한', 'x').map((character) => character.repeat(100_000)),
);
const hostileMessage = fc
  .record({
    severity: hostileText,
    title: hostileText,
    summary: hostileText,
    footer: hostileText,
    fields: fc.array(fc.record({ label: hostileText, value: hostileText }), { maxLength: 15 }),
    steps: fc.array(fc.record({ lines: fc.array(hostileText, { maxLength: 4 }), command: fc.option(hostileText) }), {
      maxLength: 5,
    }),
    requestIds: fc.array(hostileText, { maxLength: 8 }),
    requestUrls: fc.array(fc.option(fc.oneof(hostileText, fc.webUrl())), { maxLength: 8 }),
    links: fc.array(fc.record({ text: hostileText, url: hostileText }), { maxLength: 4 }),
    headings: fc.record({ steps: hostileText, requests: hostileText }),
  })
  .map((changes) => aMessage(changes));
