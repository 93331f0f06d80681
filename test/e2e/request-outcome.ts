// What has to be true of failed requests in the end: the pipeline says of each what `flagwatch correlate` says of the same lines read from
// a file, in one document, and counts it once.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { MeshLine } from '#app/demo/recorded-mesh.ts';
import { eventually, runCommand } from '../support/flagwatch-process.ts';
import { allDocuments, countDocuments, type World } from './world.ts';

interface End {
  readonly service: string;
  readonly version: string;
  readonly deploy_id?: string | null;
}

interface Root {
  readonly source: End;
  readonly destination: End;
  readonly fault: string;
}

interface RequestSource {
  readonly http?: { readonly request: { readonly id: string } };
  readonly trace?: { readonly id: string };
  readonly flagwatch: { readonly party: string; readonly fault: string; readonly root: Root };
}

interface Correlated {
  readonly request_id: string | null;
  readonly trace_id: string | null;
  readonly party: string;
  readonly fault: string;
  readonly root: Root;
}

/** Party, fault and root by request and trace. */
type Statements = ReadonlyMap<string, string>;

const keyOf = (requestId: string | null, traceId: string | null): string => `${requestId} ${traceId}`;
const endOf = ({ service, version, deploy_id }: End): string => `${service} ${version} ${deploy_id ?? '-'}`;
const statementOf = (party: string, fault: string, { source, destination, fault: broken }: Root): string =>
  `${party} ${fault}: ${endOf(source)} -> ${endOf(destination)}: ${broken}`;

/** What the command says of the lines; of a request that it corrected, the last. */
async function correlateFile(lines: readonly MeshLine[]): Promise<Statements> {
  const folder = mkdtempSync(join(tmpdir(), 'flagwatch-correlate-'));
  try {
    const file = join(folder, 'lines.log');
    writeFileSync(file, lines.map(({ line }) => `${line}\n`).join(''));
    const { stdout } = await runCommand(['correlate', file]);
    const told = stdout
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row) as Correlated);
    return new Map(
      told.map(({ request_id, trace_id, party, fault, root }) => [
        keyOf(request_id, trace_id),
        statementOf(party, fault, root),
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Checks the documents of failed requests and the counts by fault. */
export async function expectRequests(world: World, lines: readonly MeshLine[]): Promise<void> {
  const wanted = await correlateFile(lines);
  expect(wanted.size).toBeGreaterThan(100);
  const count = () => countDocuments(world, 'requests');
  await eventually(async () => ((await count()) >= wanted.size ? true : null), {
    timeoutMs: 60_000,
    everyMs: 1000,
    describe: async () => `${await count()} documents of ${wanted.size} failed requests`,
  });
  const documents = (await allDocuments<RequestSource>(world, 'requests')).map(({ _source }) => _source);
  const found = documents.map(({ http, trace, flagwatch }): [string, string] => [
    keyOf(http?.request.id ?? null, trace?.id ?? null),
    statementOf(flagwatch.party, flagwatch.fault, flagwatch.root),
  ]);
  expect(found.length).toBe(wanted.size);
  expect(new Map(found)).toEqual(wanted);
  await eventually(async () => ((await countedFaults(world)) === wanted.size ? true : null), {
    timeoutMs: 30_000,
    everyMs: 1000,
    describe: async () => `${await countedFaults(world)} counted of ${wanted.size} failed requests`,
  });
}

/** Failed requests in the topic of partial counts. */
async function countedFaults(world: World): Promise<number> {
  type Counts = { readonly kind: string; readonly rows?: readonly (readonly [number, readonly unknown[]])[] };
  const records = (await world.readTopic(`${world.prefix}.partial-counts`)).map(
    ({ value }) => JSON.parse(value) as Counts,
  );
  const rows = records.flatMap((record) => record.rows ?? []);
  return rows.reduce((sum, [, row]) => sum + totalOf(row[5] as Record<string, number>), 0);
}

function totalOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
