import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aMessage } from '../../../test/support/notify-builders.ts';
import { SkippingClock } from '../../../test/support/recording.ts';
import { createLiveStatus } from './live-status.ts';
import { consoleDefaults, createConsoleMessenger } from './messenger.ts';
import { renderForConsole } from './render-message.ts';

const signal = new AbortController().signal;
const style = { columns: 80, isColored: false, channel: '#mesh-oncall', isEdited: false };

describe('renderForConsole', () => {
  it('shows a message as Slack would', () => {
    expect(`\n${renderForConsole(aMessage(), style)}`).toMatchInlineSnapshot(`
      "
      ╭ flagwatch in #mesh-oncall
      ┃ 🔴 UC on checkout -> payments v2
      ┃
      ┃ 48 of 600 requests ended with UC.
      ┃ 요청 600건 중 48건이 UC 플래그로 끝났습니다.
      ┃
      ┃ Now    48 of 600 requests in 10s (8.0 %)
      ┃ Since  2026-08-03 02:31:00 +09:00
      ┃
      ┃ What to do first
      ┃ 1. Did the container restart?
      ┃    컨테이너가 재시작했는지 확인합니다.
      ┃    $ kubectl get pods -n shop
      ┃ 2. Did it begin with a deploy?
      ┃
      ┃ Requests to begin with
      ┃ • 8c5e9a52-0d4f-4b7e-9a55-2f6f0f1c0a01
      ┃   https://kibana.example/r?id=8c5e9a52&x=1
      ┃ • r-2
      ┃ Runbook: https://wiki.example/uc
      ┃
      ┃ flagwatch · 02:31:00 - 02:31:10 · 48 in the window
      ╰
      "
    `);
  });

  it('shows what is over, and that it was edited', () => {
    const content = aMessage({ status: 'resolved', steps: [], requestIds: [], requestUrls: [], links: [] });
    expect(`\n${renderForConsole(content, { ...style, isEdited: true })}`).toMatchInlineSnapshot(`
      "
      ╭ flagwatch in #mesh-oncall (edited)
      ┃ ✅ UC on checkout -> payments v2
      ┃
      ┃ 48 of 600 requests ended with UC.
      ┃ 요청 600건 중 48건이 UC 플래그로 끝났습니다.
      ┃
      ┃ Now    48 of 600 requests in 10s (8.0 %)
      ┃ Since  2026-08-03 02:31:00 +09:00
      ┃
      ┃ flagwatch · 02:31:00 - 02:31:10 · 48 in the window
      ╰
      "
    `);
  });

  it('colours where it may', () => {
    expect(renderForConsole(aMessage(), { ...style, isColored: true })).toContain('\u001b[31m┃\u001b[0m');
  });

  it('lets no text move the cursor, colour, or leave its line', () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 });
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 200 }), (hostile, columns) => {
        const content = aMessage({
          title: hostile,
          severity: hostile,
          fields: [{ label: hostile, value: hostile }],
          steps: [{ lines: [hostile], command: hostile }],
          requestIds: [hostile],
          requestUrls: [hostile],
          links: [{ text: hostile, url: hostile }],
          footer: hostile,
        });
        const shown = renderForConsole(content, { ...style, columns });
        expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/);
        for (const line of shown.trimEnd().split('\n')) expect(line).toMatch(/^[╭┃╰]/u);
      }),
    );
  });
});

describe('the console messenger', () => {
  const setUp = (isTTY = false) => {
    const written: string[] = [];
    const stream = { isTTY, columns: 80, write: (text: string) => written.push(text) };
    return { written, stream, clock: new SkippingClock() };
  };

  it('writes a post, and an update as edited', async () => {
    const { written, stream, clock } = setUp();
    const messenger = createConsoleMessenger(consoleDefaults, { stream, clock });
    const handle = await messenger.post(aMessage(), signal);
    expect(handle).toEqual({ channel: 'console', ts: '1000000000.000001' });
    await messenger.update(handle, aMessage({ step: 's2', status: 'resolved' }), signal);
    expect(written).toHaveLength(2);
    expect(written[0]).not.toContain('(edited)');
    expect(written[1]).toContain('(edited)');
  });

  it('leaves no trace of the status line in a message', async () => {
    const { written, stream, clock } = setUp(true);
    const status = createLiveStatus(stream);
    const messenger = createConsoleMessenger(consoleDefaults, { stream, clock, status });
    status.show('1,000 lines');
    await messenger.post(aMessage(), signal);
    expect(written[1]).toBe('\r\u001b[2K');
    expect(written[2]?.startsWith('\n')).toBe(true);
    expect(written[3]).toBe('\r\u001b[2K1,000 lines');
  });

  it('remembers a bounded number of messages', async () => {
    const { stream, clock } = setUp();
    const messenger = createConsoleMessenger({ ...consoleDefaults, maxRemembered: 2 }, { stream, clock });
    for (const key of ['a', 'b', 'a', 'c']) await messenger.post(aMessage({ key }), signal);
    expect(await messenger.find('b', signal)).toBeNull();
    expect(await messenger.find('a', signal)).not.toBeNull();
  });
});
