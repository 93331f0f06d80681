import { describe, expect, it } from 'vitest';
import { encodeDeadLetter, maxKeptBytes } from './dead-letter.ts';

const letter = {
  origin: { cluster: 'dc1', topic: 'logs', partition: 3 },
  offset: 42,
  loop: 'collect',
  reason: 'malformed_json',
  detail: 'cut',
} as const;
const read = (value: Uint8Array) =>
  JSON.parse(String(encodeDeadLetter('dead', { ...letter, value }).value)) as Record<string, unknown>;

describe('encodeDeadLetter', () => {
  it('is keyed by its origin, and keeps text readable', () => {
    const record = encodeDeadLetter('dead', { ...letter, value: Buffer.from('{"a":"né') });
    expect([record.topic, record.key]).toEqual(['dead', 'dc1/logs/3/0000000000000042']);
    expect(JSON.parse(String(record.value))).toMatchObject({
      v: 1,
      reason: 'malformed_json',
      detail: 'cut',
      loop: 'collect',
      origin: { ...letter.origin, offset: 42 },
      bytes: 9,
      cut: false,
      text: '{"a":"né',
    });
  });

  it('keeps bytes that are no text as Base64', () => {
    expect(read(Buffer.from([0xff, 0x00, 0x7b]))).toMatchObject({ base64: '/wB7', bytes: 3 });
  });

  it('keeps the first 256 KiB of an oversized one, its length and its hash, in a record that every broker takes', () => {
    const hostile = read(Buffer.alloc(2_000_000, 1));
    expect(hostile).toMatchObject({ bytes: 2_000_000, cut: true });
    expect(String(hostile['sha256'])).toMatch(/^[0-9a-f]{64}$/);
    expect(Buffer.from(String(hostile['base64']), 'base64')).toHaveLength(maxKeptBytes);
    expect(JSON.stringify(hostile).length).toBeLessThan(900_000);
  });
});
