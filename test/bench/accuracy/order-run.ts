// The same incidents with their lines in other orders and on other partitions: the alerts have to be the same, byte for byte.
import { replay } from '#app/replay.ts';
import { defaultSettings } from '#config/load-settings.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import { planIncidents } from '../mesh-simulator/incident-plan.ts';
import { SimulatedMesh } from '../mesh-simulator/mesh.ts';
import type { Shipping } from '../mesh-simulator/shipped-lines.ts';
import { orderedShipping, usualShipping } from '../mesh-simulator/shipped-lines.ts';

/** What came of one run in several orders. */
export interface OrderRun {
  readonly seed: number;
  readonly transitions: number;
  /** Of each order the first transition that is not that of the ordered lines; `null` where all are the same. */
  readonly differences: readonly { readonly order: string; readonly first: string | null }[];
  readonly seconds: number;
}

interface Order {
  readonly name: string;
  readonly shipping: Shipping;
  readonly partitionCount: number;
}

/** No line beyond the allowed lateness: those are counted as late, and may change what is said. */
const shuffled: Shipping = { ...usualShipping, farShare: 0 };
const ordered: Order = { name: 'in order', shipping: orderedShipping, partitionCount: 6 };
const others: readonly Order[] = [
  { name: 'shuffled by up to 4 s', shipping: shuffled, partitionCount: 6 },
  { name: 'shuffled, on two partitions', shipping: { ...shuffled, slowShare: 0.5 }, partitionCount: 2 },
];
const scale = 1;

/** Replays the incidents of a seed in each order. */
export async function runOrders(seed: number, rules: readonly AlertRule[]): Promise<OrderRun> {
  const startedAtMs = performance.now();
  const expected = await transitionsOf(seed, rules, ordered);
  const differences: { order: string; first: string | null }[] = [];
  for (const order of others) {
    const got = await transitionsOf(seed, rules, order);
    const at = Array.from({ length: Math.max(got.length, expected.length) }).findIndex(
      (_, i) => got[i] !== expected[i],
    );
    differences.push({ order: order.name, first: at === -1 ? null : (got[at] ?? `none, but ${expected[at]}`) });
  }
  const seconds = (performance.now() - startedAtMs) / 1000;
  return { seed, transitions: expected.length, differences, seconds };
}

async function transitionsOf(seed: number, rules: readonly AlertRule[], order: Order): Promise<readonly string[]> {
  const { shipping, partitionCount } = order;
  const mesh = new SimulatedMesh({ seed, plan: planIncidents(seed), scale, shipping, partitionCount });
  const transitions: string[] = [];
  await replay({
    settings: defaultSettings(),
    rules,
    sources: mesh.sources(),
    onTransition: (transition) => transitions.push(JSON.stringify(transition)),
  });
  return transitions;
}
