// The lines of a request or a trace as a tree of hops, where correlate has not placed them: the broken one is guessed from each line's
// own reading. Plain text; everything from lines is made visible.
import { toVisibleText } from '#core/notify/visible-text.ts';
import type { FoundLine } from './found-documents.ts';
import { nameOf, renderView } from './render-view.ts';

interface PlacedLine {
  readonly line: FoundLine;
  readonly depth: number;
}

const isFailed = ({ party }: FoundLine): boolean => party !== 'none';

/** Text of the hops, or of that nothing was found. `lines` in any order. */
export function renderHops(lines: readonly FoundLine[], what: string): string {
  if (lines.length === 0) return `${what}: no line of it is stored (it may be too new, or its day deleted)\n`;
  const placed = place([...lines].sort((a, b) => a.startAtMs - b.startAtMs || rank(a) - rank(b)));
  const broken = findBroken(placed);
  const requestIds = new Set(lines.map((line) => line.requestId).filter((id) => id !== null));
  const traceIds = new Set(lines.map((line) => line.traceId).filter((id) => id !== null));
  const head = `${what}: ${lines.length} lines, request ${[...requestIds].join(', ') || '-'}, trace ${[...traceIds].join(', ') || '-'}`;
  const rows = placed.map((entry) => renderRow(entry, entry === broken));
  const { fault, party, confidence } = broken?.line ?? {};
  const end =
    broken === null
      ? 'No hop failed.'
      : `Broken: ${nameOf(broken.line.source)} -> ${nameOf(broken.line.destination)}: ${fault} (${confidence}), who acts: ${party}`;
  return `${toVisibleText(head)}\n${rows.map((row) => toVisibleText(row)).join('\n')}\n${toVisibleText(end)}\n`;
}

/** The caller's view stands above the callee's of the same hop. */
function rank({ reporter }: FoundLine): number {
  return reporter === 'source' ? 0 : 1;
}

/** A hop whose source was called by an earlier hop hangs below that one. */
function place(lines: readonly FoundLine[]): readonly PlacedLine[] {
  const depthOfCallee = new Map<string, number>();
  return lines.map((line) => {
    const depth = depthOfCallee.get(line.source.service) ?? 0;
    const known = depthOfCallee.get(line.destination.service);
    if (known === undefined || known > depth + 1) depthOfCallee.set(line.destination.service, depth + 1);
    return { line, depth };
  });
}

/** The deepest failed hop; of its two views the surer one, then the callee's. */
function findBroken(placed: readonly PlacedLine[]): PlacedLine | null {
  const sure = ['ambiguous', 'likely', 'certain'];
  const failed = placed.filter(({ line }) => isFailed(line));
  failed.sort(
    (a, b) =>
      b.depth - a.depth ||
      sure.indexOf(b.line.confidence) - sure.indexOf(a.line.confidence) ||
      rank(b.line) - rank(a.line),
  );
  return failed[0] ?? null;
}

function renderRow({ line, depth }: PlacedLine, isBroken: boolean): string {
  const mark = isBroken ? '✗' : isFailed(line) ? '!' : ' ';
  return renderView(line, depth, mark);
}
