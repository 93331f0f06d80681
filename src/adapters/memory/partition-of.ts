// Which partition a key belongs to: murmur2, as Kafka's clients do it, so that the embedded pipeline puts together what Kafka
// puts together.

/** 0 … `partitionCount` − 1, the same for the same key in every process. */
export function partitionOf(key: string, partitionCount: number): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % partitionCount;
}

const seed = 0x9747b28c;
const multiplier = 0x5bd1e995;

/** MurmurHash2 with Kafka's seed, as a signed 32-bit number. */
function murmur2(bytes: Buffer): number {
  let hash = seed ^ bytes.length;
  const wholeBytes = bytes.length & ~3;
  for (let at = 0; at < wholeBytes; at += 4) {
    const word = Math.imul(bytes.readInt32LE(at), multiplier);
    hash = Math.imul(hash, multiplier) ^ Math.imul(word ^ (word >>> 24), multiplier);
  }
  const rest = bytes.length - wholeBytes;
  for (let index = rest - 1; index >= 0; index -= 1) hash ^= (bytes[wholeBytes + index] ?? 0) << (8 * index);
  if (rest > 0) hash = Math.imul(hash, multiplier);
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return hash ^ (hash >>> 15);
}
