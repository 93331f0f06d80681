// The prefix that a container runtime (containerd, CRI-O) writes before every line in its log files, for shippers that do
// not take it off. https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md
import type { Unreadable } from './field-value.ts';
import { quoteValue, unreadable } from './field-value.ts';

const prefix =
  /^\s*\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d) (?:stdout|stderr) ([PF])(?::[^ ]{0,64})? /;

/** The line without its prefix, or as it is where it has none. A part of a line (`P`) is `partial_line`: it is no line. */
export function withoutCriPrefix(text: string): string | Unreadable {
  const found = prefix.exec(text);
  if (found === null) return text;
  if (found[1] === 'F') return text.slice(found[0].length);
  return unreadable('partial_line', `line: ${quoteValue(text)}: expected a whole line (CRI tag F, not P)`);
}
