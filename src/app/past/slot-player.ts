// Plays sets of rules over planned slots: what detect does behind its window table, without panes, so that nothing is told before a window's
// end. One plays all services, or one of several some of them each.
import { detectSettings } from '#app/replay.ts';
import type { BlockHead, OpenBlock, ReusedRow } from '#core/count/count-block-reader.ts';
import { BlockRows } from '#core/count/count-block-reader.ts';
import { Evaluator } from '#core/evaluate/evaluator.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import type { VerdictObserver } from '#core/evaluate/verdict-observer.ts';
import type { Closing, PlannedSlot } from './closing-plan.ts';
import { naming } from './closing-plan.ts';
import type { PastBlock } from './past-slot.ts';

/** A set of rules to be played. */
export interface PlayedRules {
  readonly rules: readonly AlertRule[];
  readonly observer?: VerdictObserver;
}

/** What of the settings decides. */
export type PlayerSettings = Parameters<typeof detectSettings>[0];

/** What came of a slot. Plain, so that it can come from another thread. */
export interface PlayedSlot {
  readonly told: readonly ToldTransition[];
  /** Series that are remembered, for each set. */
  readonly seriesCounts: readonly number[];
}

/** A transition, and its place among those of all players. */
export interface ToldTransition {
  readonly transition: AlertTransition;
  /** Position of the set. */
  readonly set: number;
  /** Number of the window in its slot. */
  readonly window: number;
  /** 0 for rules on lines, 1 for rules on faults. */
  readonly chain: number;
  readonly rule: number;
  readonly series: string;
}

interface PlayedSet {
  readonly lines: Evaluator;
  /** `null` where no rule looks at faults. */
  readonly faults: Evaluator | null;
}

/** Where the rows of a window stand. */
interface Place {
  readonly opened: OpenBlock;
  readonly head: BlockHead;
  readonly block: PastBlock;
}

/** The state of all rules on the services that it is given. Deterministic. */
export class SlotPlayer {
  readonly #sets: readonly PlayedSet[];
  readonly #hasFaults: boolean;
  readonly #rows = new BlockRows();
  readonly #faultRows = new BlockRows();

  constructor(sets: readonly PlayedRules[], settings: PlayerSettings) {
    this.#sets = sets.map((set) => begin(set, settings));
    this.#hasFaults = this.#sets.some(({ faults }) => faults !== null);
  }

  /** Closes the windows of the next slot; what is told is in order. Throws `AdapterError` on a block that cannot be read. */
  play(slot: PlannedSlot): PlayedSlot {
    const told: ToldTransition[] = [];
    const counts = placesOf(slot.blocks, this.#rows);
    const faults = placesOf(this.#hasFaults ? slot.faults : [], this.#faultRows);
    const rows: ReusedRow[] = [];
    slot.closings.forEach((closing, window) => {
      readRows(counts, closing, this.#rows, rows);
      const exposure = this.#hasFaults ? rows.map((row) => row.requestsAlone()) : [];
      const faultRows: ReusedRow[] = [];
      readRows(faults, closing, this.#faultRows, faultRows);
      this.#sets.forEach((own, set) => {
        const lines = own.lines.closeWindow({ ...closing, rows });
        const others = own.faults?.closeWindow({ ...closing, rows: [...exposure, ...faultRows] });
        [lines, others].forEach((evaluated, chain) => {
          evaluated?.transitions.forEach((transition, i) => {
            const place = evaluated.places[i];
            if (place !== undefined) told.push({ transition, set, window, chain, ...place });
          });
        });
      });
    });
    const seriesCounts = this.#sets.map(({ lines, faults }) => lines.seriesCount + (faults?.seriesCount ?? 0));
    return { told, seriesCounts };
  }
}

function begin({ rules, observer }: PlayedRules, settings: PlayerSettings): PlayedSet {
  const evaluatorOf = (own: readonly AlertRule[]): Evaluator => {
    const live = detectSettings(settings, { sourceTopics: [], rules: own, faultTopic: null });
    // The bound keeps a process alive that has to live; who plays all services would meet it sooner than who plays some.
    const parts = { ...live, maxSeries: Number.MAX_SAFE_INTEGER, reusesEdges: true };
    return new Evaluator(own, observer === undefined ? parts : { ...parts, observer });
  };
  const judged = rules.filter(({ condition }) => condition.kind !== 'pipeline');
  const ofFaults = judged.filter(({ select }) => select.counted === 'faults');
  const ofLines = judged.filter(({ select }) => select.counted !== 'faults');
  return { lines: evaluatorOf(ofLines), faults: ofFaults.length === 0 ? null : evaluatorOf(ofFaults) };
}

/** By the start of the window. */
function placesOf(blocks: readonly PastBlock[], shared: BlockRows): ReadonlyMap<number, readonly Place[]> {
  shared.beginSlot();
  const places = new Map<number, Place[]>();
  for (const block of blocks) {
    const opened = naming(block, () => shared.open(block.counts, block.durations));
    for (const head of opened.outline.heads) {
      const own = places.get(head.startAtMs);
      if (own === undefined) places.set(head.startAtMs, [{ opened, head, block }]);
      else own.push({ opened, head, block });
    }
  }
  return places;
}

/** Fills `rows` with those of the window. */
function readRows(
  places: ReadonlyMap<number, readonly Place[]>,
  { startAtMs, endAtMs }: Closing,
  shared: BlockRows,
  rows: ReusedRow[],
): void {
  rows.length = 0;
  shared.beginWindow();
  for (const { opened, head, block } of places.get(startAtMs) ?? []) {
    if (opened.outline.windowMs === endAtMs - startAtMs) naming(block, () => opened.readRows(head, rows));
  }
}
