// Wire form, version 1, of a change of rules (topic partial-counts, to every partition, key `rule-set/<hash>`): the texts of the whole set and
// the event time at which it takes over. In one log with the counts, so that every owner of a partition changes at the same window.
//   {"v":1,"kind":"rules","hash":…,"effectiveAtMs":…,"files":base64 of gzip of [[file,text],…]}
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Outcome } from '#core/access-log/record.ts';
import type { RuleSetTexts, RuleText } from '#core/evaluate/rule-set.ts';
import { isCount, parseWire, unreadable } from '#core/wire.ts';
import { maxRecordBytes } from './topics.ts';

/** A change of rules. */
export interface RuleSetRecord {
  readonly set: RuleSetTexts;
  /** Start of the first window that the set judges. */
  readonly effectiveAtMs: number;
}

const keyPrefix = 'rule-set/';
/** A set of the largest files that are read, and no more, whatever a record says. */
const maxTextBytes = 256 * 1_048_576;

/** Key of the record of a set. */
export function ruleSetKey(hash: string): string {
  return `${keyPrefix}${hash}`;
}

/** JSON text of a change, or `null` where the set is too large for a record: some 3 MB of YAML. */
export function encodeRuleSet({ set, effectiveAtMs }: RuleSetRecord): string | null {
  const named = set.files.map(({ file, text }) => [file, text]);
  const files = gzipSync(JSON.stringify(named)).toString('base64');
  const value = JSON.stringify({ v: 1, kind: 'rules', hash: set.hash, effectiveAtMs, files });
  return value.length > maxRecordBytes * 0.9 ? null : value;
}

/**
 * The change, why it cannot be read, or `null` for any other record: a service may be called what these keys begin with, so the key only
 * says where to look.
 */
export function decodeRuleSet(key: Uint8Array | null, value: Uint8Array): Outcome<RuleSetRecord> | null {
  if (key === null || !Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString().startsWith(keyPrefix)) {
    return null;
  }
  const wire = parseWire(value, 1);
  if (wire.kind !== 'ok') return wire;
  const { kind, hash, effectiveAtMs, files } = wire.value;
  if (kind !== 'rules') return null;
  if (typeof hash !== 'string' || !/^[0-9a-f]{16}$/.test(hash)) return unreadable('hash is none');
  if (!isCount(effectiveAtMs)) return unreadable('effectiveAtMs is no time');
  const texts = typeof files === 'string' ? readTexts(files) : null;
  return texts === null
    ? unreadable('files is not what it should be')
    : { kind: 'ok', value: { set: { hash, files: texts }, effectiveAtMs } };
}

function readTexts(files: string): readonly RuleText[] | null {
  let parsed: unknown;
  try {
    const bytes = gunzipSync(Buffer.from(files, 'base64'), { maxOutputLength: maxTextBytes });
    parsed = JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
  if (!Array.isArray(parsed)) return null;
  const texts = (parsed as unknown[]).map((entry) => {
    const [file, text] = Array.isArray(entry) ? (entry as unknown[]) : [];
    return typeof file === 'string' && typeof text === 'string' ? { file, text } : null;
  });
  return texts.includes(null) ? null : texts.filter((text) => text !== null);
}
