// A plain recount of lines in windows, written without any of the product's code: what the pipeline's windows are compared with.

interface ExtendedLine {
  readonly start_time: string;
  readonly duration: number;
  readonly listener_direction: 1 | 2;
  readonly response_flags: string;
  readonly node_service: string;
  readonly node_version: string;
  readonly upstream_workload: string | null;
  readonly downstream_peer: string | null;
}

/** Counts by a text of window start, reporter and both ends' service and version: requests, and lines by flag. */
export type Recount = ReadonlyMap<string, Readonly<Record<string, number>>>;

/** The key of a window and an edge. */
export function recountKey(startAtMs: number, edge: readonly (string | undefined)[]): string {
  return [new Date(startAtMs).toISOString(), ...edge].join(' ');
}

/** Recounts lines of the extended format. */
export function recount(lines: readonly string[], windowMs: number): Recount {
  const counts = new Map<string, Record<string, number>>();
  for (const text of lines) {
    const line = JSON.parse(text) as ExtendedLine;
    const endAtMs = Date.parse(line.start_time) + line.duration;
    const key = recountKey(endAtMs - (endAtMs % windowMs), edgeOf(line));
    const row = counts.get(key) ?? { requests: 0 };
    counts.set(key, row);
    for (const name of ['requests', ...(line.response_flags === '-' ? [] : line.response_flags.split(','))]) {
      row[name] = (row[name] ?? 0) + 1;
    }
  }
  return counts;
}

function edgeOf(line: ExtendedLine): readonly (string | undefined)[] {
  const own = [line.node_service, line.node_version];
  if (line.listener_direction === 2) {
    const upstream = (line.upstream_workload ?? '').split(';');
    return ['source', ...own, upstream[2], upstream[3]];
  }
  const peer = (line.downstream_peer ?? '').split(';');
  return ['destination', peer[2], peer[3], ...own];
}
