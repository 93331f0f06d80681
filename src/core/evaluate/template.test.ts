import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '#core/detect/verdict.ts';
import { findTemplateErrors, renderTemplate } from './template.ts';

const verdict: Verdict = {
  kind: 'anomaly',
  windowStartAtMs: 0,
  windowEndAtMs: 10_000,
  value: 42,
  unit: 'lines',
  requestCount: 310,
  baseline: 0.3125,
  scale: 1,
  z: 41.6875,
  reason: 'x',
};
const labels = { destination_service: 'payments', flag: 'UC' };

describe('renderTemplate', () => {
  it.each([
    ['{{ $labels.destination_service }}: {{$labels.flag}}', 'payments: UC'],
    ['{{ $value }} of {{ $requests }} ({{ $ratio }})', '42 of 310 (13.5%)'],
    ['z {{ $z }}, usual {{ $baseline }}', 'z 41.7, usual 0.31'],
    ['{{ $labels.source_version }}', 'unknown'],
    ['{{ $labels.constructor }} {{ constructor }} {{ $nothing }}', 'unknown {{ constructor }} {{ $nothing }}'],
    ['no template, {{ open', 'no template, {{ open'],
  ])('%s', (text, expected) => {
    expect(renderTemplate(text, { labels, verdict })).toBe(expected);
  });

  it('shows what is not known as a dash', () => {
    const learning = { ...verdict, requestCount: 0, z: null, baseline: null };
    expect(renderTemplate('{{ $z }} {{ $baseline }} {{ $ratio }}', { labels, verdict: learning })).toBe('– – –');
  });

  it('puts label values in as they are, up to a length, and reads no template in them', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ maxLength: 200 }), fc.constantFrom('{{ $value }}', '$&', '$1', '$labels.flag')),
        (flag) => {
          expect(renderTemplate('<{{ $labels.flag }}>', { labels: { flag }, verdict })).toBe(`<${flag}>`);
        },
      ),
    );
    expect(renderTemplate('{{ $labels.flag }}', { labels: { flag: 'x'.repeat(1000) }, verdict })).toHaveLength(200);
  });
});

describe('findTemplateErrors', () => {
  it('accepts what can be filled in', () => {
    const text = '{{ $labels.flag }} {{$value}} {{ $requests }} {{ $ratio }} {{ $z }} {{ $baseline }} }} $5';
    expect(findTemplateErrors(text, ['flag'])).toEqual([]);
  });

  it('names place, placeholder and remedy', () => {
    expect(findTemplateErrors('a {{ $labels.flg }} {{ $valu }} {{ $z', ['flag', 'alert'])).toEqual([
      { at: 2, placeholder: '{{ $labels.flg }}', message: 'the alert has no label "flg"; it has alert, flag' },
      {
        at: 20,
        placeholder: '{{ $valu }}',
        message: '"$valu" is not known; there are $labels.NAME, $value, $requests, $ratio, $z, $baseline',
      },
      { at: 32, placeholder: '{{ $z', message: '"{{" without "}}"' },
    ]);
  });
});
