import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localTimeOf } from '#core/clock/local-time.ts';
import { AbsentDetector } from './absent.ts';
import type { AbsentSettings } from './condition.ts';
import type { ObservedWindow } from './detector.ts';
import { PresenceRing } from './presence-ring.ts';
import type { Verdict } from './verdict.ts';

const settings: AbsentSettings = { afterWindows: 12, minPresence: 0.8, baselineWindows: 60, minBaselineWindows: 20 };
const windowMs = 10_000;
const dayWindows = 8640;
const seoul = localTimeOf('Asia/Seoul');

/** A detector with a driver: `x` is a window with requests, `.` one without, `?` one that is not complete. */
class Run {
  detector = new AbsentDetector(settings, seoul);
  #startAtMs = 0;

  window(char: string): ObservedWindow {
    const startAtMs = this.#startAtMs;
    this.#startAtMs += windowMs;
    const count = char === 'x' ? 1 : 0;
    const isComplete = char !== '?';
    return { startAtMs, endAtMs: startAtMs + windowMs, count, requestCount: count, durations: [], isComplete };
  }

  play(windows: string): Verdict[] {
    return Array.from(windows, (char) => this.detector.judge(this.window(char)));
  }

  kinds(windows: string): string[] {
    return [...new Set(this.play(windows).map(({ kind }) => kind))];
  }
}

describe('AbsentDetector', () => {
  it('tells after so many windows without a request, and not before', () => {
    const run = new Run();
    expect(run.kinds('x'.repeat(20))).toEqual(['learning']);
    expect(run.kinds('x'.repeat(40))).toEqual(['normal']);
    expect(run.kinds('.'.repeat(11))).toEqual(['normal']);
    const [absent] = run.play('.');
    expect(absent).toMatchObject({ kind: 'anomaly', value: 0, unit: 'requests', baseline: null, z: null });
    expect(absent?.reason).toBe('no request in 2m; 60 of the last 60 windows had some (100%)');
    expect(run.kinds('.'.repeat(100))).toEqual(['anomaly']);
    expect(run.play('x')[0]).toMatchObject({ kind: 'normal', reason: '1 request in 10s: they are back' });
    // The absence is not part of the past.
    expect(run.play('.'.repeat(12)).at(-1)?.kind).toBe('anomaly');
  });

  it('says nothing of what comes now and then', () => {
    const run = new Run();
    expect(run.kinds(`x${'.'.repeat(9)}`.repeat(20))).toEqual(['learning', 'normal']);
    const verdicts = run.play('.'.repeat(80));
    expect(verdicts.every(({ kind }) => kind === 'normal')).toBe(true);
    expect(verdicts[20]?.reason).toMatch(
      /^no request in 5m; \d of the last 60 windows had some \(.*%\); it takes 12 windows/,
    );
    expect(run.detector.isSilent).toBe(false);
  });

  it('holds while the input is not complete', () => {
    const run = new Run();
    run.play('x'.repeat(60));
    const before = JSON.stringify(run.detector.snapshot());
    expect(run.kinds('?'.repeat(30))).toEqual(['held']);
    expect(JSON.stringify(run.detector.snapshot())).toBe(before);
    run.play('.'.repeat(12));
    expect(run.kinds('?')).toEqual(['held']);
    expect(run.kinds('.')).toEqual(['anomaly']);
  });

  it('accepts that a series has left for good, and forgets it', () => {
    const run = new Run();
    run.play('x'.repeat(60));
    const verdicts = run.play('.'.repeat(360));
    expect(verdicts.at(-2)?.kind).toBe('anomaly');
    expect(verdicts.at(-1)).toMatchObject({ kind: 'normal', reason: 'no request in 1h: accepted as the new usual' });
    expect(run.detector.isSilent).toBe(false);
    run.play('.'.repeat(dayWindows));
    expect(run.detector.isSilent).toBe(true);
  });

  it('learns the hours at which nothing comes', () => {
    const run = new Run();
    const day = '.'.repeat(dayWindows / 2) + 'x'.repeat(dayWindows / 2);
    run.play(day.repeat(3));
    expect(run.kinds(day)).toEqual(['normal']);
    expect(run.play('x'.repeat(60) + '.'.repeat(60)).some(({ kind }) => kind === 'anomaly')).toBe(false);
  });

  const windows = fc
    .array(fc.tuple(fc.constantFrom('x', '.', '?'), fc.integer({ min: 1, max: 30 })), { maxLength: 20 })
    .map((list) => list.map(([char, times]) => char.repeat(times)).join(''));

  it('never looks ahead, and goes on from a snapshot as if nothing had happened', () => {
    fc.assert(
      fc.property(windows, fc.nat({ max: 200 }), (chars, at) => {
        const whole = new Run().play(chars);
        const run = new Run();
        const before = run.play(chars.slice(0, at));
        run.detector = AbsentDetector.restore(settings, seoul, JSON.parse(JSON.stringify(run.detector.snapshot())));
        expect([...before, ...run.play(chars.slice(at))]).toEqual(whole);
      }),
    );
  });

  it('gives the same kinds whether windows are passed over or judged', () => {
    fc.assert(
      fc.property(windows, (chars) => {
        const judged = new Run();
        const passed = new Run();
        for (const char of chars) {
          const window = passed.window(char);
          const kind = passed.detector.passOver(window) ?? passed.detector.judge(window).kind;
          expect([kind]).toEqual(judged.kinds(char));
        }
      }),
    );
  });
});

describe('PresenceRing', () => {
  it('counts the last windows, and goes through text unchanged', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), fc.integer({ min: 1, max: 25 }), (bits, capacity) => {
        const ring = new PresenceRing(capacity);
        for (const bit of bits) ring.push(bit);
        const last = bits.slice(-capacity);
        expect(ring.length).toBe(last.length);
        expect(ring.presentCount).toBe(last.filter(Boolean).length);
        const read = PresenceRing.decode(capacity, ring.encode());
        expect(read.encode()).toBe(ring.encode());
        expect(read.presentCount).toBe(ring.presentCount);
      }),
    );
    expect(() => PresenceRing.decode(5, '3,4')).toThrow('malformed');
    expect(() => PresenceRing.decode(5, 'x')).toThrow('malformed');
  });

  it('marks a window that was taken for silent as if it had had traffic', () => {
    const bits = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), bits, fc.nat({ max: 25 }), (capacity, list, back) => {
        const fill = (all: readonly boolean[]) => {
          const ring = new PresenceRing(capacity);
          for (const bit of all) ring.push(bit);
          return ring;
        };
        const ring = fill(list);
        ring.markPresent(back);
        const isHeld = back >= 1 && back <= Math.min(capacity, list.length);
        const inTime = fill(list.map((bit, i) => bit || (isHeld && i === list.length - back)));
        expect([ring.encode(), ring.presentCount]).toEqual([inTime.encode(), inTime.presentCount]);
      }),
    );
  });
});
