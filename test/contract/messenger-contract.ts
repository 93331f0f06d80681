// What every messenger keeps of the port's promises. Run on the console and on Slack.
import { describe, expect, it } from 'vitest';
import type { Messenger } from '#ports/messenger.ts';
import { aMessage } from '../support/notify-builders.ts';

/** A messenger of the kind under test, with an empty channel. */
export type SetUpMessenger = () => Promise<{ readonly messenger: Messenger; stop(): Promise<void> }>;

/** The suite. */
export function describeMessengerContract(name: string, setUp: SetUpMessenger): void {
  const withMessenger = (use: (messenger: Messenger) => Promise<void>) => async () => {
    const { messenger, stop } = await setUp();
    try {
      await use(messenger);
    } finally {
      await stop();
    }
  };
  const signal = new AbortController().signal;

  describe(`messenger contract: ${name}`, () => {
    it(
      'finds nothing where nothing was posted',
      withMessenger(async (messenger) => {
        expect(await messenger.find('nobody', signal)).toBeNull();
      }),
    );

    it(
      'finds what was posted, by its key, with the step that it shows',
      withMessenger(async (messenger) => {
        const handle = await messenger.post(aMessage({ key: 'a', step: 'a1' }), signal);
        await messenger.post(aMessage({ key: 'b', step: 'b1' }), signal);
        expect(await messenger.find('a', signal)).toEqual({ handle, step: 'a1' });
      }),
    );

    it(
      'shows the new step after an update, in the same place, however often it is made',
      withMessenger(async (messenger) => {
        const handle = await messenger.post(aMessage({ key: 'a', step: 'a1' }), signal);
        const resolved = aMessage({ key: 'a', step: 'a2', status: 'resolved' });
        for (let i = 0; i < 3; i += 1) expect(await messenger.update(handle, resolved, signal)).toEqual(handle);
        expect(await messenger.find('a', signal)).toEqual({ handle, step: 'a2' });
      }),
    );

    it(
      'finds the newest of two messages with one key',
      withMessenger(async (messenger) => {
        await messenger.post(aMessage({ key: 'a', step: 'a1' }), signal);
        const newer = await messenger.post(aMessage({ key: 'a', step: 'a2' }), signal);
        expect(await messenger.find('a', signal)).toEqual({ handle: newer, step: 'a2' });
      }),
    );

    it(
      'takes any text',
      withMessenger(async (messenger) => {
        for (const text of ['<!channel> <@U1>', '&'.repeat(100_000), '\u0000\u001b[2J\u202e\ud800', '']) {
          const fields = Array.from({ length: 20 }, () => ({ label: text, value: text }));
          const steps = [{ lines: [text, text], command: text }];
          const hostile = aMessage({ title: text, summary: text, footer: text, fields, steps, requestIds: [text] });
          const handle = await messenger.post({ ...hostile, key: 'h', step: 'h1' }, signal);
          await messenger.update(handle, { ...hostile, key: 'h', step: 'h2' }, signal);
        }
      }),
    );

    it(
      'answers a ping',
      withMessenger(async (messenger) => {
        await expect(messenger.ping(signal)).resolves.toBeUndefined();
      }),
    );
  });
}
