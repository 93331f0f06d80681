// The lines that benchmarks read: recorded ones, cut to about 1 KB (Istio's default keys and both ends' identity), re-timed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { badDeployPhases, parseRecording, playMesh } from '#app/demo/recorded-mesh.ts';

/** Keys of the extended format that a line of about 1 KB has no room for. */
const dropped = [
  'access_log_type',
  'cluster_service',
  'destination_principal',
  'downstream_close',
  'downstream_peer_cel',
  'env_pod_name',
  'grpc_status',
  'hosts_attempted',
  'node_cluster',
  'pod',
  'response_flags_long',
  'source_principal',
  'traceparent',
  'upstream_close',
  'upstream_workload_cel',
];

/** Requests a second of event time: a mesh busy enough that speed matters. Fewer spread the same lines over more panes. */
const requestsPerSecond = 5000;

/** `count` lines in event order, ending about `endAtMs`. */
export function benchLines(count: number, endAtMs: number): readonly Buffer[] {
  const file = join(import.meta.dirname, '..', '..', 'recordings', 'bad-deploy.jsonl');
  const recording = parseRecording(readFileSync(file, 'utf8'));
  const scale = count / (requestsPerSecond * 2 * 7200);
  const phases = badDeployPhases(scale * 1.05);
  const startAtMs = endAtMs - (phases.at(-1)?.untilMs ?? 0);
  const lines: Buffer[] = [];
  for (const { line } of playMesh(recording, { startAtMs, requestsPerSecond, noiseRatio: 0.004, phases, seed: 1 })) {
    const record = JSON.parse(line) as Record<string, unknown>;
    for (const key of dropped) delete record[key];
    lines.push(Buffer.from(JSON.stringify(record)));
    if (lines.length === count) break;
  }
  return lines;
}
