// What the conditions with a fixed limit remember of a series: the windows that they look at together, and whether an incident is open.
import type { LateLines } from './detector.ts';
import { type WindowNumbers, WindowRing } from './window-ring.ts';

/** State as plain JSON; the ring as `WindowRing.encode` writes it. */
export interface LimitedPastSnapshot {
  readonly ring: string;
  readonly isOpen?: true;
}

/** The last windows of one series. */
export class LimitedPast {
  ring: WindowRing;
  isOpen = false;

  /** A series that is first seen now: in the `pastWindows` windows before nothing was selected of `requestCount` requests each. */
  constructor(overWindows: number, past: { readonly pastWindows: number; readonly requestCount: number }) {
    this.ring = new WindowRing(overWindows);
    const windows = Math.min(past.pastWindows, overWindows);
    for (let i = 0; i < windows; i += 1) this.ring.push(0, past.requestCount);
  }

  /** Nothing would be lost if the series were forgotten. */
  get isSilent(): boolean {
    return !this.isOpen && this.ring.countSum === 0;
  }

  /** Takes a window with which there are fewer than `minCount` selected, and says so; changes nothing where it has to be judged. */
  passesOver({ count, requestCount }: WindowNumbers, minCount: number): boolean {
    if (this.isOpen) return false;
    const { ring } = this;
    const leaving = ring.length === ring.capacity ? ring.countAt(0) : 0;
    if (ring.countSum + count - leaving >= minCount) return false;
    ring.push(count, requestCount);
    return true;
  }

  amend(late: LateLines): WindowNumbers | null {
    return this.ring.addTo(late.windowsBack, late);
  }

  snapshot(): LimitedPastSnapshot {
    return { ring: this.ring.encode(), ...(this.isOpen ? { isOpen: true } : {}) };
  }

  /** Goes on where the snapshot was taken. Throws on a snapshot that is none. */
  restore({ ring, isOpen }: LimitedPastSnapshot): void {
    this.ring = WindowRing.decode(this.ring.capacity, ring);
    this.isOpen = isOpen === true;
  }
}
