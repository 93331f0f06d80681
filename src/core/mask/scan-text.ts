// Finds in one pass what the default patterns mask. Words are tried at their beginning only, signs where they stand, so that text
// in which nothing is to be found costs a look at each character.
import type { Find, ScannedText } from './find.ts';
import { charClass, classOf, findOf, isTokenCode, isWordCode, maskedValue, startsWithIgnoringCase } from './find.ts';
import type { QueryMode } from './mask-settings.ts';
import { mayHoldSecret } from './may-hold-secret.ts';
import { findIban } from './scan-iban.ts';
import { ipEnd } from './scan-ip.ts';
import { findMailbox, findUserInfo } from './scan-mailbox.ts';
import { findNumber } from './scan-number.ts';
import { findAssigned, findRandomSegment, findToken } from './scan-token.ts';

/** What to look for. */
export interface ScanRules {
  readonly token: boolean;
  readonly card: boolean;
  readonly account: boolean;
  readonly iban: boolean;
  readonly resident: boolean;
  readonly email: boolean;
  /** Also numbers that nothing but their form tells: not in names and ids, which may look like them. */
  readonly forms: boolean;
  readonly query: QueryMode;
  /** The whole text is a path: its query goes to the end, and its parts may be tokens. */
  readonly isPath: boolean;
  /** What stands for an IP address; `null` leaves addresses alone. */
  readonly renderAddress: ((address: string) => string) | null;
}

/** All finds, in ascending order, none over another. Time is linear in the length of the text. */
export function scanText(text: ScannedText, rules: ScanRules): readonly Find[] {
  if (rules.renderAddress === null && !mayHoldSecret(text, rules.isPath)) return nothing;
  return scanThoroughly(text, rules);
}

const nothing: readonly Find[] = [];

/** As `scanText`, without asking first whether there is anything; for tests. */
export function scanThoroughly(text: ScannedText, rules: ScanRules): readonly Find[] {
  return new Scan(text, rules).run();
}

class Scan {
  readonly #text: ScannedText;
  readonly #rules: ScanRules;
  #finds: Find[] | null = null;
  /** End of the last find. */
  #from = 0;
  /** Whether a slash stands between here and the last delimiter: a ? behind it begins a query. */
  #isBehindSlash = false;

  constructor(text: ScannedText, rules: ScanRules) {
    this.#text = text;
    this.#rules = rules;
  }

  run(): readonly Find[] {
    const text = this.#text;
    for (let at = 0; at < text.length; ) {
      const kind = classOf(text.charCodeAt(at));
      const find = kind === charClass.other ? null : this.#findAt(at, kind);
      if (find !== null) {
        this.#finds ??= [];
        this.#finds.push(find);
        this.#from = find.end;
        at = find.end;
      } else if (kind === charClass.letter || kind === charClass.digit) {
        at = this.#wordEnd(at);
      } else {
        at += 1;
      }
    }
    return this.#finds ?? nothing;
  }

  #findAt(at: number, kind: number): Find | null {
    const rules = this.#rules;
    switch (kind) {
      case charClass.digit:
        return this.#findAddress(at) ?? findNumber(this.#text, at, rules);
      case charClass.letter:
        return this.#findWord(at);
      case charClass.delimiter:
        this.#isBehindSlash = rules.isPath;
        return null;
      case charClass.slash:
        this.#isBehindSlash = true;
        return rules.isPath && rules.token ? this.#findSegment(at + 1) : null;
      case charClass.question:
        return this.#findQuery(at + 1);
      case charClass.percent:
        return this.#findEncoded(at);
      default:
        return this.#findAtSign(at, kind, 1);
    }
  }

  #findWord(at: number): Find | null {
    const { token, iban } = this.#rules;
    const address = this.#findAddress(at);
    if (address !== null) return address;
    const code = this.#text.charCodeAt(at);
    if (iban && code <= 90) {
      const find = findIban(this.#text, at);
      if (find !== null) return find;
    }
    return token ? findToken(this.#text, at) : null;
  }

  /** `kind` is that of @, = or colon; percent-encoded they take three characters. */
  #findAtSign(at: number, kind: number, length: number): Find | null {
    const { token, email } = this.#rules;
    if (kind === charClass.at) {
      const userInfo = token ? findUserInfo(this.#text, at, this.#from) : null;
      return userInfo ?? (email ? findMailbox(this.#text, at, length, this.#from) : null);
    }
    // An IPv6 address may begin with its colons.
    const address = kind === charClass.colon ? this.#findAddress(at) : null;
    return address ?? (token ? findAssigned(this.#text, at, length) : null);
  }

  #findEncoded(at: number): Find | null {
    if (startsWithIgnoringCase(this.#text, at, '%40')) return this.#findAtSign(at, charClass.at, 3);
    if (startsWithIgnoringCase(this.#text, at, '%3d')) return this.#findAtSign(at, charClass.equals, 3);
    return startsWithIgnoringCase(this.#text, at, '%3f') ? this.#findQuery(at + 3) : null;
  }

  #findAddress(at: number): Find | null {
    const render = this.#rules.renderAddress;
    if (render === null) return null;
    const end = ipEnd(this.#text, at);
    return end === -1 ? null : { start: at, end, name: 'address', replacement: render(this.#text.slice(at, end)) };
  }

  #findSegment(start: number): Find | null {
    let end = start;
    while (end < this.#text.length && !isSegmentEnd(this.#text.charCodeAt(end))) end += 1;
    return findRandomSegment(this.#text, start, end);
  }

  /** A query begins behind a ? that follows a slash in the same word, and behind any ? that a parameter follows. */
  #findQuery(start: number): Find | null {
    const { query, isPath } = this.#rules;
    if (query === 'keep' || !(isPath || this.#isBehindSlash || this.#isParameter(start))) return null;
    let end = start;
    while (end < this.#text.length && (isPath || classOf(this.#text.charCodeAt(end)) !== charClass.delimiter)) end += 1;
    if (end === start) return null;
    const replacement = query === 'mask' ? maskedValue : this.#maskValues(this.#text.slice(start, end));
    return { ...findOf('query', start, end), replacement };
  }

  #isParameter(start: number): boolean {
    let end = start;
    while (end - start < 32 && isTokenCode(this.#text.charCodeAt(end))) end += 1;
    return end > start && this.#text.charCodeAt(end) === 61;
  }

  /** `a=[masked]&b=[masked]`. A parameter without a name is all value. */
  #maskValues(query: string): string {
    return query
      .split('&')
      .map((parameter) => {
        const equalsAt = parameter.indexOf('=');
        const name = parameter.slice(0, Math.max(0, equalsAt));
        return isPlainName(name) ? `${name}=${maskedValue}` : maskedValue;
      })
      .join('&');
  }

  #wordEnd(from: number): number {
    let at = from + 1;
    while (at < this.#text.length && isWordCode(this.#text.charCodeAt(at))) at += 1;
    return at;
  }
}

/** A name of a parameter is kept where it is a short word with few digits: else it may be a value. */
function isPlainName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z_.[\]-]{0,39}[0-9]{0,3}$/.test(name);
}

function isSegmentEnd(code: number): boolean {
  return code === 47 || code === 63 || code === 35 || code === 59;
}
