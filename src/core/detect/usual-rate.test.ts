import { describe, expect, it } from 'vitest';
import { usualRate } from './usual-rate.ts';
import { WindowRing } from './window-ring.ts';

function ringOf(list: readonly (readonly [number, number])[]): WindowRing {
  const ring = new WindowRing(list.length);
  for (const [count, requestCount] of list) ring.push(count, requestCount);
  return ring;
}

const repeat = (times: number, window: readonly [number, number]) => Array.from({ length: times }, () => window);

describe('usualRate', () => {
  it('is lines by requests, whatever the traffic does', () => {
    const { rate, dispersion } = usualRate(ringOf([...repeat(50, [2, 100]), ...repeat(50, [20, 1000])]));
    expect(rate).toBeCloseTo(0.02, 10);
    expect(dispersion).toBe(1);
  });

  it('is nothing where nothing was seen', () => {
    expect(usualRate(ringOf(repeat(10, [0, 0])))).toEqual({ rate: 0, dispersion: 1 });
    expect(usualRate(ringOf(repeat(10, [0, 500])))).toEqual({ rate: 0, dispersion: 1 });
  });

  it('keeps rare single lines: they are no outliers', () => {
    expect(usualRate(ringOf([...repeat(99, [0, 10]), [1, 10]])).rate).toBeCloseTo(0.001, 10);
  });

  it('pulls in an incident that was not recognised', () => {
    const { rate, dispersion } = usualRate(ringOf([...repeat(348, [1, 310]), ...repeat(12, [300, 310])]));
    expect(rate * 310).toBeLessThan(2);
    expect(dispersion).toBeLessThan(1.5);
  });

  it('tells uneven from even', () => {
    const uneven = Array.from({ length: 100 }, (_, i): [number, number] => [i % 2 === 0 ? 80 : 120, 1000]);
    expect(usualRate(ringOf(uneven)).dispersion).toBeCloseTo(2, 1);
  });
});
