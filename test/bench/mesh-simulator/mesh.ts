// The simulated mesh: second by second new requests, their lines on the way to the partitions, and each partition's bytes for those who
// read them as fast as they like. The same settings give the same bytes.
import type { CalledService } from './access-line.ts';
import { Fleet } from './fleet.ts';
import type { Plan } from './incident.ts';
import type { FailedCall, RequestWorld } from './request.ts';
import { SimulatedRequest } from './request.ts';
import type { Ramp } from './rhythm.ts';
import { Arrivals } from './rhythm.ts';
import { SeededRandom } from './seeded-random.ts';
import type { Shipping } from './shipped-lines.ts';
import { ShippedLines, usualShipping } from './shipped-lines.ts';
import type { CallSpec, FlowSpec, ServiceSpec } from './topology.ts';
import { calls, flows, services } from './topology.ts';
import { Trouble } from './trouble.ts';

/** Settings of a run. */
export interface MeshSettings {
  readonly seed: number;
  readonly plan: Plan;
  /** 1 is some 13 calls a second, the mean of a day: 26 lines. */
  readonly scale: number;
  readonly ramps?: readonly Ramp[];
  readonly partitionCount?: number;
  readonly shipping?: Shipping;
  /** Hears of each call that fails for a cause of its own. */
  readonly onFailure?: (failure: FailedCall) => void;
}

/** A partition as `replay` reads it. */
export interface MeshSource {
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

const stepMs = 1000;
const defaultPartitionCount = 6;
/** Calls of a request that began in this step may be made as much later. */
const longestRequestMs = 30_000;

/** One run. Lines are made when somebody reads, and held only until every partition's reader has come as far. */
export class SimulatedMesh {
  readonly #plan: Plan;
  readonly #fleet: Fleet;
  readonly #trouble: Trouble;
  readonly #world: RequestWorld;
  readonly #random: SeededRandom;
  readonly #arrivals: readonly { readonly flow: FlowSpec; readonly arrivals: Arrivals }[];
  readonly #partitions: readonly { readonly shipped: ShippedLines; readonly ready: Buffer[] }[];
  #atMs: number;
  #isDone = false;
  lineCount = 0;

  constructor({ seed, plan, scale, ...settings }: MeshSettings) {
    const { ramps = [], partitionCount = defaultPartitionCount, shipping = usualShipping, onFailure } = settings;
    this.#plan = plan;
    this.#atMs = plan.startAtMs;
    this.#random = new SeededRandom(seed, 1);
    this.#fleet = new Fleet(services, plan.deploys, partitionCount, new SeededRandom(seed, 2));
    this.#trouble = new Trouble(plan.effects);
    this.#arrivals = flows.map((flow, i) => ({
      flow,
      arrivals: new Arrivals(flow, scale, ramps, new SeededRandom(seed, 10 + i)),
    }));
    this.#partitions = Array.from({ length: partitionCount }, (_, i) => ({
      shipped: new ShippedLines(shipping, new SeededRandom(seed, 100 + i)),
      ready: [],
    }));
    this.#world = {
      random: this.#random,
      fleet: this.#fleet,
      trouble: this.#trouble,
      services: calledServices(),
      callsOf: callsBySource(),
      takeLine: (pod, endAtMs, render) => {
        this.lineCount += 1;
        this.#partitions[pod.partition]?.shipped.add(endAtMs, render);
      },
      onFailure: onFailure ?? (() => undefined),
    };
  }

  /** Each partition's bytes. Readers may go on at different speeds: what one has not read yet waits. */
  sources(): readonly MeshSource[] {
    return this.#partitions.map((_, partition) => ({ name: `partition-${partition}`, bytes: this.#read(partition) }));
  }

  async *#read(partition: number): AsyncGenerator<Uint8Array> {
    const ready = this.#partitions[partition]?.ready ?? [];
    while (ready.length > 0 || !this.#isDone) {
      const chunk = ready.shift();
      if (chunk !== undefined) yield chunk;
      else this.#step();
    }
  }

  /** All partitions' bytes of the next second, in the order of partitions; `null` at the end. For drivers with a clock of their own. */
  nextSecond(): { readonly atMs: number; readonly chunks: readonly (readonly Buffer[])[] } | null {
    if (this.#isDone) return null;
    const atMs = this.#atMs;
    this.#step();
    return { atMs, chunks: this.#partitions.map(({ ready }) => ready.splice(0)) };
  }

  #step(): void {
    const fromMs = this.#atMs;
    this.#atMs += stepMs;
    if (fromMs >= this.#plan.endAtMs) {
      this.#finish();
      return;
    }
    this.#fleet.moveTo(fromMs);
    this.#trouble.moveTo(fromMs, fromMs + stepMs + longestRequestMs);
    for (const { flow, arrivals } of this.#arrivals) {
      for (const atMs of arrivals.take(fromMs, stepMs)) this.#begin(flow, Math.floor(atMs));
    }
    // What begins later ends later: nothing can come before these any more.
    for (const { shipped, ready } of this.#partitions) {
      const chunk = shipped.take(fromMs);
      if (chunk !== null) ready.push(chunk);
    }
  }

  #begin({ call }: FlowSpec, atMs: number): void {
    const caller = this.#fleet.choose(call.source, this.#random);
    const port = 20_000 + Math.floor(this.#random.next() * 40_000);
    const client = caller.isGateway
      ? `203.0.113.${Math.floor(this.#random.next() * 250)}:${port}`
      : `${caller.address}:${port}`;
    new SimulatedRequest(this.#world).call(caller, client, call, atMs);
  }

  #finish(): void {
    this.#isDone = true;
    for (const { shipped, ready } of this.#partitions) {
      for (const second of shipped.waitingSeconds()) {
        const chunk = shipped.take(second);
        if (chunk !== null) ready.push(chunk);
      }
    }
  }
}

function calledServices(): ReadonlyMap<string, ServiceSpec & CalledService> {
  return new Map(
    services.map((service, i) => [service.name, { ...service, virtualAddress: `10.96.0.${10 + i}` }] as const),
  );
}

function callsBySource(): ReadonlyMap<string, readonly CallSpec[]> {
  return new Map(services.map(({ name }) => [name, calls.filter((call) => call.source === name)] as const));
}
