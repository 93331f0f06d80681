// Drives the tracker of one edge's versions through windows of ten seconds.
import type { NewVersionSettings } from '#core/detect/condition.ts';
import type { VersionRow } from '#core/detect/new-version.ts';
import { NewVersionTracker } from '#core/detect/new-version.ts';
import type { Verdict } from '#core/detect/verdict.ts';
import { drawn } from './chance-series.ts';

const windowMs = 10_000;

/** An hour new, five minutes compared. */
export const newVersionSettings: NewVersionSettings = {
  newForWindows: 360,
  overWindows: 30,
  minCount: 5,
  certainty: 0.999,
  minFactor: 3,
};

/** Lines of a version; its deploy has its name. */
export const linesOf = (
  version: string,
  count: number,
  requestCount: number,
  deployId = `d-${version}`,
): VersionRow => ({
  version,
  deployId,
  count,
  requestCount,
});

/** Windows in order, to one tracker. */
export class VersionRun {
  tracker: NewVersionTracker;
  isComplete = true;
  #next = 0;

  constructor(settings = newVersionSettings) {
    this.tracker = new NewVersionTracker(settings);
  }

  judge(...rows: VersionRow[]): readonly Verdict[] {
    const startAtMs = this.#next * windowMs;
    this.#next += 1;
    return this.tracker.judge(
      { startAtMs, endAtMs: startAtMs + windowMs, isComplete: this.isComplete, rows },
      'failed',
    );
  }

  /** The last verdicts of so many equal windows. */
  repeat(times: number, ...rows: VersionRow[]): readonly Verdict[] {
    let verdicts: readonly Verdict[] = [];
    for (let i = 0; i < times; i += 1) verdicts = this.judge(...rows);
    return verdicts;
  }
}

/** What a version gets in a window, and the share of it that fails, 0 to 1. */
export interface Flow {
  readonly requestCount: number;
  readonly rate: number;
}

/** An old version for `warm` windows, then `windows` with the new one beside it. */
export interface Scene {
  readonly warm: number;
  readonly windows: number;
  /** Windows are numbered from that of the new version's first line; those before are negative. */
  readonly old: (window: number) => Flow;
  readonly fresh: (window: number) => Flow;
}

/** What is said of the new version in each of its windows. */
export function playScene(scene: Scene, random: () => number, settings = newVersionSettings): string[] {
  const run = new VersionRun(settings);
  const said: string[] = [];
  const row = (version: string, { requestCount, rate }: Flow) => {
    // A fraction of a request comes now and then.
    const whole = Math.floor(requestCount) + drawn(random, 1, requestCount % 1);
    return linesOf(version, drawn(random, whole, rate), whole);
  };
  for (let i = -scene.warm; i < scene.windows; i += 1) {
    const rows = i < 0 ? [row('v1', scene.old(i))] : [row('v1', scene.old(i)), row('v2', scene.fresh(i))];
    const verdicts = run.judge(...rows);
    if (i >= 0) said.push(verdicts[0]?.comparison?.verdict ?? 'none');
  }
  return said;
}
