// Starts one real Elasticsearch node for tests, a JVM on 127.0.0.1. The server's jars come by Maven, once
// (jvm/build-cache.ts), without x-pack: no security, ILM, data streams, Painless or ES|QL. ELASTICSEARCH_URL names a
// server to use instead.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildOnce, compile, pack, resolveJars } from './jvm/build-cache.ts';
import { type JavaProcess, removeOnExit, startJava } from './jvm/java-process.ts';
import { findJdk, type Jdk } from './jvm/jdk.ts';
import { type PortReservation, reservePorts } from './jvm/ports.ts';

const version = '9.5.3'; // as in elasticsearch/pom.xml
const minJavaMajor = 21;
const readyWithinMs = 120_000;
const sources = join(import.meta.dirname, 'elasticsearch');
const pom = join(sources, 'pom.xml');
const logging = join(sources, 'log4j2.properties');
const nodeSources = [join(import.meta.dirname, 'jvm', 'ParentWatch.java'), join(sources, 'LabNode.java')];
const pluginSources = [join(sources, 'LabPlugin.java')];

/** Node settings over those of `nodeSettings`, the heap's size (512m), and `env`: the process's own if left out. */
export interface ElasticsearchOptions {
  readonly settings?: Readonly<Record<string, string>>;
  readonly heap?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** A running node. All but `url` and `stop` throw where ELASTICSEARCH_URL names the server. */
export interface ElasticsearchService {
  readonly url: string;
  /** Ends the node if it was started here and removes its data; may be called twice. */
  stop(): Promise<void>;
  /** Kills the node with SIGKILL; its port stays reserved. */
  kill(): Promise<void>;
  /** Starts the node again with its old port and data, killing it first where it runs. */
  restart(): Promise<void>;
  /** Freezes the node with SIGSTOP: connections are accepted by the kernel, and nothing is answered. */
  pause(): Promise<void>;
  /** Lets a frozen node go on, with SIGCONT. */
  resume(): Promise<void>;
}

/** Starts a node with its data in a fresh temporary folder, and returns when its cluster is at least yellow. */
export async function startElasticsearch(options: ElasticsearchOptions = {}): Promise<ElasticsearchService> {
  const env = options.env ?? process.env;
  if (env['ELASTICSEARCH_URL']) return externalElasticsearch(env['ELASTICSEARCH_URL']);
  const jdk = findJdk('Elasticsearch', minJavaMajor, env);
  const home = await buildNode(jdk);
  const reservation = await reservePorts(2);
  const dataDir = mkdtempSync(join(tmpdir(), 'flagwatch-elasticsearch-'));
  const removeData = removeOnExit(dataDir);
  const settings = { ...nodeSettings(dataDir, reservation), ...options.settings };
  const url = `http://127.0.0.1:${reservation.ports[0]}`;
  const program = { jdk, home, dataDir, heap: options.heap ?? '512m', settings, url };
  let starts = 1;
  let node: JavaProcess;
  try {
    node = await startNode(program, starts);
  } catch (error) {
    reservation.release(); // the data stays until this process exits: the error points at a log in it
    throw error;
  }
  return {
    url,
    stop: async () => {
      await node.kill();
      reservation.release();
      removeData();
    },
    kill: () => node.kill(),
    restart: async () => {
      await node.kill();
      starts += 1;
      node = await startNode(program, starts);
    },
    pause: async () => node.signal('SIGSTOP'),
    resume: async () => node.signal('SIGCONT'),
  };
}

interface NodeProgram {
  readonly jdk: Jdk;
  readonly home: string;
  readonly dataDir: string;
  readonly heap: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly url: string;
}

async function startNode(program: NodeProgram, starts: number): Promise<JavaProcess> {
  const { jdk, home, dataDir, heap, settings, url } = program;
  return startJava({
    name: 'Elasticsearch',
    jdk,
    jvmArgs: [
      `-Xms${heap}`,
      `-Xmx${heap}`,
      '-XX:+UseG1GC',
      `-Djava.io.tmpdir=${join(dataDir, 'tmp')}`,
      `-Des.path.home=${home}`,
      '-Dio.netty.noUnsafe=true',
      // The vector library is not among the published jars; Lucene's own code, by this module, does without.
      '-Dorg.elasticsearch.nativeaccess.enableVectorLibrary=false',
      '--add-modules=jdk.incubator.vector',
      '--enable-native-access=ALL-UNNAMED',
      ...(jdk.major >= 23 ? ['--sun-misc-unsafe-memory-access=allow'] : []),
    ],
    classPath: `${join(home, 'classes')}:${join(home, 'lib')}/*`,
    mainClass: 'LabNode',
    args: Object.entries(settings).map(([key, value]) => `${key}=${value}`),
    folder: dataDir,
    logFile: join(dataDir, 'logs', `node-${starts}.log`),
    readyWithinMs,
    isReady: () => answersYellow(url),
  });
}

async function answersYellow(url: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(2000);
    return (await fetch(`${url}/_cluster/health?wait_for_status=yellow&timeout=1s`, { signal })).ok;
  } catch {
    return false; // nothing listens yet
  }
}

function nodeSettings(dataDir: string, reservation: PortReservation): Record<string, string> {
  for (const name of ['data', 'logs', 'tmp']) mkdirSync(join(dataDir, name));
  const [httpPort, transportPort] = reservation.ports;
  return {
    'cluster.name': 'flagwatch-test',
    'node.name': 'test-1',
    'network.host': '127.0.0.1',
    'http.port': String(httpPort),
    'transport.port': String(transportPort),
    'discovery.type': 'single-node',
    'path.data': join(dataDir, 'data'),
    'path.logs': join(dataDir, 'logs'),
    // A test must not turn read-only because the machine's disk is nearly full.
    'cluster.routing.allocation.disk.threshold_enabled': 'false',
  };
}

async function buildNode(jdk: Jdk): Promise<string> {
  return buildOnce({
    name: 'elasticsearch',
    inputs: [pom, logging, ...nodeSources, ...pluginSources],
    build: async (folder) => {
      const lib = join(folder, 'lib');
      const classes = join(folder, 'classes');
      const netty = makeModule(folder, 'transport-netty4', 'org.elasticsearch.transport.netty4.Netty4Plugin');
      const lab = makeModule(folder, 'lab', 'LabPlugin');
      mkdirSync(join(folder, 'config'));
      await copyFile(logging, join(folder, 'config', 'log4j2.properties'));
      await resolveJars(pom, lib, jdk);
      const target = { release: minJavaMajor, classPath: `${lib}/*` };
      await compile(jdk, { ...target, sources: nodeSources, folder: classes });
      const pluginClasses = join(folder, 'plugin-classes');
      await compile(jdk, { ...target, sources: pluginSources, folder: pluginClasses });
      await pack(jdk, pluginClasses, join(lab, 'lab.jar'));
      // The server refuses to start where a class is both on its class path and in a module ("jar hell").
      for (const jar of readdirSync(lib).filter((name) => /^(transport-netty4|netty)-/.test(name))) {
        renameSync(join(lib, jar), join(netty, jar));
      }
      linkZstd(lib);
    },
  });
}

function makeModule(home: string, name: string, className: string): string {
  const folder = join(home, 'modules', name);
  mkdirSync(folder, { recursive: true });
  const descriptor = { name, description: name, classname: className, version, 'elasticsearch.version': version };
  const lines = Object.entries({ ...descriptor, 'java.version': String(minJavaMajor) }).map((pair) => pair.join('='));
  writeFileSync(join(folder, 'plugin-descriptor.properties'), `${lines.join('\n')}\n`);
  return folder;
}

/** The codec best_compression needs zstd, which is no jar: the system's own is used where there is one. */
function linkZstd(lib: string): void {
  const arch = process.arch === 'arm64' ? 'aarch64' : process.arch;
  const folder = join(lib, 'platform', `linux-${arch}`);
  const multiarch = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  const library = [`/usr/lib/${multiarch}`, '/usr/lib64', '/lib64'].map((dir) => join(dir, 'libzstd.so.1'));
  const found = library.find((path) => existsSync(path));
  if (process.platform !== 'linux' || found === undefined) return;
  mkdirSync(folder, { recursive: true });
  symlinkSync(found, join(folder, 'libzstd.so'));
}

function externalElasticsearch(url: string): ElasticsearchService {
  const refuse = (verb: string) => async (): Promise<never> => {
    throw new Error(`cannot ${verb} the server of ELASTICSEARCH_URL=${url}: only a node started here; unset it`);
  };
  return {
    url,
    stop: async () => {},
    kill: refuse('kill'),
    restart: refuse('restart'),
    pause: refuse('pause'),
    resume: refuse('resume'),
  };
}
