// Starts a real Kafka cluster for tests: one broker, or three that can be killed one by one, each a JVM of its own on
// 127.0.0.1. The jars come by Maven, once (jvm/build-cache.ts). KAFKA_BROKERS names a cluster to use instead.
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildOnce, compile, resolveJars } from './jvm/build-cache.ts';
import { type JavaProcess, removeOnExit, startJava } from './jvm/java-process.ts';
import { findJdk, type Jdk } from './jvm/jdk.ts';
import { reservePorts } from './jvm/ports.ts';

const minJavaMajor = 17;
const readyWithinMs = 90_000;
const sources = join(import.meta.dirname, 'kafka');
const pom = join(sources, 'pom.xml');
const javaSources = [join(import.meta.dirname, 'jvm', 'ParentWatch.java'), join(sources, 'LabBroker.java')];

/** How many brokers, and broker settings over those of `brokerProperties`; `env` is the process's own if left out. */
export interface KafkaOptions {
  readonly brokers?: 1 | 3;
  readonly settings?: Readonly<Record<string, string>>;
  readonly env?: NodeJS.ProcessEnv;
}

/** A running cluster. Nodes are counted from 0, as in `brokers`. */
export interface KafkaService {
  /** The bootstrap addresses, as host:port. */
  readonly brokers: string[];
  /** Where the brokers keep their data, settings and logs; undefined where KAFKA_BROKERS names the cluster. */
  readonly dataDir: string | undefined;
  /** Ends the brokers that were started here and removes their data; may be called twice. */
  stop(): Promise<void>;
  /** Kills one broker with SIGKILL; its port stays reserved. Throws where the cluster was not started here. */
  kill(nodeIndex: number): Promise<void>;
  /** Starts one broker again with its old port and data, killing it first where it runs. Throws as `kill` does. */
  restart(nodeIndex: number): Promise<void>;
}

/** Starts a cluster with its data in a fresh temporary folder, and returns when every broker serves requests. */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaService> {
  const env = options.env ?? process.env;
  if (env['KAFKA_BROKERS']) return externalKafka(env['KAFKA_BROKERS']);
  const jdk = findJdk('Kafka', minJavaMajor, env);
  const home = await buildBroker(jdk);
  const count = options.brokers ?? 1;
  const reservation = await reservePorts(count * 2);
  const dataDir = mkdtempSync(join(tmpdir(), 'flagwatch-kafka-'));
  const removeData = removeOnExit(dataDir);
  const brokerPorts = reservation.ports.slice(0, count);
  const controllerPorts = reservation.ports.slice(count);
  const clusterId = newClusterId();
  const nodes = brokerPorts.map((_, index) => {
    const folder = join(dataDir, `broker-${index}`);
    const properties = brokerProperties(index, brokerPorts, controllerPorts);
    return new BrokerNode(folder, { ...properties, ...options.settings }, { jdk, home, clusterId });
  });
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.kill()));
    reservation.release();
    removeData();
  };
  try {
    await Promise.all(nodes.map((node) => node.start()));
  } catch (error) {
    await Promise.all(nodes.map((node) => node.kill()));
    reservation.release(); // the data stays until this process exits: the error points at a log in it
    throw error;
  }
  return {
    brokers: brokerPorts.map((port) => `127.0.0.1:${port}`),
    dataDir,
    stop,
    kill: (nodeIndex) => nodeAt(nodes, nodeIndex).kill(),
    restart: (nodeIndex) => nodeAt(nodes, nodeIndex).start(),
  };
}

/** One broker: its folder and settings for good, and the process that runs it at the moment. */
class BrokerNode {
  readonly #folder: string;
  readonly #cluster: { readonly jdk: Jdk; readonly home: string; readonly clusterId: string };
  #process: JavaProcess | undefined;
  #starts = 0;

  constructor(
    folder: string,
    properties: Readonly<Record<string, string>>,
    cluster: { readonly jdk: Jdk; readonly home: string; readonly clusterId: string },
  ) {
    this.#folder = folder;
    this.#cluster = cluster;
    mkdirSync(folder);
    const all: Record<string, string> = { 'log.dirs': join(folder, 'data'), ...properties };
    const lines = Object.entries(all).map(([key, value]) => `${key}=${value}`);
    writeFileSync(join(folder, 'server.properties'), `${lines.join('\n')}\n`);
  }

  async start(): Promise<void> {
    await this.kill();
    const { jdk, home, clusterId } = this.#cluster;
    this.#starts += 1;
    this.#process = await startJava({
      name: 'Kafka',
      jdk,
      // The serial collector needs the least of two cores; heaps grow to the limit only where a test needs it.
      jvmArgs: ['-Xms128m', '-Xmx512m', '-XX:+UseSerialGC'],
      classPath: `${join(home, 'classes')}:${join(home, 'lib')}/*`,
      mainClass: 'LabBroker',
      args: [join(this.#folder, 'server.properties'), clusterId],
      folder: this.#folder,
      logFile: join(this.#folder, `broker-${this.#starts}.log`),
      readyWithinMs,
      isReady: (log) => log.includes('Kafka Server started'),
    });
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
    this.#process = undefined;
  }
}

function nodeAt(nodes: readonly BrokerNode[], index: number): BrokerNode {
  const node = nodes[index];
  if (node === undefined) throw new RangeError(`there is no broker ${index}: the cluster has ${nodes.length}`);
  return node;
}

function brokerProperties(
  index: number,
  brokerPorts: readonly number[],
  controllerPorts: readonly number[],
): Record<string, string> {
  const replicas = String(brokerPorts.length);
  const inSync = brokerPorts.length === 1 ? '1' : '2';
  const broker = `127.0.0.1:${brokerPorts[index]}`;
  const controller = `127.0.0.1:${controllerPorts[index]}`;
  return {
    'process.roles': 'broker,controller',
    'node.id': String(index + 1),
    'controller.quorum.voters': controllerPorts.map((port, node) => `${node + 1}@127.0.0.1:${port}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    listeners: `PLAINTEXT://${broker},CONTROLLER://${controller}`,
    'advertised.listeners': `PLAINTEXT://${broker}`,
    'auto.create.topics.enable': 'false',
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    'share.coordinator.state.topic.num.partitions': '1',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    // A killed broker is given up after three seconds in place of nine; less, and a busy machine fences live ones.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    'num.network.threads': '2',
    'num.io.threads': '4',
    'background.threads': '2',
    // The default is 128 MB, which would be a quarter of the heap.
    'log.cleaner.dedupe.buffer.size': '8388608',
  };
}

async function buildBroker(jdk: Jdk): Promise<string> {
  return buildOnce({
    name: 'kafka',
    inputs: [pom, ...javaSources],
    build: async (folder) => {
      const lib = join(folder, 'lib');
      await resolveJars(pom, lib, jdk);
      const classes = join(folder, 'classes');
      await compile(jdk, { release: minJavaMajor, classPath: `${lib}/*`, sources: javaSources, folder: classes });
    },
  });
}

function newClusterId(): string {
  // An id that starts with a dash would be read as an option by the formatter.
  return randomBytes(16).toString('base64url').replace(/^-/, 'A');
}

function externalKafka(addresses: string): KafkaService {
  const refuse = (verb: string) => async (): Promise<never> => {
    throw new Error(`cannot ${verb} a broker of KAFKA_BROKERS=${addresses}: only brokers started here; unset it`);
  };
  return {
    brokers: addresses.split(',').map((address) => address.trim()),
    dataDir: undefined,
    stop: async () => {},
    kill: refuse('kill'),
    restart: refuse('restart'),
  };
}
