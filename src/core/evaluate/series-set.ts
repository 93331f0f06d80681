// The series of one rule: which there are, what is remembered of each, and their alerts. Part of the state of series rules.
import type { DetectorSurroundings, SeriesCondition, SeriesPast } from '#core/detect/create-detector.ts';
import { createDetector, restoreDetector } from '#core/detect/create-detector.ts';
import type { Detector } from '#core/detect/detector.ts';
import type { WindowNumbers } from '#core/detect/window-ring.ts';
import type { Labels } from '#core/labels.ts';
import type { AlertRecord } from './alert-record.ts';
import type { SeriesSnapshot } from './evaluator-snapshot.ts';
import type { WindowTally } from './running-rule.ts';

/** One series. */
export interface Series {
  readonly key: string;
  readonly groupKey: string;
  readonly names: Labels;
  readonly detector: Detector;
  alert: AlertRecord | null;
  /** What was counted in the window being closed; put back to 0 when it has been judged. */
  count: number;
  /** What of the open window the alert has been told of. */
  early: WindowNumbers | null;
  /** End of the last window that was an anomaly: what comes late for one before it tells nothing new. */
  toldUntilMs: number;
}

/** Key of the series of a group, by the names that the rule groups by. */
export function seriesKey(groupKey: string, names: Labels): string {
  return JSON.stringify([groupKey, names]);
}

/** All series of a rule, in the order in which they came. */
export class SeriesSet {
  readonly #condition: SeriesCondition;
  readonly #surroundings: DetectorSurroundings;
  readonly #series = new Map<string, Series>();

  constructor(condition: SeriesCondition, surroundings: DetectorSurroundings) {
    this.#condition = condition;
    this.#surroundings = surroundings;
  }

  get size(): number {
    return this.#series.size;
  }

  get(key: string): Series | undefined {
    return this.#series.get(key);
  }

  values(): MapIterator<Series> {
    return this.#series.values();
  }

  get firingCount(): number {
    let count = 0;
    for (const { alert } of this.#series.values()) if (alert?.active.status === 'firing') count += 1;
    return count;
  }

  activeAlerts(): readonly AlertRecord[] {
    const alerts: AlertRecord[] = [];
    for (const { alert } of this.#series.values()) if (alert !== null) alerts.push(alert);
    return alerts;
  }

  /** A series that is first seen now, not in the set yet. */
  create(groupKey: string, names: Labels, past: SeriesPast): Series {
    const detector = createDetector(this.#condition, past, this.#surroundings);
    const key = seriesKey(groupKey, names);
    const toldUntilMs = Number.NEGATIVE_INFINITY;
    return { key, groupKey, names, detector, alert: null, count: 0, early: null, toldUntilMs };
  }

  /** Puts it into the set; the caller has seen to it that there is room. */
  add(series: Series, tally: WindowTally): void {
    if (this.#series.has(series.key)) return;
    this.#series.set(series.key, series);
    tally.freeSeries -= 1;
  }

  remove(series: Series, tally: WindowTally): void {
    this.#series.delete(series.key);
    tally.freeSeries += 1;
  }

  snapshot(): readonly SeriesSnapshot[] {
    return [...this.#series.values()].map(({ groupKey, names, detector, alert, early, toldUntilMs }) => {
      const hasNames = Object.keys(names).length > 0;
      return {
        group: groupKey,
        ...(hasNames ? { names } : {}),
        state: detector.snapshot(),
        ...(alert === null ? {} : { alert }),
        ...(early === null ? {} : { early }),
        ...(Number.isFinite(toldUntilMs) ? { toldUntilMs } : {}),
      };
    });
  }

  /** Goes on where the snapshot of the same rule was taken. */
  restore(saved: readonly SeriesSnapshot[], isShadow: boolean): void {
    for (const { group: groupKey, names = {}, state, alert, early = null, toldUntilMs } of saved) {
      const key = seriesKey(groupKey, names);
      this.#series.set(key, {
        key,
        groupKey,
        names,
        detector: restoreDetector(this.#condition, state, this.#surroundings),
        alert: alert === undefined ? null : { ...alert, isShadow },
        count: 0,
        early,
        toldUntilMs: toldUntilMs ?? Number.NEGATIVE_INFINITY,
      });
    }
  }
}
