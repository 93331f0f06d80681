// The pods of the mesh: each service's versions, which of them serve at a time, and the pods of each.
import type { SeededRandom } from './seeded-random.ts';
import type { ServiceSpec } from './topology.ts';

/** A pod with its sidecar (or the gateway's proxy), and what its lines repeat. */
export interface Pod {
  readonly name: string;
  readonly service: string;
  readonly namespace: string;
  readonly version: string;
  readonly deployId: string;
  readonly workload: string;
  readonly address: string;
  readonly isGateway: boolean;
  readonly partition: number;
  /** The next port from which it connects. */
  nextPort: number;
  readonly text: PodText;
}

/** What every line of or about a pod repeats, ready to be written. */
interface PodText {
  /** Keys `node_cluster` to `node_workload`. */
  readonly node: string;
  /** Value of `pod`. */
  readonly id: string;
  /** Value of `upstream_workload`. */
  readonly asCallee: string;
  /** Value of `downstream_peer`. */
  readonly asCaller: string;
  readonly principal: string;
}

/** A new version beside the one that serves: from each step's time on it has that share of the requests, 0..1. */
export interface Deploy {
  readonly service: string;
  readonly version: string;
  readonly deployId: string;
  readonly steps: readonly { readonly atMs: number; readonly share: number }[];
}

interface VersionPods {
  readonly pods: readonly Pod[];
  readonly deploy: Deploy | null;
}

const firstPort = 32_768;
const lastPort = 60_999;

/** A port of the pod that its last connections did not have. */
export function takePort(pod: Pod): number {
  pod.nextPort = pod.nextPort >= lastPort ? firstPort : pod.nextPort + 1;
  return pod.nextPort;
}

/** All pods of a run. Which version serves is looked up second by second. */
export class Fleet {
  readonly #versions = new Map<string, readonly VersionPods[]>();
  /** Of each service the pods of all versions that serve, with the upper bounds of their shares. */
  #serving = new Map<string, readonly { readonly upTo: number; readonly pods: readonly Pod[] }[]>();
  readonly pods: readonly Pod[];

  constructor(
    services: readonly ServiceSpec[],
    deploys: readonly Deploy[],
    partitionCount: number,
    random: SeededRandom,
  ) {
    const all: Pod[] = [];
    const make = (service: ServiceSpec, version: string, deployId: string, count: number): readonly Pod[] => {
      const made = Array.from({ length: count }, (_, i) => {
        const pod = makePod(service, version, deployId, all.length + i, random);
        return { ...pod, partition: hashOf(pod.name) % partitionCount };
      });
      all.push(...made);
      return made;
    };
    services.forEach((service, index) => {
      const first = make(service, service.version, `d-${1100 + index * 7}`, service.podCount);
      const later = deploys
        .filter((deploy) => deploy.service === service.name)
        .map((deploy) => ({ pods: make(service, deploy.version, deploy.deployId, service.podCount), deploy }));
      this.#versions.set(service.name, [{ pods: first, deploy: null }, ...later]);
    });
    this.pods = all;
  }

  /** To be called before the pods of a second are asked for. */
  moveTo(atMs: number): void {
    this.#serving = new Map();
    for (const [service, versions] of this.#versions) this.#serving.set(service, servingAt(versions, atMs));
  }

  /** A pod that serves the next request to `service`. */
  choose(service: string, random: SeededRandom): Pod {
    const serving = this.#serving.get(service) ?? [];
    const at = random.next();
    return random.pick(serving.find(({ upTo }) => at < upTo)?.pods ?? serving.at(-1)?.pods ?? []);
  }
}

function servingAt(versions: readonly VersionPods[], atMs: number) {
  let shares: { share: number; pods: readonly Pod[] }[] = [];
  for (const { deploy, pods } of versions) {
    const share = deploy === null ? 1 : (deploy.steps.findLast((step) => step.atMs <= atMs)?.share ?? 0);
    if (share === 0) continue;
    shares = [...shares.map((other) => ({ ...other, share: other.share * (1 - share) })), { share, pods }];
  }
  let upTo = 0;
  return shares
    .filter(({ share }) => share > 0)
    .map(({ share, pods }) => {
      upTo += share;
      return { upTo, pods };
    });
}

function makePod(service: ServiceSpec, version: string, deployId: string, number: number, random: SeededRandom): Pod {
  const isGateway = service.namespace === 'ingress';
  const { name: serviceName, namespace } = service;
  const workload = isGateway ? serviceName : `${serviceName}-${version}`;
  const name = `${workload}-${random.hex8()}-${random.hex8().slice(0, 5)}`;
  const address = `10.244.${1 + (number >> 6)}.${10 + (number & 63)}`;
  const asCallee = `${workload};${namespace};${serviceName};${version};Kubernetes`;
  const kind = isGateway ? 'router' : 'sidecar';
  return {
    name,
    service: serviceName,
    namespace,
    version,
    deployId,
    workload,
    address,
    isGateway,
    partition: 0,
    nextPort: firstPort + Math.floor(random.next() * (lastPort - firstPort)),
    text: {
      node:
        `"node_cluster":"Kubernetes","node_deploy_id":"${deployId}","node_namespace":"${namespace}",` +
        `"node_service":"${serviceName}","node_version":"${version}","node_workload":"${workload}"`,
      id: `${kind}~${address}~${name}.${namespace}~${namespace}.svc.cluster.local`,
      asCallee,
      asCaller: `${asCallee};${deployId}`,
      principal: `spiffe://cluster.local/ns/${namespace}/sa/${serviceName}`,
    },
  };
}

/** FNV-1a: spreads names over partitions as a producer's hash of the key would. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
