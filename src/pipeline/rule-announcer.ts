// Who says that rules change: the owner of partition 0 of the partial counts, one for all, so that no two can disagree about the order. It
// writes the set of its files into every partition, in a transaction of its own loop.

import type { OutputRecord } from '#ports/record-stream.ts';
import type { RuleSource } from '#ports/rule-source.ts';
import { encodeRuleSet, ruleSetKey } from './rule-set-wire.ts';

/** Settings of the announcer. */
export interface RuleAnnouncerSettings {
  /** Topic of the partial counts, and its partitions. */
  readonly topic: string;
  readonly partitions: number;
  /** How long files that differ from the set in force may be old ones, which are about to change. */
  readonly settleMs: number;
}

/** What the announcer compares its files with. */
export interface RulesInForce {
  /** Hash of the set in force, or of the one that comes into force last. */
  readonly newest: string | null;
  /** Start of the next window that nobody has begun to judge. */
  readonly nextWindowAtMs: number;
  /** Records that are in the partition behind those read. */
  readonly behind: number;
}

/** A backlog that never ends does not keep rules from changing; some partitions may change a window later then. */
const maxBehindMs = 2000;

/** Decides when to announce the set of this process's files. */
export class RuleAnnouncer {
  readonly #settings: RuleAnnouncerSettings;
  readonly #source: RuleSource;
  /** Wall clock at which another process's set came that is not that of the files. */
  #overruledMs: number | null = null;
  #wantedSinceMs: number | null = null;
  #announced: string | null = null;

  constructor(settings: RuleAnnouncerSettings, source: RuleSource) {
    this.#settings = settings;
    this.#source = source;
  }

  /** A change of rules was read from the log. */
  heard(hash: string, nowMs: number): void {
    this.#overruledMs = hash === this.#source.current.hash ? null : nowMs;
    this.#announced = null;
  }

  /**
   * The records to write: none while the set of the files is in force or announced. Files that were loaded before the last change in the
   * log may be the old ones, because mounted files change at another time on each machine: those wait.
   */
  records({ newest, nextWindowAtMs, behind }: RulesInForce, nowMs: number): readonly OutputRecord[] {
    const { current } = this.#source;
    if (current.hash === newest || current.hash === this.#announced) {
      this.#wantedSinceMs = null;
      return [];
    }
    this.#wantedSinceMs ??= nowMs;
    const isNews = this.#overruledMs === null || current.loadedAtMs > this.#overruledMs;
    if (!isNews && nowMs - (this.#overruledMs ?? nowMs) < this.#settings.settleMs) return [];
    if (behind > 0 && nowMs - this.#wantedSinceMs < maxBehindMs) return [];
    this.#announced = current.hash;
    const value = encodeRuleSet({ set: current, effectiveAtMs: nextWindowAtMs });
    if (value === null) return [];
    const { topic, partitions } = this.#settings;
    const key = ruleSetKey(current.hash);
    return Array.from({ length: partitions }, (_, partition) => ({ topic, partition, key, value }));
  }
}
