// What the golden files of envelopes expect: a recorded line with a pod around it, or why there is none.
import { expect } from 'vitest';
import { decodeLine } from '#core/access-log/decode-line.ts';
import type { WorkloadIdentity } from '#core/access-log/record.ts';
import type { GoldenFormat } from '../../../support/line-arbitraries.ts';
import { goldenLines } from '../../../support/line-arbitraries.ts';

/** One outcome as `expected.json` and `batches.json` write it. */
export interface Expected {
  readonly line?: readonly [GoldenFormat, number];
  readonly pod?: string | null;
  readonly host?: string;
  readonly node?: WorkloadIdentity;
  readonly isSidecar?: boolean;
  readonly skip?: string;
  readonly deadLetter?: string;
}

/** The outcome that an entry stands for. */
export function outcomeOf({ line, pod, host, node, isSidecar = false, skip, deadLetter }: Expected) {
  if (skip !== undefined) return { kind: 'skip', reason: skip };
  if (deadLetter !== undefined) return { kind: 'dead-letter', reason: deadLetter, detail: expect.any(String) };
  const bare = decodeLine(new TextEncoder().encode(goldenLines(line?.[0] ?? 'istio-json')[line?.[1] ?? 0] ?? ''));
  if (bare.kind !== 'ok') throw new Error('not a recorded line');
  const { value } = bare;
  return {
    kind: 'ok',
    value: {
      ...value,
      pod: pod ?? value.pod,
      host: host ?? null,
      node: node ?? value.node,
      isSidecar: isSidecar || value.isSidecar,
    },
  };
}
