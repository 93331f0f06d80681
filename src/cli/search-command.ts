// `flagwatch search --request ID | --trace ID | --deploy ID`: what the store knows of a request, a trace or a deploy.
import type { SystemProcess } from '#adapters/system/process.ts';
import { openDocumentSearch } from '#app/connections.ts';
import { type FoundRequest, toFoundLine, toFoundRequest, toFoundWindow } from '#app/search/found-documents.ts';
import { renderDeploy } from '#app/search/render-deploy.ts';
import { renderRequests } from '#app/search/render-requests.ts';
import type { DocumentSearch, IdQuery } from '#ports/document-search.ts';
import { readConfiguration } from './configured.ts';
import { openTextOutput } from './text-output.ts';

/** What was asked for: exactly one of the three. */
export interface SearchCommand {
  readonly request?: string;
  readonly trace?: string;
  readonly deploy?: string;
  readonly file: string | null;
  readonly system: SystemProcess;
}

/** Lines of a trace that are shown: more than any call tree that a person reads. */
const maxLines = 1000;
/** Failed requests of a trace that are shown. */
const maxRequests = 200;
/** Windows, and failed requests, that a comparison is made from: what one answer of Elasticsearch may hold. */
const maxWindows = 10_000;
/** How long before a deploy's first request the others are looked at, for comparison. */
const beforeMs = 600_000;

/** Resolves to the exit status: 0, also where nothing is found; 2 unless exactly one id is given. */
export async function runSearch(command: SearchCommand): Promise<number> {
  const { request, trace, deploy, file, system } = command;
  if ([request, trace, deploy].filter((id) => id !== undefined).length !== 1) {
    system.stderr.write('flagwatch search: give one of --request ID, --trace ID, --deploy ID\n');
    return 2;
  }
  const configuration = await readConfiguration(file, system, { withRules: false });
  if (configuration === null) return 1;
  const search = openDocumentSearch(configuration.settings, configuration.root);
  const { signal } = new AbortController();
  try {
    const output = openTextOutput(system.stdout);
    if (deploy !== undefined) await output.write(await searchDeploy(search, deploy, system, signal));
    else {
      const query: IdQuery = request === undefined ? { by: 'trace', id: trace ?? '' } : { by: 'request', id: request };
      await output.write(await searchHops(search, query, system, signal));
    }
    return 0;
  } finally {
    await search.close();
  }
}

async function searchHops(
  search: DocumentSearch,
  query: IdQuery,
  { stderr }: SystemProcess,
  signal: AbortSignal,
): Promise<string> {
  const requests = await search.findRequests(query, maxRequests, signal);
  const lines = await search.findLines(query, maxLines, signal);
  if (requests.length === maxRequests) stderr.write(`only the first ${maxRequests} failed requests are shown\n`);
  if (lines.length === maxLines) stderr.write(`only the first ${maxLines} lines are shown\n`);
  return renderRequests(toFoundRequests(requests), lines.map(toFoundLine), `${query.by} ${query.id}`);
}

/** Without the results that were taken back. */
function toFoundRequests(documents: readonly unknown[]): readonly FoundRequest[] {
  return documents.map(toFoundRequest).filter((request) => request !== null);
}

async function searchDeploy(
  search: DocumentSearch,
  id: string,
  { stderr }: SystemProcess,
  signal: AbortSignal,
): Promise<string> {
  const own = (await search.findWindows({ by: 'deploy', id }, maxWindows, signal)).map(toFoundWindow);
  const [first] = own;
  if (first === undefined) return renderDeploy(id, [], []);
  const fromMs = first.startAtMs - beforeMs;
  const toMs = Math.max(...own.map(({ endAtMs }) => endAtMs));
  const query = { by: 'service', name: first.destination.service, fromMs, toMs } as const;
  const all = await search.findWindows(query, maxWindows, signal);
  if (all.length === maxWindows) stderr.write(`the comparison rests on the first ${maxWindows} windows\n`);
  const requests = await search.findRequests(query, maxWindows, signal);
  if (requests.length === maxWindows) stderr.write(`and on the first ${maxWindows} failed requests\n`);
  return renderDeploy(id, all.map(toFoundWindow), toFoundRequests(requests));
}
