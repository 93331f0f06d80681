// The masker: made once for a process, used for every text from outside that goes into a document or a message. What it masks, and
// what it never touches, is decided here; the scanners beside it find.
import { createHmac } from 'node:crypto';
import type { Find } from './find.ts';
import { findOf } from './find.ts';
import { maskWholeLine } from './mask-line.ts';
import type { DefaultPatternName, MaskSettings } from './mask-settings.ts';
import type { PatternSearch } from './pattern-search.ts';
import { compileSearch } from './pattern-search.ts';
import type { ScanRules } from './scan-text.ts';
import { scanText } from './scan-text.ts';

/** How many texts a pattern was found in. */
interface MaskedCount {
  readonly pattern: string;
  readonly count: number;
}

/**
 * Masks texts from outside. Each method takes a text and returns it, or a text without what must not leave; to mask twice changes
 * nothing more. With `addresses: hash` every method but `maskId` and `maskTraceId` also puts `addr-<16 hex digits>` in the place of
 * each IP address. Time is linear in the text.
 *
 * Which method: a path → `maskPath`; details, failure reasons, user agent, authority, addresses (with or without port), lists of
 * them such as `x-forwarded-for`, sentences made of such texts → `maskText`; names of services, namespaces, versions, deploys, pods,
 * clusters and routes → `maskName`; a rule's labels and annotations → `maskNote`; request ids → `maskId`; trace ids →
 * `maskTraceId`; a line as it came → `maskLine`. Numbers, times, flags and words of closed lists need none.
 */
export interface Masker {
  /** Text of any kind, query strings of addresses in it included. */
  maskText(text: string): string;
  /** The path of a request: without its query string, and without parts that look like tokens. */
  maskPath(path: string): string;
  /** Names of the mesh: what a check digit or a prefix proves, and the user's patterns; not numbers that only their form tells. */
  maskName(name: string): string;
  /** As `maskText`, but query strings stay: in a rule's annotations they are its author's links. */
  maskNote(text: string): string;
  /**
   * A request id. A UUID and 32 hexadecimal digits are never touched, because people search for them. Anything else may be what a
   * client sent, an account number for instance: it is masked like a name, and the request is found by its trace id instead.
   */
  maskId(id: string): string;
  /** A trace id. 16 or 32 hexadecimal digits are never touched, even where all are decimal and could be a card's. */
  maskTraceId(id: string): string;
  /** A line as it came, JSON or TEXT, in an envelope or not. `path`: the path that was read out of it, if it was read. */
  maskLine(line: string, path: string | null): string;
  /** Texts in which something was masked since the last call, by pattern, for the meter. */
  takeCounts(): readonly MaskedCount[];
}

/** The masker of the settings. Throws `PatternError` on a pattern that is none and `RangeError` on hashing without salt: configuration checks both before. */
export function createMasker(settings: MaskSettings): Masker {
  return settings.enabled ? new SettingsMasker(settings) : new KeepingMasker();
}

/** A record's or a message's text where it may be missing. */
export function maskNullable(text: string | null, mask: (text: string) => string): string | null {
  return text === null ? null : mask(text);
}

class KeepingMasker implements Masker {
  readonly maskText = keep;
  readonly maskPath = keep;
  readonly maskName = keep;
  readonly maskNote = keep;
  readonly maskId = keep;
  readonly maskTraceId = keep;
  readonly maskLine = keep;

  takeCounts(): readonly MaskedCount[] {
    return [];
  }
}

function keep(text: string): string {
  return text;
}

interface NamedSearch {
  readonly name: string;
  readonly replacement: string;
  readonly compiled: PatternSearch;
}

class SettingsMasker implements Masker {
  readonly #textRules: ScanRules;
  readonly #pathRules: ScanRules;
  readonly #noteRules: ScanRules;
  readonly #nameRules: ScanRules;
  readonly #idRules: ScanRules;
  readonly #searches: readonly NamedSearch[];
  readonly #counts = new Map<string, number>();
  readonly #lineMasks: Parameters<typeof maskWholeLine>[2];

  constructor(settings: MaskSettings) {
    const has = (name: DefaultPatternName) => settings.defaultPatterns.includes(name);
    const patterns = {
      token: has('token'),
      card: has('card'),
      account: has('account'),
      iban: has('iban'),
      resident: has('resident'),
      email: has('email'),
    };
    const renderAddress = createAddressHash(settings);
    this.#textRules = { ...patterns, forms: true, query: settings.query, isPath: false, renderAddress };
    this.#pathRules = { ...this.#textRules, isPath: true };
    this.#noteRules = { ...this.#textRules, query: 'keep' };
    this.#nameRules = { ...this.#noteRules, forms: false };
    this.#idRules = { ...this.#nameRules, renderAddress: null };
    this.#searches = settings.patterns.map(({ name, pattern, replacement }) => {
      return { name, replacement: replacement ?? findOf(name, 0, 0).replacement, compiled: compileSearch(pattern) };
    });
    this.#lineMasks = {
      text: (text, quote) => this.#mask(text, this.#textRules, quote),
      path: (path) => this.maskPath(path),
      secret: () => this.#count(findOf('token', 0, 0)),
    };
  }

  maskText(text: string): string {
    return this.#mask(text, this.#textRules);
  }

  maskPath(path: string): string {
    return this.#mask(path, this.#pathRules);
  }

  maskNote(text: string): string {
    return this.#mask(text, this.#noteRules);
  }

  maskName(name: string): string {
    return this.#mask(name, this.#nameRules);
  }

  maskId(id: string): string {
    return isUuid(id) || (id.length === 32 && isHex(id)) ? id : this.#mask(id, this.#idRules);
  }

  maskTraceId(id: string): string {
    return id.length === 16 && isHex(id) ? id : this.maskId(id);
  }

  maskLine(line: string, path: string | null): string {
    return maskWholeLine(line, path, this.#lineMasks);
  }

  takeCounts(): readonly MaskedCount[] {
    if (this.#counts.size === 0) return [];
    const counts = [...this.#counts].map(([pattern, count]) => ({ pattern, count }));
    this.#counts.clear();
    return counts;
  }

  #mask(text: string, rules: ScanRules, quote = false): string {
    let finds = scanText(text, rules);
    for (const { name, replacement, compiled } of this.#searches) {
      const own = compiled.search(text);
      if (own.length > 0)
        finds = merge(
          finds,
          own.map((interval) => ({ ...interval, name, replacement })),
        );
    }
    if (finds.length === 0) return text;
    const masked = this.#apply(text, finds, quote);
    // What stood beside a mailbox or a token may be a card by itself now that this is gone.
    const left = quote ? [] : scanText(masked, rules);
    return left.length === 0 ? masked : this.#apply(masked, left, quote);
  }

  #apply(text: string, finds: readonly Find[], quote: boolean): string {
    let masked = '';
    let from = 0;
    for (const find of finds) {
      // As it is: masked before, so nobody counts it twice.
      const replacement = find.replacement === text.slice(find.start, find.end) ? find.replacement : this.#count(find);
      masked += text.slice(from, find.start) + (quote ? JSON.stringify(replacement) : replacement);
      from = find.end;
    }
    return masked + text.slice(from);
  }

  #count({ name, replacement }: Find): string {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    return replacement;
  }
}

/** Two ascending lists as one; what overlaps becomes one find under the name of the one that begins first. */
function merge(left: readonly Find[], right: readonly Find[]): readonly Find[] {
  const merged: Find[] = [];
  for (let i = 0, j = 0; i < left.length || j < right.length; ) {
    const [a, b] = [left[i], right[j]];
    const takesLeft = b === undefined || (a !== undefined && a.start <= b.start);
    const next = (takesLeft ? a : b) as Find;
    if (takesLeft) i += 1;
    else j += 1;
    const last = merged.at(-1);
    if (last === undefined || next.start >= last.end) merged.push(next);
    else if (next.end > last.end) merged[merged.length - 1] = { ...last, end: next.end };
  }
  return merged;
}

function isHex(text: string): boolean {
  return /^[0-9a-fA-F]+$/.test(text);
}

function isUuid(text: string): boolean {
  return text.length === 36 && /^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$/.test(text);
}

/** Addresses whose hash is remembered: those of a mesh’s pods and its callers of the last minutes, at some 100 bytes each. */
const maxRememberedHashes = 20_000;

function createAddressHash({ addresses, addressSalt }: MaskSettings): ((address: string) => string) | null {
  if (addresses === 'keep') return null;
  if (addressSalt === undefined || addressSalt === '') throw new RangeError('hashing addresses needs a salt');
  const remembered = new Map<string, string>();
  return (address) => {
    const known = remembered.get(address);
    if (known !== undefined) return known;
    if (remembered.size >= maxRememberedHashes) remembered.clear();
    const digest = createHmac('sha256', addressSalt).update(address.toLowerCase()).digest('hex');
    // 64 bits: no two addresses of a company's network meet, and a document does not grow by them.
    const hash = `addr-${digest.slice(0, 16)}`;
    remembered.set(address, hash);
    return hash;
  };
}
