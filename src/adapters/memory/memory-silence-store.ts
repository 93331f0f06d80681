// Silences in topics in memory: set in the topic of the alerts, so that they are in one order with them, and read from notify's state.
// They last as long as the process.
import type { Silence } from '#core/notify/silence.ts';
import { decodeSilence, encodeSilence, isSilenceKey, silenceKey } from '#core/notify/silence-wire.ts';
import { AdapterError } from '#ports/adapter-error.ts';
import type { SilenceStore } from '#ports/silence-store.ts';
import type { MemoryBroker } from './memory-broker.ts';

/** The two topics that hold silences. */
interface SilenceTopics {
  readonly alerts: string;
  readonly notifyState: string;
}

/** While the loops are behind, whoever sets a silence waits so long for room at most: somebody waits for the answer. */
const roomTimeoutMs = 5000;

/** A store of silences. Before the topics are made it throws `KAFKA_UNAVAILABLE`. */
export function createMemorySilenceStore(topics: SilenceTopics, broker: MemoryBroker): SilenceStore {
  return {
    put: async (silence) => {
      const count = await broker.partitionCount(topics.alerts);
      if (count === null) throw notThere(topics.alerts);
      const record = { topic: topics.alerts, key: silenceKey(silence.id), value: encodeSilence(silence) };
      // Each partition of alerts has a notify of its own.
      const records = Array.from({ length: count }, (_, partition) => ({ ...record, partition }));
      await broker.appendBatch(records, AbortSignal.timeout(roomTimeoutMs));
    },
    list: async () => {
      const table = broker.table(topics.notifyState);
      if (table === null) throw notThere(topics.notifyState);
      return [...table].flatMap(([key, value]) => toSilences(key, value)).sort((a, b) => a.fromMs - b.fromMs);
    },
    close: () => Promise.resolve(),
  };
}

function notThere(topic: string): AdapterError {
  return new AdapterError('KAFKA_UNAVAILABLE', `there is no topic ${topic} yet`, { retryable: true });
}

function toSilences(key: string, value: Uint8Array): readonly Silence[] {
  const outcome = isSilenceKey(key) ? decodeSilence(value) : null;
  return outcome?.kind === 'ok' ? [outcome.value] : [];
}
