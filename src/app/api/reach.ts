// Which partitions of detect an answer is made of, and which are missing: those of this process, and what peers said of theirs.
import { partitionOf } from '#adapters/memory/partition-of.ts';
import type { PartitionState, ReachAnswer } from '#config/api-schema.ts';

/** The newest state of each partition, by cluster, then by partition; and what nobody showed. */
export interface Reached {
  readonly states: readonly PartitionState[];
  /** `null`: all of the cluster. */
  readonly missing: ReachAnswer['missing'];
}

/**
 * Brings together what was said. Of two that claim one partition the newest counts: one of them has lost it. What is said of a cluster that
 * the settings do not name is left out.
 */
export function reach(said: readonly PartitionState[], clusters: readonly string[]): Reached {
  const newest = new Map<string, PartitionState>();
  for (const state of said) {
    if (!clusters.includes(state.cluster) || state.partition >= state.partitionCount) continue;
    const key = JSON.stringify([state.cluster, state.partition]);
    const other = newest.get(key);
    if (other === undefined || Date.parse(state.shownAt) > Date.parse(other.shownAt)) newest.set(key, state);
  }
  const states = [...newest.values()].sort(
    (a, b) => clusters.indexOf(a.cluster) - clusters.indexOf(b.cluster) || a.partition - b.partition,
  );
  return { states, missing: clusters.flatMap((cluster) => missingOf(cluster, states)) };
}

function missingOf(cluster: string, states: readonly PartitionState[]): ReachAnswer['missing'] {
  const held = new Set(of(states, cluster).map(({ partition }) => partition));
  const count = partitionCountOf(cluster, states);
  if (count === 0) return [{ cluster, partition: null }];
  const all = Array.from({ length: count }, (_, partition) => partition);
  return all.filter((partition) => !held.has(partition)).map((partition) => ({ cluster, partition }));
}

/** Where a service could be that nobody showed. */
export interface MissingHome {
  readonly cluster: string;
  readonly partition: number;
  /** 0: not known, and so is the partition. */
  readonly partitionCount: number;
}

/** In each cluster a service is in one partition: those that nobody showed. */
export function missingFor(service: string, { states }: Reached, clusters: readonly string[]): readonly MissingHome[] {
  return clusters.flatMap((cluster) => {
    const partitionCount = partitionCountOf(cluster, states);
    if (partitionCount === 0) return [{ cluster, partition: 0, partitionCount }];
    const partition = partitionOf(service, partitionCount);
    const isHeld = of(states, cluster).some((state) => state.partition === partition);
    return isHeld ? [] : [{ cluster, partition, partitionCount }];
  });
}

/** As the newest that was shown says it: a topic may have been given more. */
function partitionCountOf(cluster: string, states: readonly PartitionState[]): number {
  return Math.max(0, ...of(states, cluster).map(({ partitionCount }) => partitionCount));
}

function of(states: readonly PartitionState[], cluster: string): readonly PartitionState[] {
  return states.filter((state) => state.cluster === cluster);
}

/** What every answer says of its own reach. */
export function toReachAnswer({ states, missing }: Reached): ReachAnswer {
  const partitions = states.map(({ cluster, partition, partitionCount, ruleSet, watermark, shownAt }) => {
    return { cluster, partition, partitionCount, ruleSet, watermark, shownAt };
  });
  return { partitions, missing: [...missing], complete: missing.length === 0 };
}
