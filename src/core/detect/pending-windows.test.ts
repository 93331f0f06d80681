import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PendingWindows } from './pending-windows.ts';
import type { LevelWindow } from './seasonal-level.ts';

const windowMs = 10_000;
const capacity = 5;

type Step = { readonly kind: 'push' | 'keep' | 'add' | 'restart'; readonly skip: number; readonly value: number };
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(
      'push' as const,
      'push' as const,
      'push' as const,
      'keep' as const,
      'add' as const,
      'restart' as const,
    ),
    skip: fc.constantFrom(0, 0, 0, 1, 100),
    value: fc.nat({ max: 20 }),
  }),
  { maxLength: 60 },
);

/** The same with a plain list. */
class Plain {
  list: LevelWindow[] = [];

  push(window: LevelWindow): LevelWindow | null {
    const oldest = this.list.length === capacity ? (this.list[0] ?? null) : null;
    this.list = [...this.list, window].slice(-capacity);
    return oldest;
  }

  keep(windows: number): void {
    this.list = windows === 0 ? [] : this.list.slice(-windows);
  }

  addTo(startAtMs: number, value: number): number | null {
    const found = this.list.find((window) => window.startAtMs === startAtMs);
    this.list = this.list.map((window) => (window === found ? { ...window, value: window.value + value } : window));
    return found === undefined ? null : found.value + value;
  }

  /** What can be asked of both. */
  asked(): unknown {
    const values = this.list.map(({ value }) => value);
    const back = Array.from({ length: capacity + 1 }, (_, i) => values.at(-1 - i) ?? null);
    return [values.length, back, values.slice(-3).reduce((sum, one) => sum + one, 0)];
  }
}

const asked = (pending: PendingWindows): unknown => [
  pending.length,
  Array.from({ length: capacity + 1 }, (_, i) => pending.valueBack(i + 1)),
  pending.sumOf(3),
];
const restarted = (pending: PendingWindows) =>
  new PendingWindows(capacity, JSON.parse(JSON.stringify(pending.encode())) as number[]);

it('holds the last windows, with gaps between them, as a list would', () => {
  fc.assert(
    fc.property(steps, (all) => {
      let pending = new PendingWindows(capacity);
      const plain = new Plain();
      let nextAtMs = 50_000;
      const take: Record<Step['kind'], (step: Step) => void> = {
        push: ({ skip, value }) => {
          const startAtMs = nextAtMs + skip * windowMs;
          nextAtMs = startAtMs + windowMs;
          const window = { startAtMs, endAtMs: nextAtMs, value };
          expect(pending.push(window)).toEqual(plain.push(window));
        },
        keep: ({ value }) => {
          pending.keep(value);
          plain.keep(value);
        },
        add: ({ value }) => {
          const startAtMs = nextAtMs - value * windowMs;
          expect(pending.addTo(startAtMs, 7)).toBe(plain.addTo(startAtMs, 7));
        },
        restart: () => {
          pending = restarted(pending);
        },
      };
      for (const step of all) {
        take[step.kind](step);
        expect(asked(pending)).toEqual(plain.asked());
      }
    }),
  );
});
