// One row of a tree of hops: what one proxy wrote of one hop, the same for lines and for the hops of a failed request.
import type { FoundEnd, FoundView } from './found-documents.ts';

/** `✗` the hop that broke, `!` another that failed. */
export type Mark = '✗' | '!' | ' ';

/** `payments v2`, or the service alone where its version is not known. */
export function nameOf({ service, version }: FoundEnd): string {
  return version === 'unknown' ? service : `${service} ${version}`;
}

/** The row. Not made visible yet: names and details come from lines. */
export function renderView(view: FoundView, depth: number, mark: Mark): string {
  const hop = `${'  '.repeat(depth)}${nameOf(view.source)} -> ${nameOf(view.destination)}`;
  const seen = view.reporter === 'unknown' ? '?' : view.reporter;
  const time = Number.isFinite(view.startAtMs) ? new Date(view.startAtMs).toISOString().slice(11, 23) : '?';
  const answer = `${view.code} ${view.flags.join(',') || '-'}`;
  return `${mark} ${time}  ${hop.padEnd(40)} ${seen.padEnd(11)} ${answer.padEnd(10)} ${Math.round(view.durationMs)} ms  ${view.details ?? '-'}`;
}
