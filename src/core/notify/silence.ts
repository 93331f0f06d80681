// Silences: an operator's word that alerts of some kind are not to be told for a time.
import type { Labels } from '#core/labels.ts';
import type { AlertMatcher, LabelsTest } from './alert-matcher.ts';
import { compileAlertMatchers } from './alert-matcher.ts';

/** A silence. It holds in `[fromMs, untilMs)`, event time of the alerts. */
export interface Silence {
  /** Chosen by who makes it; the same id again replaces the silence. */
  readonly id: string;
  readonly matchers: readonly AlertMatcher[];
  readonly fromMs: number;
  readonly untilMs: number;
  readonly author: string;
  readonly reason: string;
}

/** Where a silence stands at a time. */
export type SilenceStatus = 'pending' | 'active' | 'expired';

/** Whether a silence is to come, holds, or is over. */
export function silenceStatus({ fromMs, untilMs }: Silence, nowMs: number): SilenceStatus {
  if (nowMs >= untilMs) return 'expired';
  return nowMs >= fromMs ? 'active' : 'pending';
}

/** The silences in force, compiled. */
export class Silences {
  readonly #byId = new Map<string, { readonly silence: Silence; readonly accepts: LabelsTest }>();

  get size(): number {
    return this.#byId.size;
  }

  /** All of them, in the order in which they were made. */
  list(): readonly Silence[] {
    return [...this.#byId.values()].map(({ silence }) => silence);
  }

  /** Adds a silence or replaces the one with its id. Throws `PatternError` on a pattern that is none. */
  put(silence: Silence): void {
    this.#byId.set(silence.id, { silence, accepts: compileAlertMatchers(silence.matchers) });
  }

  delete(id: string): void {
    this.#byId.delete(id);
  }

  /** The active silence that accepts these labels and lasts longest, or `null`. */
  find(labels: Labels, nowMs: number): Silence | null {
    let found: Silence | null = null;
    for (const { silence, accepts } of this.#byId.values()) {
      if (silenceStatus(silence, nowMs) !== 'active' || !accepts(labels)) continue;
      if (found === null || silence.untilMs > found.untilMs) found = silence;
    }
    return found;
  }
}
