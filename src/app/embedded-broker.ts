// The topics in memory that join the loops of an embedded pipeline, made before it so that silences can be set in them.
import { createMemoryBroker, type MemoryBroker } from '#adapters/memory/memory-broker.ts';
import { type MemoryBrokerDeps, memoryBrokerDefaults } from '#adapters/memory/memory-settings.ts';

/** Name of the data centre that embedded lines come from. */
export const embeddedCluster = 'local';

/** A broker without topics: `openEmbedded` makes them. */
export function createEmbeddedBroker(deps: MemoryBrokerDeps): MemoryBroker {
  return createMemoryBroker({ ...memoryBrokerDefaults, clusterName: embeddedCluster }, deps);
}
