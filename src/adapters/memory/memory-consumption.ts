// One `consume` on the memory broker: joins the group, and works on every partition while it is the owner.

import { Bell } from '#ports/bell.ts';
import type { ConsumeOptions } from '#ports/record-stream.ts';
import { MemoryGroup } from './memory-group.ts';
import type { MemoryOwnership } from './memory-hand-over.ts';
import { MemoryPartitionOwner } from './memory-partition-owner.ts';
import type { MemoryBrokerState } from './memory-settings.ts';

/** Runs until `signal` is aborted, drains, resolves. Rejects with what is not an `AdapterError`. */
export async function consumeInMemory(
  state: MemoryBrokerState,
  options: ConsumeOptions,
  signal: AbortSignal,
): Promise<void> {
  await topicsExist(state, options, signal);
  if (signal.aborted) return;
  const group = state.groups.get(options.loop) ?? new MemoryGroup();
  state.groups.set(options.loop, group);
  for (const topic of options.topics) {
    state.topics.addReader(topic, options.loop, (partition) => group.committed(topic, partition));
  }
  const bell = new Bell();
  signal.addEventListener('abort', () => bell.ring(), { once: true });
  let lost = new AbortController();
  const member = {
    onLost: () => lost.abort(),
    onOwner: () => {
      lost = new AbortController();
      bell.ring();
    },
  };
  group.join(member);
  try {
    while (!signal.aborted) {
      if (group.isOwner(member)) await ownAll({ state, options, group, lost, stop: signal });
      else await bell.rung();
    }
  } finally {
    group.leave(member);
  }
}

async function topicsExist(state: MemoryBrokerState, options: ConsumeOptions, signal: AbortSignal): Promise<void> {
  const wanted = options.stateTopic === undefined ? options.topics : [...options.topics, options.stateTopic];
  const isMissing = (topic: string): boolean => state.topics.partitionCount(topic) === null;
  const bell = new Bell();
  const forget = state.topics.onChange(() => bell.ring());
  signal.addEventListener('abort', () => bell.ring(), { once: true });
  while (wanted.some(isMissing) && !signal.aborted) {
    state.deps.logger.warn('waiting for topics', { loop: options.loop, missing: wanted.filter(isMissing).join(' ') });
    await bell.rung();
  }
  forget();
}

async function ownAll(ownership: MemoryOwnership): Promise<void> {
  const { state, options, lost } = ownership;
  const owners = options.topics.flatMap((topic) =>
    Array.from({ length: state.topics.partitionCount(topic) ?? 0 }, (_, partition) =>
      new MemoryPartitionOwner(ownership, topic, partition).run(),
    ),
  );
  try {
    await Promise.all(owners);
  } catch (bug) {
    lost.abort();
    await Promise.allSettled(owners);
    throw bug;
  }
}
