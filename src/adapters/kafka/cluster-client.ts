// Reads partitions without a group: fetches, ends of partitions, committed offsets. kafkajs has no such client, but hands its
// cluster to partition assigners; this takes it from there. Each opened partition has its own, so that a fetch that waits for
// records, or a slow partition, holds up no other: a broker answers the requests of one connection one after the other.
import { type Cluster, type Kafka, type PartitionAssigner, PartitionAssigners } from 'kafkajs';
import { AdapterError } from '#ports/adapter-error.ts';
import { decodeFetchResponse, encodeFetchRequest, type FetchResponse, fetchApi } from './fetch-protocol.ts';
import type { KafkaStreamSettings } from './kafka-settings.ts';
import { toAdapterError } from './to-adapter-error.ts';

/** A partition of the cluster. */
export interface PartitionName {
  readonly topic: string;
  readonly partition: number;
}

/** Connections to the brokers. Every call may throw `AdapterError`. */
export interface ClusterClient {
  /** Connects and learns about the topics. */
  open(topics: readonly string[]): Promise<void>;
  /** How many partitions the topic has, as known since the last refresh. */
  partitionCount(topic: string): number;
  /** One fetch from the partition's leader; error codes of the partition are in the response. */
  fetch(from: PartitionName & { readonly offset: number }, limits: FetchLimits): Promise<FetchResponse>;
  /** Offset of the first record that retention left. */
  startOffset(of: PartitionName): Promise<number>;
  /** Offset behind the last replicated record, records of open transactions and control records counted. */
  endOffset(of: PartitionName): Promise<number>;
  /** The group's committed offset, `null` where there is none. */
  committedOffset(groupId: string, of: PartitionName): Promise<number | null>;
  /** Asks anew who leads what: after an error of `fetch`. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/** Bounds of one fetch. */
interface FetchLimits {
  readonly maxWaitMs: number;
  readonly maxBytes: number;
}

/** A client of its own connections; it connects with `open`. */
export function createClusterClient(kafka: Kafka, settings: KafkaStreamSettings): ClusterClient {
  const cluster = captureCluster(kafka, settings);
  let isClosed = false;
  const calling = async <T>(doing: string, call: () => Promise<T>): Promise<T> => {
    // kafkajs would connect again without a word, and nobody would close that.
    if (isClosed) throw new AdapterError('ABORTED', `${doing}: closed`, { retryable: false });
    try {
      return await call();
    } catch (error) {
      throw toAdapterError(error, doing);
    }
  };
  return {
    open: (topics) => calling(`connecting to ${settings.brokers.join(', ')}`, () => connect(cluster, topics)),
    partitionCount: (topic) => cluster.findTopicPartitionMetadata(topic).length,
    fetch: (from, limits) => calling(`fetching ${nameOf(from)}`, () => fetchFrom(cluster, from, limits)),
    startOffset: (of) => calling(`asking for the start of ${nameOf(of)}`, () => listOffset(cluster, of, true)),
    endOffset: (of) => calling(`asking for the end of ${nameOf(of)}`, () => listOffset(cluster, of, false)),
    committedOffset: (groupId, of) =>
      calling(`asking for the offset of ${groupId} in ${nameOf(of)}`, () => committed(cluster, groupId, of)),
    refresh: () => calling('asking for the leaders', () => cluster.refreshMetadata()),
    close: async () => {
      isClosed = true;
      await cluster.disconnect();
    },
  };
}

/** `topic/partition`, for people. */
export function nameOf(of: PartitionName): string {
  return `${of.topic}/${of.partition}`;
}

function captureCluster(kafka: Kafka, settings: KafkaStreamSettings): Cluster {
  let captured: Cluster | undefined;
  const capture: PartitionAssigner = (config) => {
    captured = config.cluster;
    return PartitionAssigners.roundRobin(config);
  };
  kafka.consumer({
    groupId: 'never-joined',
    partitionAssigners: [capture],
    allowAutoTopicCreation: false,
    metadataMaxAge: settings.metadataMaxAgeMs,
    // Ends of partitions are asked for with everything that is in them; fetches themselves are read_committed.
    readUncommitted: true,
  });
  if (captured === undefined) throw new Error('kafkajs made a consumer without asking its partition assigner');
  return captured;
}

async function connect(cluster: Cluster, topics: readonly string[]): Promise<void> {
  await cluster.connect();
  await cluster.addMultipleTargetTopics([...topics]);
}

/** What kafkajs' brokers have beside their public methods: the request with a codec of our own. */
interface BrokerConnections {
  readonly connectionPool: {
    send(call: {
      readonly request: {
        readonly apiKey: number;
        readonly apiVersion: number;
        readonly apiName: string;
        encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>;
      };
      readonly response: {
        decode(bytes: Buffer): Promise<FetchResponse & { readonly clientSideThrottleTime: number }>;
        parse(response: FetchResponse): Promise<FetchResponse>;
      };
      readonly requestTimeout: number;
    }): Promise<FetchResponse>;
  };
}

async function fetchFrom(
  cluster: Cluster,
  from: PartitionName & { readonly offset: number },
  limits: FetchLimits,
): Promise<FetchResponse> {
  const [nodeId] = Object.keys(cluster.findLeaderForPartitions(from.topic, [from.partition]));
  const broker = await cluster.findBroker({ nodeId: nodeId ?? 'none' });
  const { connectionPool } = broker as unknown as BrokerConnections;
  return connectionPool.send({
    request: {
      apiKey: fetchApi.key,
      apiVersion: fetchApi.version,
      apiName: fetchApi.name,
      encode: async () => {
        const buffer = encodeFetchRequest({ ...from, ...limits });
        return { buf: buffer, buffer };
      },
    },
    response: {
      decode: async (bytes) => {
        const response = decodeFetchResponse(bytes);
        return { ...response, clientSideThrottleTime: response.throttleMs };
      },
      parse: async (response) => response,
    },
    requestTimeout: limits.maxWaitMs,
  });
}

async function listOffset(cluster: Cluster, of: PartitionName, fromBeginning: boolean): Promise<number> {
  await cluster.refreshMetadataIfNecessary();
  const query = { topic: of.topic, partitions: [{ partition: of.partition }], fromBeginning };
  const [answer] = await cluster.fetchTopicsOffset([query]);
  const found = answer?.partitions.find(({ partition }) => partition === of.partition);
  if (found === undefined) throw new Error('no leader is known');
  return Number(found.offset);
}

async function committed(cluster: Cluster, groupId: string, of: PartitionName): Promise<number | null> {
  const coordinator = await cluster.findGroupCoordinator({ groupId });
  const { responses } = await coordinator.offsetFetch({
    groupId,
    topics: [{ topic: of.topic, partitions: [{ partition: of.partition, offset: '-1' }] }],
  });
  const found = responses[0]?.partitions.find(({ partition }) => partition === of.partition);
  if (found === undefined) throw new Error('the coordinator answered nothing about the partition');
  const offset = Number(found.offset);
  return offset < 0 ? null : offset;
}
