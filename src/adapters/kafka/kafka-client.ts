// The kafkajs client of one cluster: connection settings → client, and its log lines → our logger. kafkajs is named in this
// folder alone.
import { Kafka, type KafkaConfig, type LogEntry, logLevel } from 'kafkajs';
import type { Logger } from '#ports/logger.ts';
import type { KafkaConnectionSettings } from './kafka-settings.ts';

/** A client; it connects when it is used. */
export function createKafkaClient(settings: KafkaConnectionSettings, logger: Logger): Kafka {
  const config: KafkaConfig = {
    brokers: [...settings.brokers],
    clientId: settings.clientId,
    connectionTimeout: settings.connectionTimeoutMs,
    requestTimeout: settings.requestTimeoutMs,
    ...(settings.ssl === undefined ? {} : { ssl: settings.ssl }),
    ...(settings.sasl === undefined ? {} : { sasl: settings.sasl }),
    // Short: what lasts longer is for our own supervisors, which say what they wait for.
    retry: { retries: 5, initialRetryTime: 50, maxRetryTime: 1_000 },
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => logEntry(logger, entry),
  };
  return new Kafka(config);
}

/**
 * Texts of cold coordinators (COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR) and of a transaction
 * that is still being finished: kafkajs logs them as errors while it tries again. Its log has no codes.
 */
export const harmlessTexts: ReadonlySet<string> = new Set([
  "The coordinator is loading and hence can't process requests for this group",
  'The group coordinator is not available',
  'This is not the correct coordinator for this group',
  'The producer attempted to update a transaction while another concurrent operation on the same transaction was ongoing',
  'The group is rebalancing, so a rejoin is needed',
  'Limiting retries for the idempotent producer may invalidate EoS guarantees',
]);

/** What these namespaces report comes back to the caller as well, as an error that is logged with its code. */
const lowNamespaces: ReadonlySet<string> = new Set(['Connection', 'BrokerPool', 'RequestQueue', 'Cluster', 'Producer']);

/** Passes a kafkajs log line on. Nothing of it is an error of ours: those come with a code. */
export function logEntry(logger: Logger, entry: LogEntry): void {
  const { message, timestamp: _, logger: __, stack: ___, ...fields } = entry.log;
  const text = `kafkajs ${entry.namespace}: ${message}`;
  if (isNoise(entry)) logger.debug(text, fields);
  else logger.warn(text, fields);
}

function isNoise(entry: LogEntry): boolean {
  const { message, error } = entry.log;
  return (
    entry.level > logLevel.WARN ||
    lowNamespaces.has(entry.namespace) ||
    harmlessTexts.has(message.replace(/^Failed to send messages: /, '')) ||
    (typeof error === 'string' && harmlessTexts.has(error))
  );
}
