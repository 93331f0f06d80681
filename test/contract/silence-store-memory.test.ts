// Silences in topics in memory.
import { expect, it } from 'vitest';
import { createMemoryBroker } from '#adapters/memory/memory-broker.ts';
import { memoryBrokerDefaults } from '#adapters/memory/memory-settings.ts';
import { createMemorySilenceStore } from '#adapters/memory/memory-silence-store.ts';
import { systemClock } from '#adapters/system/clock.ts';
import { topicNames, topicSpecs } from '#pipeline/topics.ts';
import { silentLogger } from '#ports/logger.ts';
import { SummingMeter } from '../support/loop-harness.ts';
import { silenceStoreContract } from './silence-store-contract.ts';

const names = topicNames('silences');

function aBroker() {
  const meter = new SummingMeter();
  const deps = { clock: systemClock, logger: silentLogger, meter };
  return { meter, broker: createMemoryBroker(memoryBrokerDefaults, deps) };
}

silenceStoreContract(() => {
  const { broker, meter } = aBroker();
  void broker.ensure(topicSpecs(names, { partitions: 1, replicationFactor: 1 }));
  const store = createMemorySilenceStore(names, broker);
  return { names, store, meter, stream: broker, append: (records) => broker.appendBatch(records), story: () => '' };
});

it('says that it cannot be reached before the topics are made', async () => {
  const store = createMemorySilenceStore(names, aBroker().broker);
  const away = { code: 'KAFKA_UNAVAILABLE', retryable: true };
  await expect(store.list(new AbortController().signal)).rejects.toMatchObject(away);
  const silence = { id: 'a', matchers: [], fromMs: 1, untilMs: 2, author: 'a', reason: 'b' };
  await expect(store.put(silence)).rejects.toMatchObject(away);
});
