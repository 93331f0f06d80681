import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { badDeployPhases, parseRecording, playMesh } from './recorded-mesh.ts';

const recording = parseRecording(
  readFileSync(join(import.meta.dirname, '..', '..', '..', 'recordings', 'bad-deploy.jsonl'), 'utf8'),
);
const settings = {
  startAtMs: 1_800_000_000_000,
  requestsPerSecond: 5,
  noiseRatio: 0.01,
  phases: badDeployPhases(0.1),
  seed: 1,
};
const lines = [...playMesh(recording, settings)];

describe('playMesh', () => {
  it('gives the same lines for the same seed, others for another', () => {
    expect([...playMesh(recording, settings)]).toEqual(lines);
    expect([...playMesh(recording, { ...settings, seed: 2 })]).not.toEqual(lines);
  });

  it('says of each line when it was logged, in order', () => {
    let last = 0;
    for (const { atMs, line } of lines) {
      const record = JSON.parse(line) as { start_time: string; duration: number };
      expect(Date.parse(record.start_time) + record.duration).toBe(atMs);
      expect(atMs).toBeGreaterThanOrEqual(last);
      last = atMs;
    }
  });

  it('gives every request an id and a trace of its own, the same on both sides', () => {
    const sides = Map.groupBy(
      lines
        .map(({ line }) => JSON.parse(line) as Record<string, string | null>)
        .filter((record) => record['request_id']),
      (record) => record['request_id'],
    );
    expect(sides.size).toBeGreaterThan(3000);
    for (const records of sides.values()) {
      expect(records.length).toBeLessThanOrEqual(3);
      const traces = new Set(records.map((record) => record['traceparent']?.split('-')[1]));
      expect(traces.size).toBe(1);
      for (const record of records) {
        if (record['x_b3_traceid']) expect(traces).toContain(record['x_b3_traceid']);
      }
    }
  });

  it('breaks the new version only, and only in its phase', () => {
    const [, deployed, broken] = badDeployPhases(0.1);
    const failures = lines.filter(
      ({ line }) => line.includes('"response_flags":"UC"') && line.includes('"node_version":"v2"'),
    );
    expect(failures.length).toBeGreaterThan(20);
    for (const { atMs } of failures) {
      const elapsedMs = atMs - settings.startAtMs;
      expect(elapsedMs).toBeGreaterThanOrEqual(deployed?.untilMs ?? 0);
      expect(elapsedMs).toBeLessThan((broken?.untilMs ?? 0) + 10_000);
    }
  });
});
