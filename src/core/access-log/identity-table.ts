// Turns the bytes of a few fields into one text, always the same for the same bytes, without making it anew for each line.
// The lean scanner's way to say "this line has the same writer, cluster and peers as that one".

/** Bounds on what is remembered between lines. When one is reached all is forgotten; identities stay what they are. */
export interface IdentityTableLimits {
  /** Distinct identities: about the pods of a partition times the versions that each talks to. */
  readonly maxIdentities: number;
  /** Bytes of one identity; a line with more is unusual. */
  readonly maxIdentityBytes: number;
  /** Bytes of all together. */
  readonly maxBytes: number;
}

/**
 * For each scanner, of which a process has one a partition. An identity has some 300 bytes; with a pod's whole Kubernetes
 * metadata, 1 to 4 KB.
 */
export const defaultIdentityTableLimits: IdentityTableLimits = {
  maxIdentities: 16_384,
  maxIdentityBytes: 8192,
  maxBytes: 16_777_216,
};

interface Entry {
  /** Bytes of all parts, one after the other; the shape tells where one ends. */
  readonly view: DataView;
  readonly shape: Int32Array;
  readonly text: string;
  /** Another identity with the same hash. */
  readonly next: Entry | null;
}

// Every byte is a character of its own.
const latin1 = new TextDecoder('latin1');

// Identities hold text of callers, who could choose it so that hashes collide; a longer chain would be walked each time.
const maxChain = 8;

/** Where the values of one line stand, by field: what each held (0: it is missing), and its bytes `[start, end)`. */
export interface FieldPlaces {
  readonly held: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/**
 * Identities by their bytes. Two lines have the same one exactly when each of the fields held the same on both, byte for
 * byte: a hash finds the candidate, then every byte is compared.
 */
export class IdentityTable {
  readonly #fields: Int32Array;
  /** Kinds of values from this one on have bytes. */
  readonly #firstHeld: number;
  readonly #limits: IdentityTableLimits;
  readonly #entries = new Map<number, Entry>();
  /** Of each field of the line looked up last: the length of its bytes times 8, plus what it held. */
  readonly #shape: Int32Array;
  #hash = 0;
  #length = 0;
  #count = 0;
  #bytes = 0;

  constructor(fields: readonly number[], firstHeld: number, limits: IdentityTableLimits = defaultIdentityTableLimits) {
    this.#fields = Int32Array.from(fields);
    this.#firstHeld = firstHeld;
    this.#limits = limits;
    this.#shape = new Int32Array(fields.length);
  }

  /** The text of a line's identity, or `null` where no line had it before. */
  find(view: DataView, places: FieldPlaces): string | null {
    this.#measure(view, places);
    let entry = this.#entries.get(this.#hash) ?? null;
    while (entry !== null && !this.#isSame(view, places, entry)) entry = entry.next;
    return entry === null ? null : entry.text;
  }

  /** Remembers the identity that `find` was last asked for and did not know; `null` where it is not one to remember. */
  add(view: DataView, places: FieldPlaces): string | null {
    if (this.#length > this.#limits.maxIdentityBytes) return null;
    if (this.#count === this.#limits.maxIdentities || this.#bytes + this.#length > this.#limits.maxBytes)
      this.#forget();
    const next = this.#entries.get(this.#hash) ?? null;
    if (chainLength(next) >= maxChain) return null;
    const bytes = this.#joinedBytes(view, places);
    const shape = this.#shape.slice();
    // The lengths of all parts come first, so that no choice of bytes can move a boundary.
    const text = `${shape.join()} ${latin1.decode(bytes)}`;
    this.#entries.set(this.#hash, { view: new DataView(bytes.buffer), shape, text, next });
    this.#count += 1;
    this.#bytes += this.#length;
    return text;
  }

  #measure(view: DataView, places: FieldPlaces): void {
    const { held, starts, ends } = places;
    const fields = this.#fields;
    const shape = this.#shape;
    let hash = 0;
    let length = 0;
    for (let i = 0; i < fields.length; i = (i + 1) | 0) {
      const field = fields[i] as number;
      let part = held[field] as number;
      if (part >= this.#firstHeld) {
        const start = starts[field] as number;
        const end = ends[field] as number;
        part |= (end - start) << 3;
        length = (length + end - start) | 0;
        hash = hashBytes(view, start, end, hash);
      }
      shape[i] = part;
      hash = Math.imul(hash ^ part, 0x9e37_79b1);
    }
    this.#hash = hash;
    this.#length = length;
  }

  #isSame(view: DataView, places: FieldPlaces, entry: Entry): boolean {
    const { starts } = places;
    const fields = this.#fields;
    let offset = 0;
    for (let i = 0; i < fields.length; i = (i + 1) | 0) {
      const part = this.#shape[i] as number;
      if (entry.shape[i] !== part) return false;
      const length = part >>> 3;
      if (length > 0 && !isSameBytes(view, starts[fields[i] as number] as number, entry.view, offset, length))
        return false;
      offset = (offset + length) | 0;
    }
    return true;
  }

  #joinedBytes(view: DataView, places: FieldPlaces): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#length);
    let offset = 0;
    this.#fields.forEach((field, i) => {
      const length = (this.#shape[i] as number) >>> 3;
      if (length > 0) bytes.set(new Uint8Array(view.buffer, places.starts[field] as number, length), offset);
      offset += length;
    });
    return bytes;
  }

  #forget(): void {
    this.#entries.clear();
    this.#count = 0;
    this.#bytes = 0;
  }
}

function chainLength(first: Entry | null): number {
  let length = 0;
  for (let entry = first; entry !== null; entry = entry.next) length += 1;
  return length;
}

function hashBytes(view: DataView, start: number, end: number, seed: number): number {
  let hash = seed;
  let at = start;
  for (const last = (end - 4) | 0; at <= last; at = (at + 4) | 0) {
    hash = Math.imul(hash, 0x9e37_79b1) ^ view.getInt32(at, true);
  }
  for (; at < end; at = (at + 1) | 0) hash = Math.imul(hash ^ view.getUint8(at), 0x85eb_ca6b);
  return hash ^ (hash >>> 15);
}

function isSameBytes(a: DataView, startA: number, b: DataView, startB: number, length: number): boolean {
  let at = 0;
  for (const last = (length - 4) | 0; at <= last; at = (at + 4) | 0) {
    if (a.getInt32((startA + at) | 0, true) !== b.getInt32((startB + at) | 0, true)) return false;
  }
  for (; at < length; at = (at + 1) | 0) {
    if (a.getUint8((startA + at) | 0) !== b.getUint8((startB + at) | 0)) return false;
  }
  return true;
}
