import { describe, expect, it } from 'vitest';
import { renderNumber, renderShare, renderSpan, renderTime, renderTimeOfDay } from './figures.ts';

describe('renderNumber', () => {
  it.each([
    [0, '0'],
    [48, '48'],
    [18_000, '18,000'],
    [1_234_567, '1,234,567'],
    [-18_000, '-18,000'],
    [1.25, '1.3'],
    [14.26, '14.3'],
    [2345.678, '2,346'],
    [0.5, '0.50'],
    [0.0456, '0.046'],
    [0.000_000_1, '0.000000'],
    [Number.NaN, '?'],
    [Number.POSITIVE_INFINITY, '?'],
  ])('%d is %s', (value, text) => {
    expect(renderNumber(value)).toBe(text);
  });
});

describe('renderShare', () => {
  it.each([
    [48, 600, '8.0 %'],
    [0, 600, '0.0 %'],
    [600, 600, '100.0 %'],
    [1, 2500, '0.040 %'],
    [1, 0, null],
    [Number.NaN, 10, null],
  ])('%d of %d is %s', (part, whole, text) => {
    expect(renderShare(part, whole)).toBe(text);
  });
});

describe('renderTime', () => {
  const atMs = Date.UTC(2026, 7, 2, 17, 31, 0);

  it('is local, with its offset', () => {
    expect(renderTime(atMs, 'Asia/Seoul')).toBe('2026-08-03 02:31:00 +09:00');
    expect(renderTime(atMs, 'America/New_York')).toBe('2026-08-02 13:31:00 -04:00');
    expect(renderTimeOfDay(atMs, 'Asia/Seoul')).toBe('02:31:00');
  });

  it('names the date of a span once, both where they differ', () => {
    expect(renderSpan(atMs, atMs + 310_000, 'Asia/Seoul')).toBe('2026-08-03 02:31:00 - 02:36:10 +09:00');
    expect(renderSpan(atMs, atMs + 86_400_000, 'Asia/Seoul')).toBe(
      '2026-08-03 02:31:00 +09:00 - 2026-08-04 02:31:00 +09:00',
    );
  });

  it('falls back to UTC where the zone is unknown', () => {
    expect(renderTime(atMs, 'Asia/Nowhere')).toBe('2026-08-02 17:31:00 +00:00');
  });
});
