import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Silence } from './silence.ts';
import { Silences, silenceStatus } from './silence.ts';
import { decodeSilence, encodeSilence, isSilenceKey, silenceKey } from './silence-wire.ts';

const silence: Silence = {
  id: '8f3a',
  matchers: [{ label: 'alertname', operator: '=~', value: 'Up.*' }],
  fromMs: 100,
  untilMs: 200,
  author: 'mina',
  reason: 'load test',
};
const decode = (value: unknown) => decodeSilence(Buffer.from(JSON.stringify(value)));

describe('a silence', () => {
  it('holds from its beginning to before its end', () => {
    expect([99, 100, 199, 200].map((nowMs) => silenceStatus(silence, nowMs))).toEqual([
      'pending',
      'active',
      'active',
      'expired',
    ]);
  });

  it('is found by labels; of several the one that lasts longest; replaced by its id', () => {
    const silences = new Silences();
    silences.put(silence);
    silences.put({ ...silence, id: 'b', untilMs: 300 });
    expect(silences.find({ alertname: 'UpX' }, 150)?.id).toBe('b');
    expect(silences.find({ alertname: 'Down' }, 150)).toBeNull();
    silences.put({ ...silence, id: 'b', untilMs: 120 });
    expect(silences.find({ alertname: 'UpX' }, 150)?.id).toBe('8f3a');
    expect(silences.size).toBe(2);
  });

  it('comes back from the wire as it was', () => {
    expect(decodeSilence(Buffer.from(encodeSilence(silence)))).toEqual({ kind: 'ok', value: silence });
    expect(isSilenceKey(silenceKey('x'))).toBe(true);
    expect(isSilenceKey('incident/x')).toBe(false);
  });

  it.each([
    ['no matchers', { matchers: [] }],
    ['a pattern that is none', { matchers: [{ label: 'a', operator: '=~', value: '(' }] }],
    ['an operator that is none', { matchers: [{ label: 'a', operator: '==', value: 'x' }] }],
    ['no author', { author: 3 }],
    ['an endless reason', { reason: 'x'.repeat(2000) }],
    ['half a millisecond', { untilMs: 0.5 }],
    ['another version', { v: 2 }],
  ])('refuses %s', (_name, changes) => {
    expect(decode({ v: 1, ...silence, ...changes }).kind).toBe('dead-letter');
  });

  it('never throws on what it reads', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(silence)), (value, name) => {
        const outcome = decode({ v: 1, ...silence, [name]: value });
        if (outcome.kind === 'ok') new Silences().put(outcome.value);
      }),
    );
  });
});
