// What the partitions of detect in this process show, by partition: the state that the HTTP API answers from.
import { compareText } from '#core/compare-text.ts';
import type { DetectBoard, DetectView } from '#ports/detect-board.ts';
import type { PartitionOrigin } from '#ports/record-stream.ts';

/** The newest view of each partition that this process holds. */
export class MemoryBoard implements DetectBoard {
  readonly #views = new Map<string, DetectView>();

  show(view: DetectView): void {
    this.#views.set(keyOf(view.origin), view);
  }

  remove(origin: PartitionOrigin): void {
    this.#views.delete(keyOf(origin));
  }

  /** By cluster, then by partition. */
  views(): readonly DetectView[] {
    return [...this.#views.values()].sort(
      (a, b) => compareText(a.origin.cluster, b.origin.cluster) || a.origin.partition - b.origin.partition,
    );
  }
}

function keyOf({ cluster, topic, partition }: PartitionOrigin): string {
  return JSON.stringify([cluster, topic, partition]);
}
