// Failed requests as trees of hops, as correlate placed them, the broken one marked and told in a sentence; beside them the lines that
// are in none. Where nothing was correlated the lines alone tell.
import { toVisibleText } from '#core/notify/visible-text.ts';
import type { FoundHop, FoundLine, FoundRequest, FoundView } from './found-documents.ts';
import { renderHops } from './render-hops.ts';
import { nameOf, renderView } from './render-view.ts';

/** Text of the failed requests and of all other lines. `requests` in the order in which they began. */
export function renderRequests(requests: readonly FoundRequest[], lines: readonly FoundLine[], what: string): string {
  if (requests.length === 0) return renderHops(lines, what);
  const told = new Set(requests.flatMap(({ hops }) => hops.map(viewKey)));
  const others = lines.filter((line) => !told.has(viewKey(line)));
  const blocks = requests.map((request) => renderRequest(request));
  if (others.length > 0) {
    const rows = [...others].sort((a, b) => a.startAtMs - b.startAtMs);
    blocks.push(['Other lines, of calls that did not fail:', ...rows.map((line) => renderView(line, 0, ' '))]);
  }
  const count = requests.length === 1 ? 'one failed request' : `${requests.length} failed requests`;
  const head = `${what}: ${count}`;
  return `${[[head], ...blocks].map((rows) => rows.map((row) => toVisibleText(row)).join('\n')).join('\n\n')}\n`;
}

/** Times, side and answer: what a line and the hop that it is have in common. */
function viewKey({ startAtMs, durationMs, reporter, code, flags }: FoundView): string {
  return JSON.stringify([startAtMs, durationMs, reporter, code, flags]);
}

function renderRequest(request: FoundRequest): readonly string[] {
  const { requestId, traceId, client, hops, root, fault, party, evidence, why } = request;
  const name = requestId ?? `from ${client ?? 'an unknown client'}`;
  const broken = `${nameOf(root.source)} -> ${nameOf(root.destination)}: ${root.fault}`;
  const cause = root.fault === fault ? '' : `, for the request: ${fault}`;
  return [
    `request ${name}, trace ${traceId ?? '-'}`,
    ...hops.map((hop) => renderView(hop, hop.depth, markOf(hop))),
    `Broken: ${broken}${cause}, who acts: ${party} (evidence: ${evidence})`,
    why,
  ];
}

function markOf(hop: FoundHop): '✗' | '!' | ' ' {
  if (hop.isRoot) return '✗';
  return hop.flags.length > 0 || hop.code === 0 || hop.code >= 500 ? '!' : ' ';
}
