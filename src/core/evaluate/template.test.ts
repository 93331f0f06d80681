import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConditionKind } from '#core/detect/condition.ts';
import { conditionKinds } from '#core/detect/condition.ts';
import type { Verdict } from '#core/detect/verdict.ts';
import { findTemplateErrors, renderTemplate, templateVariables } from './template.ts';

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

  it('writes times with their unit', () => {
    const slow: Verdict = { ...verdict, unit: 'ms', value: 1234.4, baseline: 87.6 };
    expect(renderTemplate('{{ $value }}, usual {{ $baseline }}', { labels, verdict: slow })).toBe('1.23s, usual 88ms');
    const late: Verdict = { ...slow, value: 320_400 };
    expect(renderTemplate('{{ $value }}', { labels, verdict: late })).toBe('5m20s');
  });

  it('tells of the version that is replaced', () => {
    const comparison = {
      verdict: 'only_new',
      newVersion: 'v2',
      newDeployId: 'd2',
      oldVersion: 'v1',
      newCount: 42,
      newRequestCount: 310,
      oldCount: 1,
      oldRequestCount: 2900,
      certainty: 0.99999,
    } as const;
    const text = '{{ $old_version }}: {{ $old_count }} of {{ $old_requests }} ({{ $old_ratio }}), {{ $certainty }}';
    expect(renderTemplate(text, { labels, verdict: { ...verdict, comparison } })).toBe('v1: 1 of 2900 (0.03%), 99.99%');
    const alone = { ...verdict, comparison: { ...comparison, oldVersion: null, certainty: 0.9995 } };
    expect(renderTemplate('{{ $old_version }} {{ $certainty }}', { labels, verdict: alone })).toBe('– 99.95%');
    expect(renderTemplate('{{ $old_version }} {{ $certainty }}', { labels, verdict })).toBe('– –');
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
    const text =
      '{{ $labels.flag }} {{$value}} {{ $requests }} {{ $ratio }} {{ $z }} {{ $baseline }} {{ $reason }} }} $5';
    expect(findTemplateErrors(text, { labels: ['flag'], condition: 'spike' })).toEqual([]);
  });

  it('knows which variables have a value under which condition', () => {
    const messages = (text: string, condition: ConditionKind) =>
      findTemplateErrors(text, { labels: [], condition }).map(({ message }) => message);
    expect(messages('{{ $old_version }} {{ $certainty }}', 'new_version')).toEqual([]);
    expect(messages('{{ $z }}', 'ratio')).toEqual([
      '"$z" has no value under ratio; there are $labels.NAME, $value, $requests, $ratio, $reason',
    ]);
    expect(messages('{{ $ratio }}{{ $labels.flag }}', 'pipeline')).toEqual([
      '"$ratio" has no value under pipeline; there are $labels.NAME, $value, $reason',
      'the alert has no label "flag"; it has none',
    ]);
    for (const kind of conditionKinds) {
      expect(messages(templateVariables[kind].map((name) => `{{ ${name} }}`).join(), kind)).toEqual([]);
    }
  });

  it('names place, placeholder and remedy', () => {
    const names = { labels: ['flag', 'alert'], condition: 'spike' } as const;
    expect(findTemplateErrors('a {{ $labels.flg }} {{ $valu }} {{ $z', names)).toEqual([
      { at: 2, placeholder: '{{ $labels.flg }}', message: 'the alert has no label "flg"; it has alert, flag' },
      {
        at: 20,
        placeholder: '{{ $valu }}',
        message: '"$valu" is not known; there are $labels.NAME, $value, $requests, $ratio, $z, $baseline, $reason',
      },
      { at: 32, placeholder: '{{ $z', message: '"{{" without "}}"' },
    ]);
  });
});
