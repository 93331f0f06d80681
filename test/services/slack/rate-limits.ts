// Slack's rate limits as token buckets: a message a second and channel with a small burst, and per-minute tiers.

/** The limits to keep. All counts are of calls; a bucket starts full. */
export interface RateLimits {
  /** chat.postMessage: messages a second into one channel. */
  readonly postsPerSecond: number;
  /** chat.postMessage: how many may come at once after a quiet time. */
  readonly postBurst: number;
  /** chat.postMessage: messages a minute into all channels together. */
  readonly workspacePostsPerMinute: number;
  /** chat.update and the reading methods of tier 3: calls a minute, of each method. */
  readonly tier3PerMinute: number;
  /** conversations.list: calls a minute. */
  readonly tier2PerMinute: number;
}

/** What Slack documents as the least it allows; the burst is not documented. */
export const documentedLimits: RateLimits = {
  postsPerSecond: 1,
  postBurst: 5,
  workspacePostsPerMinute: 300,
  tier3PerMinute: 50,
  tier2PerMinute: 20,
};

const tier3 = new Set(['chat.update', 'conversations.history', 'conversations.replies', 'conversations.info']);

interface Bucket {
  readonly capacity: number;
  readonly perMs: number;
  tokens: number;
  filledAtMs: number;
}

/** Says of each call whether it is within the limits. */
export class RateLimiter {
  #limits: RateLimits | 'off';
  readonly #buckets = new Map<string, Bucket>();

  constructor(limits: RateLimits | 'off') {
    this.#limits = limits;
  }

  /** Changes the limits from now on, with full buckets. */
  set(limits: RateLimits | 'off'): void {
    this.#limits = limits;
    this.#buckets.clear();
  }

  /** Seconds to wait (at least 1), or 0 for a call that is allowed and thereby counted. A refused call is not counted. */
  take(method: string, channel: string, nowMs: number): number {
    const buckets = this.#bucketsFor(method, channel, nowMs);
    for (const bucket of buckets) refill(bucket, nowMs);
    const waitMs = Math.max(0, ...buckets.map((bucket) => (1 - bucket.tokens) / bucket.perMs));
    if (waitMs > 0) return Math.max(1, Math.ceil(waitMs / 1000));
    for (const bucket of buckets) bucket.tokens -= 1;
    return 0;
  }

  #bucketsFor(method: string, channel: string, nowMs: number): Bucket[] {
    const limits = this.#limits;
    if (limits === 'off') return [];
    if (method === 'chat.postMessage') {
      const perMinute = limits.workspacePostsPerMinute;
      return [
        this.#bucket(`${method}:${channel}`, limits.postBurst, limits.postsPerSecond / 1000, nowMs),
        this.#bucket(method, perMinute, perMinute / 60_000, nowMs),
      ];
    }
    if (tier3.has(method)) {
      return [this.#bucket(method, limits.tier3PerMinute, limits.tier3PerMinute / 60_000, nowMs)];
    }
    if (method === 'conversations.list') {
      return [this.#bucket(method, limits.tier2PerMinute, limits.tier2PerMinute / 60_000, nowMs)];
    }
    return [];
  }

  #bucket(key: string, capacity: number, perMs: number, nowMs: number): Bucket {
    const bucket = this.#buckets.get(key) ?? { capacity, perMs, tokens: capacity, filledAtMs: nowMs };
    this.#buckets.set(key, bucket);
    return bucket;
  }
}

function refill(bucket: Bucket, nowMs: number): void {
  bucket.tokens = Math.min(bucket.capacity, bucket.tokens + (nowMs - bucket.filledAtMs) * bucket.perMs);
  bucket.filledAtMs = nowMs;
}
