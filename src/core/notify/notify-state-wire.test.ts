import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpenIncident } from './incident.ts';
import { decodeNotifyState, encodeNotifyState } from './notify-state-wire.ts';

const incident: OpenIncident = {
  firing: { key: 'f-1', sinceAtMs: 1, examples: [{ atMs: 1, requestId: 'r' }] },
  step: 'f-firing-2',
  stepAtMs: 2,
  handle: { channel: 'C1', ts: '1.5' },
  via: 'messenger',
};
const decode = (value: unknown) => decodeNotifyState(Buffer.from(JSON.stringify(value)));

describe('notify state on the wire', () => {
  it('comes back as it went', () => {
    expect(decodeNotifyState(Buffer.from(encodeNotifyState(incident)))).toEqual({ kind: 'ok', value: incident });
  });

  it('has this form', () => {
    expect(encodeNotifyState(incident)).toBe(
      '{"v":1,"firing":{"key":"f-1","sinceAtMs":1,"examples":[{"atMs":1,"requestId":"r"}]},"step":"f-firing-2","stepAtMs":2,"handle":{"channel":"C1","ts":"1.5"},"via":"messenger"}',
    );
  });

  it.each([
    ['another version', { ...incident, v: 2 }],
    ['no step', { ...incident, v: 1, step: 3 }],
    ['no time', { ...incident, v: 1, stepAtMs: null }],
    ['no place', { ...incident, v: 1, handle: { channel: 'C1' } }],
    ['an unknown way', { ...incident, v: 1, via: 'mail' }],
    ['no start', { ...incident, v: 1, firing: { ...incident.firing, sinceAtMs: '1' } }],
    ['wrong examples', { ...incident, v: 1, firing: { ...incident.firing, examples: [1] } }],
    ['no object', [1]],
  ])('is unreadable with %s', (_name, value) => {
    expect(decode(value)).toMatchObject({ kind: 'dead-letter', reason: 'unreadable_internal_record' });
  });

  it('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          expect(['ok', 'dead-letter']).toContain(decodeNotifyState(bytes).kind);
        },
      ),
    );
  });
});
