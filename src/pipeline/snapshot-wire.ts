// Wire form, version 1, of a loop's snapshot in its compacted state topic: gzip of JSON, cut into records `snapshot/0`, `snapshot/1` …
// Each record: a line of JSON {"v":1,"offset":…,"part":…,"parts":…}, a newline, then its bytes. All are written in one transaction.
import { gunzipSync, gzipSync } from 'node:zlib';
import { maxRecordBytes } from './topics.ts';

/** A state and the input offset that it stands for: everything before `offset` is in it. */
export interface Snapshot {
  readonly offset: number;
  /** Plain JSON value. */
  readonly value: unknown;
}

/** A record of the state topic; `null` deletes the key. */
export interface SnapshotPart {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** Room for the first line and the broker's own headers. */
const partBytes = Math.floor(maxRecordBytes * 0.9);
const partKey = (part: number): string => `snapshot/${part}`;

/** The keys of snapshot records among a partition's state. */
export function snapshotKeys(state: ReadonlyMap<string, Uint8Array>): readonly string[] {
  return [...state.keys()].filter((key) => key.startsWith('snapshot/'));
}

/** The records of a snapshot, and deletions of those that a longer one before it (`partsBefore`) has left. */
export function encodeSnapshot(snapshot: Snapshot, partsBefore: number): readonly SnapshotPart[] {
  const bytes = gzipSync(JSON.stringify(snapshot.value), { level: 1 });
  const parts = Math.max(1, Math.ceil(bytes.length / partBytes));
  const records: SnapshotPart[] = [];
  for (let part = 0; part < parts; part += 1) {
    const head = Buffer.from(`${JSON.stringify({ v: 1, offset: snapshot.offset, part, parts })}\n`);
    const value = Buffer.concat([head, bytes.subarray(part * partBytes, (part + 1) * partBytes)]);
    records.push({ key: partKey(part), value });
  }
  for (let part = parts; part < partsBefore; part += 1) records.push({ key: partKey(part), value: null });
  return records;
}

/** The snapshot in a partition's state, or `null` where there is none, or one that this build cannot read. */
export function decodeSnapshot(state: ReadonlyMap<string, Uint8Array>): Snapshot | null {
  const first = readPart(state.get(partKey(0)));
  if (first === null) return null;
  const pieces: Uint8Array[] = [first.bytes];
  for (let part = 1; part < first.parts; part += 1) {
    const piece = readPart(state.get(partKey(part)));
    if (piece === null || piece.offset !== first.offset) return null;
    pieces.push(piece.bytes);
  }
  try {
    return { offset: first.offset, value: JSON.parse(gunzipSync(Buffer.concat(pieces)).toString('utf8')) };
  } catch {
    return null;
  }
}

function readPart(value: Uint8Array | undefined): { offset: number; parts: number; bytes: Uint8Array } | null {
  if (value === undefined) return null;
  const end = value.indexOf(10);
  if (end < 0) return null;
  try {
    const head = JSON.parse(Buffer.from(value.subarray(0, end)).toString('utf8')) as Record<string, unknown>;
    if (head['v'] !== 1 || typeof head['offset'] !== 'number' || typeof head['parts'] !== 'number') return null;
    return { offset: head['offset'], parts: head['parts'], bytes: value.subarray(end + 1) };
  } catch {
    return null;
  }
}
