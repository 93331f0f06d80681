// A consumer group of the memory broker: committed offsets, and which member owns the partitions. The newest member has them
// all; when it leaves, the one before it has them again.

/** A member: its owner is told when the partitions are no longer its own. */
export interface MemoryMember {
  onLost(): void;
  onOwner(): void;
}

/** One group. */
export class MemoryGroup {
  readonly #committed = new Map<string, number>();
  readonly #epochs = new Map<string, number>();
  readonly #members: MemoryMember[] = [];

  committed(topic: string, partition: number): number | null {
    return this.#committed.get(`${topic}/${partition}`) ?? null;
  }

  commit(topic: string, partition: number, nextOffset: number): void {
    this.#committed.set(`${topic}/${partition}`, nextOffset);
  }

  /** Takes the partition over: older epochs may not commit any more. */
  fence(topic: string, partition: number): number {
    const epoch = this.epoch(topic, partition) + 1;
    this.#epochs.set(`${topic}/${partition}`, epoch);
    return epoch;
  }

  epoch(topic: string, partition: number): number {
    return this.#epochs.get(`${topic}/${partition}`) ?? 0;
  }

  isOwner(member: MemoryMember): boolean {
    return this.#members.at(-1) === member;
  }

  join(member: MemoryMember): void {
    this.#members.at(-1)?.onLost();
    this.#members.push(member);
    member.onOwner();
  }

  leave(member: MemoryMember): void {
    const wasOwner = this.isOwner(member);
    this.#members.splice(this.#members.indexOf(member), 1);
    if (wasOwner) this.#members.at(-1)?.onOwner();
  }
}
