import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ActiveAlert, stepAlert } from './alert-machine.ts';
import type { AlertStatus } from './transition.ts';

const windowMs = 10_000;

/** Steps for windows of 10 s, one for each character: `!` anomalous, `.` calm. One character of the answer for each window. */
function play(windows: string, forMs: number, keepFiringForMs: number): string {
  let active: ActiveAlert | null = null;
  let shown = '';
  [...windows].forEach((char, i) => {
    const window = { startAtMs: i * windowMs, endAtMs: (i + 1) * windowMs, isAnomaly: char === '!' };
    const step = stepAlert(active, window, { forMs, keepFiringForMs });
    active = step.active;
    shown += step.status === null ? '.' : step.status.charAt(0).toUpperCase();
  });
  return shown;
}

describe('stepAlert', () => {
  it.each([
    // for, keep_firing_for, windows, steps: Pending, Firing, Resolved, Inactive.
    [0, 0, '..!!..', '..F.R.'],
    [10, 0, '..!!..', '..F.R.'],
    [20, 0, '..!!..', '..PFR.'],
    [30, 0, '..!!..', '..P.I.'],
    [30, 0, '!!!!!.', 'P.F..R'],
    [20, 0, '!.!.!.', 'PIPIPI'],
    [0, 30, '!.!..!...', 'F.......R'],
    [20, 20, '!!.!..', 'PF...R'],
  ])('for %i s, keep_firing_for %i s: %s gives %s', (forS, keepS, windows, steps) => {
    expect(play(windows, forS * 1000, keepS * 1000)).toBe(steps);
  });

  it('counts in event time: a gap between windows is time', () => {
    const active: ActiveAlert = { status: 'firing', sinceAtMs: 0, lastAnomalyAtMs: 10_000 };
    const window = { startAtMs: 600_000, endAtMs: 610_000, isAnomaly: false };
    expect(stepAlert(active, window, { forMs: 0, keepFiringForMs: 60_000 }).status).toBe('resolved');
  });

  it('takes only listed steps, and resolved follows firing only', () => {
    const listed: Readonly<Record<AlertStatus, readonly AlertStatus[]>> = {
      inactive: ['pending', 'firing'],
      pending: ['firing', 'inactive'],
      firing: ['resolved'],
      resolved: ['pending', 'firing'],
    };
    const delays = fc.record({ forMs: fc.nat({ max: 60_000 }), keepFiringForMs: fc.nat({ max: 60_000 }) });
    fc.assert(
      fc.property(delays, fc.array(fc.boolean()), (settings, windows) => {
        let active: ActiveAlert | null = null;
        let status: AlertStatus = 'inactive';
        windows.forEach((isAnomaly, i) => {
          const window = { startAtMs: i * windowMs, endAtMs: (i + 1) * windowMs, isAnomaly };
          const step = stepAlert(active, window, settings);
          if (step.status !== null) {
            expect(listed[status]).toContain(step.status);
            status = step.status;
          }
          expect(step.active?.status ?? null).toBe(status === 'pending' || status === 'firing' ? status : null);
          active = step.active;
        });
      }),
    );
  });
});
