import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fatigue } from './fatigue.ts';

const settings = { halfLifeWindows: 100, sameIncidentWindows: 5, growth: 1.5 };

/** Passes windows, `!` one of an incident and `.` a calm one. */
function play(fatigue: Fatigue, windows: string): Fatigue {
  let isOpen = false;
  for (const char of windows) {
    if (char === '!' && !isOpen) fatigue.begin();
    isOpen = char === '!';
    fatigue.pass(!isOpen);
  }
  return fatigue;
}

describe('Fatigue', () => {
  it('raises the threshold by half with each incident, up to a factor', () => {
    const fatigue = new Fatigue(settings);
    expect(fatigue.factor).toBe(1);
    expect(play(fatigue, '!').factor).toBeCloseTo(1.5, 2);
    expect(play(fatigue, '.....!').factor).toBeCloseTo(2.2, 1);
    expect(play(fatigue, '.....!'.repeat(20)).factor).toBe(4);
  });

  it('takes a short calm for the same incident', () => {
    expect(play(new Fatigue(settings), '!!!!!!').factor).toBeCloseTo(1.5, 1);
    expect(play(new Fatigue(settings), '!..!....!').factor).toBeCloseTo(1.5, 1);
  });

  it('halves in its half-life, and is gone after a while', () => {
    const fatigue = play(new Fatigue(settings), '!');
    expect(play(fatigue, '.'.repeat(100)).factor).toBeCloseTo(Math.sqrt(1.5), 1);
    expect(fatigue.isRested).toBe(false);
    expect(play(fatigue, '.'.repeat(100)).isRested).toBe(true);
    expect(fatigue.factor).toBe(1);
  });

  it('goes on from its snapshot', () => {
    const windows = fc.array(fc.constantFrom('!', '.'), { maxLength: 300 }).map((chars) => chars.join(''));
    fc.assert(
      fc.property(windows, windows, (before, after) => {
        const fatigue = play(new Fatigue(settings), `${before}.`);
        const snapshot = JSON.parse(JSON.stringify(fatigue.snapshot()));
        const restored = new Fatigue(settings, snapshot ?? undefined);
        expect(play(restored, after).factor).toBe(play(fatigue, after).factor);
        expect(restored.isRested).toBe(fatigue.isRested);
      }),
    );
  });
});
