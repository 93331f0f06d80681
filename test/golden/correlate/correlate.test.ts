// Recorded requests with known causes: what correlate says of all their lines, in each format, and in which words.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Fault, Party } from '#core/classify/classification.ts';
import type { RequestFault } from '#core/correlate/request-fault.ts';
import { defaultRequestTableSettings, RequestTable } from '#core/correlate/request-table.ts';
import type { RawLine } from '../../support/exchanges.ts';
import { decoded, identityKeys, without } from '../../support/exchanges.ts';

interface RecordedRequest {
  readonly happened: string;
  readonly party: Party;
  readonly fault: Fault;
  /** Workload that called. */
  readonly source: string;
  readonly lines: readonly RawLine[];
}

const requests: readonly RecordedRequest[] = readFileSync(join(import.meta.dirname, 'requests.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((text) => JSON.parse(text));

const extendedKeys = [...identityKeys, 'traceparent'];

const bare = (line: RawLine): RawLine => without(line, extendedKeys);

function inFilebeat(line: RawLine): RawLine {
  const pod = /~([^~.]+)\.[^~]*~[^~]*$/.exec(String(line['pod']))?.[1];
  const labels = { app: line['node_service'], version: line['node_version'], 'deploy-id': line['node_deploy_id'] };
  return {
    message: JSON.stringify(bare(line)),
    kubernetes: { container: { name: 'istio-proxy' }, pod: { name: pod }, namespace: line['node_namespace'], labels },
  };
}

function correlateAll(lines: readonly RawLine[]): readonly RequestFault[] {
  const table = new RequestTable({ ...defaultRequestTableSettings, maxHealthyLines: 1000 });
  for (const line of lines) table.add(decoded(line));
  return table.closeUntil(Number.POSITIVE_INFINITY);
}

describe('correlate on recorded requests', () => {
  it.each([
    ['the extended format', (line: RawLine) => line],
    ['default JSON in Filebeat’s envelope', inFilebeat],
    ['default JSON without pods', bare],
  ])('is right in %s, request by request and all together', (_name, view) => {
    const failed = requests.filter(({ party }) => party !== 'none');
    const truth = failed.map(({ party, fault }) => ({ party, fault }));
    const reading = ({ party, fault }: RequestFault) => ({ party, fault });
    const oneByOne = requests.map(({ lines }) => correlateAll(lines.map(view)).map(reading));
    expect(oneByOne).toEqual(requests.map(({ party, fault }) => (party === 'none' ? [] : [{ party, fault }])));
    const together = correlateAll(requests.flatMap(({ lines }) => lines.map(view)).reverse());
    const byFault = (a: { fault: string }, b: { fault: string }) => a.fault.localeCompare(b.fault);
    expect(together.map(reading).sort(byFault)).toEqual([...truth].sort(byFault));
  });

  it('knows who called', () => {
    for (const { lines, source, party } of requests) {
      const [fault] = correlateAll(lines);
      if (fault === undefined) expect(party).toBe('none');
      else if (fault.fault !== 'dependency') {
        expect(`${fault.root.source.service}-${fault.root.source.version}`).toBe(source);
      }
    }
  });

  it('says so in the words that were reviewed', () => {
    const said = requests.flatMap(({ happened, lines }) =>
      correlateAll(lines).map(({ party, fault, evidence, hops, why }) => ({
        happened,
        said: `${party} ${fault}, ${evidence}`,
        lines: hops.map(({ reporter, depth, flags, code }) => `${depth} ${reporter} ${flags.join(',') || '-'} ${code}`),
        ...why,
      })),
    );
    const path = join(import.meta.dirname, 'faults.json');
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, `${JSON.stringify(said, null, 2)}\n`);
    expect(said).toEqual(JSON.parse(readFileSync(path, 'utf8')));
  });
});
