// Silences in Kafka: set in the topic of the alerts, so that they are in one order with them, and read from notify's state.
import type { Silence } from '#core/notify/silence.ts';
import { decodeSilence, encodeSilence, isSilenceKey, silenceKey } from '#core/notify/silence-wire.ts';
import { AdapterError } from '#ports/adapter-error.ts';
import type { SilenceStore } from '#ports/silence-store.ts';
import { createKafkaProducer } from './kafka-producer.ts';
import type { KafkaDeps, KafkaStreamSettings } from './kafka-settings.ts';
import { createKafkaTopicAdmin } from './kafka-topic-admin.ts';
import { readTopicTable } from './topic-table.ts';

/** The two topics that hold silences. */
export interface SilenceTopics {
  readonly alerts: string;
  readonly notifyState: string;
}

/** A store of silences; it connects with the first call. */
export function createKafkaSilenceStore(
  topics: SilenceTopics,
  settings: KafkaStreamSettings,
  deps: Omit<KafkaDeps, 'meter'>,
): SilenceStore {
  const producer = createKafkaProducer(settings, deps);
  const admin = createKafkaTopicAdmin(settings, deps);
  return {
    put: async (silence) => {
      const count = await admin.partitionCount(topics.alerts);
      if (count === null) {
        const message = `there is no topic ${topics.alerts}: “flagwatch setup” creates it`;
        throw new AdapterError('KAFKA_REJECTED', message, { retryable: false });
      }
      const record = { topic: topics.alerts, key: silenceKey(silence.id), value: encodeSilence(silence) };
      // Each partition of alerts has a notify of its own.
      await producer.sendAll(Array.from({ length: count }, (_, partition) => ({ ...record, partition })));
    },
    list: async (signal) => {
      const table = await readTopicTable(topics.notifyState, settings, deps, signal);
      return [...table].flatMap(([key, value]) => toSilences(key, value)).sort((a, b) => a.fromMs - b.fromMs);
    },
    close: async () => {
      await Promise.all([producer.close(), admin.close()]);
    },
  };
}

function toSilences(key: string, value: Uint8Array): readonly Silence[] {
  const outcome = isSilenceKey(key) ? decodeSilence(value) : null;
  return outcome?.kind === 'ok' ? [outcome.value] : [];
}
