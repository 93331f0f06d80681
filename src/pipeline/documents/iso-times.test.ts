// Instants render as Date does, in any order, across minutes and days.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { IsoTimes, isRenderableTime } from './iso-times.ts';

const instant = fc.integer({ min: 0, max: 253_402_300_799_999 });

it('renders as Date does, whatever was rendered before', () => {
  const times = new IsoTimes();
  const near = fc.integer({ min: 1_795_238_399_000, max: 1_795_238_461_000 });
  fc.assert(
    fc.property(fc.oneof(instant, near), (atMs) => {
      expect(times.render(atMs)).toBe(new Date(atMs).toISOString());
      expect(times.day(atMs)).toBe(new Date(atMs).toISOString().slice(0, 10).replaceAll('-', '.'));
    }),
  );
});

it('knows what has no four-digit year', () => {
  for (const atMs of [-1, 0.5, Number.NaN, 253_402_300_800_000, null, '0']) expect(isRenderableTime(atMs)).toBe(false);
  expect(isRenderableTime(253_402_300_799_999)).toBe(true);
});
