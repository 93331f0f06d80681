// Label sets: what identifies an alert. Shared by detect, evaluate and notify.
import { createHash } from 'node:crypto';

/** Names and values that identify an alert; annotations describe. */
export type Labels = Readonly<Record<string, string>>;

/**
 * Identity of a label set: the first 16 hexadecimal digits of the SHA-256 of its sorted, escaped pairs. The order of the
 * labels does not matter; the same labels give the same fingerprint in every process and data centre.
 */
export function fingerprint(labels: Labels): string {
  const pairs = Object.keys(labels)
    .sort()
    .map((name) => [name, labels[name]]);
  return createHash('sha256').update(JSON.stringify(pairs)).digest('hex').slice(0, 16);
}
