// Which set of rules a chain judges by, and which ones take over at what event time. Decided by records of the log alone, so that every
// owner of a partition changes over at the same window, also after a restart.
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { RuleSet } from '#core/evaluate/rule-set.ts';

/** A set that takes over when windows reach a time. */
export interface RuleChange {
  readonly set: RuleSet;
  /** The rules of the set that this chain judges by. */
  readonly rules: readonly AlertRule[];
  /** Start of the first window that the set judges. */
  readonly effectiveAtMs: number;
}

/** Plain form: hashes of sets, whose texts are kept once for all chains. */
export interface RuleScheduleSnapshot {
  readonly current: string | null;
  readonly changes: readonly (readonly [hash: string, effectiveAtMs: number])[];
}

/** Sets that wait. People do not change rules so often within one window; of more the oldest are passed over. */
const maxChanges = 16;

/** The schedule of one chain. */
export class RuleSchedule {
  #current: RuleSet | null;
  #changes: RuleChange[] = [];

  constructor(current: RuleSet | null) {
    this.#current = current;
  }

  /** The set in force; `null` where the rules have no name in the log. */
  get current(): RuleSet | null {
    return this.#current;
  }

  /** The set that will be in force when all changes are done. */
  get newest(): RuleSet | null {
    return this.#changes.at(-1)?.set ?? this.#current;
  }

  /** Every set that is in force or waits. */
  get sets(): readonly RuleSet[] {
    const waiting = this.#changes.map(({ set }) => set);
    return this.#current === null ? waiting : [this.#current, ...waiting];
  }

  /** Adds a change; those that were to come after it are passed over. */
  add(change: RuleChange): void {
    const before = this.#changes.filter(({ effectiveAtMs }) => effectiveAtMs < change.effectiveAtMs);
    this.#changes = [...before, change].slice(-maxChanges);
  }

  /** The newest change that is due for a window that starts at `startAtMs`, which is in force from here on; `null` for none. */
  takeDue(startAtMs: number): RuleChange | null {
    const due = this.#changes.filter(({ effectiveAtMs }) => effectiveAtMs <= startAtMs).at(-1);
    if (due === undefined) return null;
    this.#changes = this.#changes.filter(({ effectiveAtMs }) => effectiveAtMs > startAtMs);
    this.#current = due.set;
    return due;
  }

  snapshot(): RuleScheduleSnapshot {
    const changes = this.#changes.map(({ set, effectiveAtMs }) => [set.hash, effectiveAtMs] as const);
    return { current: this.#current?.hash ?? null, changes };
  }
}
