// What the pods are, learned from the lines that say so, for the lines that do not: Istio's default formats name neither workload nor
// version. Used where documents are made, and nowhere else: what it knows depends on the lines that came before, so a count or an
// alert made with it would come out differently in a replay. A document is written once, and says `learned` where it was filled.
import type { AccessLogRecord } from '#core/access-log/record.ts';
import type { Endpoint, Traffic } from './traffic.ts';
import { unknownName } from './traffic.ts';

/** Settings of a directory. */
export interface PodDirectorySettings {
  /** Pods and addresses remembered; those that were not heard of for longest are forgotten first. Each has some 300 bytes. */
  readonly maxEntries: number;
}

/** For each Kafka cluster: some thousand pods, by name and by address, with those of the last deploys. */
const defaultPodDirectorySettings: PodDirectorySettings = { maxEntries: 16_384 };

/** What the directory reads of a line. */
export type DirectoryLine = Pick<
  AccessLogRecord,
  | 'startAtMs'
  | 'pod'
  | 'downstreamPeer'
  | 'upstreamHost'
  | 'upstreamLocalAddress'
  | 'downstreamLocalAddress'
  | 'downstreamRemoteAddress'
>;

interface Identity {
  readonly service: string;
  readonly namespace: string;
  readonly version: string;
  readonly deployId: string | null;
}

interface Entry {
  identity: Identity;
  /** Event time of the newest line that said so. */
  atMs: number;
  /** What it was before, to know an address that several pods share. */
  previous: Identity | null;
  isShared: boolean;
}

/** An entry that is heard of again moves to the young end, but not with every line. */
const refreshAfterMs = 60_000;

/**
 * The pods of one Kafka cluster, by namespace and name, and by address. Where lines disagree the newest by event time wins: a name or
 * an address was given to another pod. An address that goes back and forth belongs to several (the network of a node), and says
 * nothing any more.
 */
export class PodDirectory {
  readonly #maxEntries: number;
  readonly #entries = new Map<string, Entry>();

  constructor({ maxEntries }: PodDirectorySettings = defaultPodDirectorySettings) {
    this.#maxEntries = maxEntries;
  }

  /** Entries held. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Learns from a line what its writer is and, from the control plane's metadata, the host that it chose. Not what a caller says
   * of itself: that is a header of its request. `traffic` is that of the line alone.
   */
  learn(line: DirectoryLine, traffic: Traffic): void {
    const isDestination = isWrittenByDestination(line, traffic);
    const writer = isDestination ? traffic.destination : traffic.source;
    if (writer.versionFrom === 'node' && isComplete(writer)) {
      this.#note(podKey(line.pod, writer.namespace), writer, line.startAtMs);
      if (traffic.reporter !== 'unknown') this.#note(ownAddressKey(line, isDestination), writer, line.startAtMs);
    }
    const { destination } = traffic;
    if (destination.versionFrom === 'upstream_metadata' && isComplete(destination)) {
      this.#note(addressKey(line.upstreamHost), destination, line.startAtMs);
    }
  }

  /**
   * The traffic of a line with what is known of its two ends put in where the line does not say: `versionFrom` is `learned` then. An
   * end of which the line says anything else than the directory stays as it is; so does one whose version the line tells, unless it
   * is only the name of a subset.
   */
  fill(line: DirectoryLine, traffic: Traffic): Traffic {
    const isDestination = isWrittenByDestination(line, traffic);
    const isKnownSide = traffic.reporter !== 'unknown';
    const writer = isDestination ? traffic.destination : traffic.source;
    const own =
      this.#find(podKey(line.pod, writer.namespace)) ??
      (isKnownSide ? this.#find(ownAddressKey(line, isDestination)) : null);
    const peer = isKnownSide
      ? this.#find(addressKey(isDestination ? line.downstreamRemoteAddress : line.upstreamHost))
      : null;
    const source = fillEnd(traffic.source, isDestination ? peer : own);
    const destination = fillEnd(traffic.destination, isDestination ? own : peer);
    return source === traffic.source && destination === traffic.destination
      ? traffic
      : { ...traffic, source, destination };
  }

  #find(key: string | null): Identity | null {
    const entry = key === null ? undefined : this.#entries.get(key);
    return entry === undefined || entry.isShared ? null : entry.identity;
  }

  #note(key: string | null, { service, namespace, version, deployId }: Endpoint, atMs: number): void {
    if (key === null) return;
    const said: Identity = { service, namespace, version, deployId };
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      this.#add(key, { identity: said, atMs, previous: null, isShared: false });
      return;
    }
    if (atMs < entry.atMs) return;
    if (!isSame(entry.identity, said)) {
      entry.isShared ||= entry.previous !== null && isSame(entry.previous, said) && key.startsWith(addressPrefix);
      entry.previous = entry.identity;
      entry.identity = said;
    } else if (entry.identity.deployId === null && deployId !== null) entry.identity = said;
    const isOld = atMs - entry.atMs >= refreshAfterMs;
    entry.atMs = atMs;
    if (isOld) this.#add(key, entry);
  }

  #add(key: string, entry: Entry): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.#maxEntries) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    this.#entries.set(key, entry);
  }
}

/** As attribution decides it: without a reporter the writer is the source, unless it knows its caller. */
function isWrittenByDestination({ downstreamPeer }: DirectoryLine, { reporter }: Traffic): boolean {
  if (reporter !== 'unknown') return reporter === 'destination';
  return downstreamPeer.service !== null || downstreamPeer.workload !== null;
}

function isComplete(end: Endpoint): boolean {
  return end.service !== unknownName && end.namespace !== unknownName && end.version !== unknownName;
}

function isSame(a: Identity, b: Identity): boolean {
  const sameDeploy = a.deployId === b.deployId || a.deployId === null || b.deployId === null;
  return a.service === b.service && a.namespace === b.namespace && a.version === b.version && sameDeploy;
}

function fillEnd(end: Endpoint, known: Identity | null): Endpoint {
  if (known === null || (end.versionFrom !== 'unknown' && end.versionFrom !== 'subset')) return end;
  const fits =
    isOneOf(end.service, known.service, unknownName) &&
    isOneOf(end.namespace, known.namespace, unknownName) &&
    isOneOf(end.version, known.version, unknownName) &&
    isOneOf(end.deployId, known.deployId, null);
  return fits ? { ...known, versionFrom: 'learned' } : end;
}

function isOneOf<T>(value: T, one: T, other: T): boolean {
  return value === one || value === other;
}

const addressPrefix = 'address ';
/** Longest names that become keys: those of Kubernetes are at most 253 characters. */
const maxNameLength = 253;

function podKey(pod: string | null, namespace: string): string | null {
  // Names are unique in their namespace only: `db-0` may be in each.
  if (pod === null || pod.length > maxNameLength || namespace === unknownName) return null;
  return `pod ${namespace}/${pod}`;
}

// The address from which a source's proxy connects, or at which a destination's is called, is that of its pod.
function ownAddressKey(line: DirectoryLine, isDestination: boolean): string | null {
  return addressKey(isDestination ? line.downstreamLocalAddress : line.upstreamLocalAddress);
}

// Every pod has these; Istio's proxies call their application from 127.0.0.6.
const everyPods = /^(?:127\.0\.0\.\d+|\[?::1\]?)$/;

function addressKey(address: string | null): string | null {
  const host = address === null ? null : (/^(.+):\d{1,5}$/.exec(address)?.[1] ?? null);
  if (host === null || host.length > maxNameLength || everyPods.test(host)) return null;
  return `${addressPrefix}${host}`;
}
