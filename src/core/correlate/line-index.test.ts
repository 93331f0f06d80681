import { describe, expect, it } from 'vitest';
import type { Call } from '../../../test/support/exchanges.ts';
import { aCall, arrivalLine, decoded, sourceLine } from '../../../test/support/exchanges.ts';
import { beforeAnswer, line } from '../../../test/support/fact-lines.ts';
import { LineIndex } from './line-index.ts';

const maxApartMs = 5000;
const cut = (call: Call) => decoded(sourceLine(call, line('UC', 503, beforeAnswer('connection_termination'))));
const bytes = (call: Call) => decoded(arrivalLine({ ...call, requestId: null, protocol: null }));
const at = (seconds: number): Call =>
  aCall({ requestId: `r${seconds}`, startAtMs: aCall().startAtMs + seconds * 1000 });

describe('a line without an id', () => {
  it('belongs to the nearest use of its connection, if that is near enough', () => {
    const index = new LineIndex();
    index.register(cut(at(0)), 'first');
    index.register(cut(at(4)), 'second');
    expect(index.keyOf(bytes(at(1)), maxApartMs)).toBe('first');
    expect(index.keyOf(bytes(at(3)), maxApartMs)).toBe('second');
    expect(index.keyOf(bytes(at(10)), maxApartMs)).toMatch(/^connection /);
    index.unregister([cut(at(0))], 'first');
    expect(index.keyOf(bytes(at(1)), maxApartMs)).toBe('second');
    index.unregister([cut(at(4))], 'second');
    expect(index.keyOf(bytes(at(3)), maxApartMs)).toMatch(/^connection /);
  });

  it('is looked for on the last uses of a connection alone, so that they cannot grow', () => {
    const index = new LineIndex();
    for (let i = 0; i < 40; i += 1) index.register(cut(at(i * 10)), `use ${i}`);
    expect(index.keyOf(bytes(at(0)), maxApartMs)).toMatch(/^connection /);
    expect(index.keyOf(bytes(at(390)), maxApartMs)).toBe('use 39');
  });
});

describe('a line with the request id alone', () => {
  it('belongs to the trace in which the id was seen', () => {
    const index = new LineIndex();
    const traced = decoded(sourceLine(aCall({ traceId: 'f'.repeat(32) })));
    expect(index.keyOf(traced, maxApartMs)).toBe(`trace ${'f'.repeat(32)}`);
    index.register(traced, 'group');
    const plain = decoded(arrivalLine(aCall()));
    expect(index.keyOf(plain, maxApartMs)).toBe('group');
    index.unregister([traced], 'group');
    expect(index.keyOf(plain, maxApartMs)).toBe(`request ${aCall().requestId}`);
  });
});
