// Recorded lines with known causes: what classify calls certain is right, and its readings change only on purpose.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeLine } from '#core/access-log/decode-line.ts';
import type { AccessLogRecord } from '#core/access-log/record.ts';
import { attribute } from '#core/attribute/attribute.ts';
import type { Fault, Party } from '#core/classify/classification.ts';
import { classify, isFailure } from '#core/classify/classify.ts';

interface Truth {
  readonly party: Party;
  readonly fault: Fault;
  readonly lines: number;
}

interface Shape {
  readonly record: AccessLogRecord;
  readonly truths: readonly Truth[];
}

const shapes: readonly Shape[] = readFileSync(join(import.meta.dirname, 'shapes.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((text) => {
    const { line, truths } = JSON.parse(text) as { line: object; truths: readonly Truth[] };
    const outcome = decodeLine(Buffer.from(JSON.stringify(line)));
    if (outcome.kind !== 'ok') throw new Error(`golden line is not readable: ${text}`);
    return { record: outcome.value, truths };
  });

/** Lines of failed requests, and how many of them `accept` holds for. */
function countFailed(accept: (record: AccessLogRecord, truth: Truth) => boolean): number {
  let count = 0;
  for (const { record, truths } of shapes) {
    for (const truth of truths) {
      if (truth.party !== 'none' && accept(record, truth)) count += truth.lines;
    }
  }
  return count;
}

const withoutSide = (record: AccessLogRecord): AccessLogRecord => ({ ...record, listenerDirection: null });

describe('classify on recorded lines', () => {
  it.each([
    ['with', (record: AccessLogRecord) => record],
    ['without', withoutSide],
  ])('is right where it is certain, %s the listener’s direction', (_name, view) => {
    const certain = countFailed((record) => classify(view(record)).confidence === 'certain');
    const right = countFailed((record, truth) => {
      const said = classify(view(record));
      return said.confidence === 'certain' && said.fault === truth.fault && said.party === truth.party;
    });
    expect(right / certain).toBeGreaterThanOrEqual(0.995);
    // Saying nothing would be right as well: of 1,691 lines of failed requests it is certain of more than two in five.
    expect(countFailed(() => true)).toBe(1691);
    expect(certain / 1691).toBeGreaterThan(0.4);
  });

  it('is never certain of a shape that had several causes', () => {
    const wrong = shapes.filter(
      ({ record, truths }) => truths.length > 1 && classify(record).confidence === 'certain' && isFailure(record),
    );
    expect(wrong.map(({ record }) => record)).toEqual([]);
  });

  it('takes no line of a request that went well for a failure, but for attempts that were saved later', () => {
    let invented = 0;
    for (const { record, truths } of shapes) {
      if (!isFailure(record)) continue;
      for (const truth of truths) if (truth.party === 'none') invented += truth.lines;
    }
    expect(invented).toBe(16);
  });

  it('looks at the evidence alone', () => {
    const text = fc.option(fc.string());
    const noise = fc.record({ path: text, authority: text, userAgent: text, method: text, xForwardedFor: text });
    fc.assert(
      fc.property(fc.constantFrom(...shapes), noise, fc.nat(), ({ record }, other, durationMs) => {
        expect(classify({ ...record, ...other, durationMs })).toEqual(classify(record));
      }),
    );
  });

  it('reads each shape as reviewed', () => {
    const readings = shapes.map(({ record }) => {
      const { flags, fault, party, confidence } = classify(record);
      const { reporter } = attribute(record);
      const line = [reporter, flags.join(',') || '-', record.responseCode, record.responseCodeDetails ?? '-'].join(' ');
      return { line, reading: `${fault} ${party} ${confidence}` };
    });
    const path = join(import.meta.dirname, 'readings.json');
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, `${JSON.stringify(readings, null, 2)}\n`);
    expect(readings).toEqual(JSON.parse(readFileSync(path, 'utf8')));
  });
});
