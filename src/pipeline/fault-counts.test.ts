// On which edge a failed request is counted: one whose requests are counted under the same labels.
import { describe, expect, it } from 'vitest';
import { correlate } from '#core/correlate/correlate.ts';
import { edgeLabels, toEdge } from '#core/count/edge.ts';
import type { RawLine } from '../../test/support/exchanges.ts';
import { aCall, arrivalLine, decoded, sourceLine } from '../../test/support/exchanges.ts';
import { line } from '../../test/support/fact-lines.ts';
import { FaultCounts } from './fault-counts.ts';

const call = aCall();
const subset = (name: string) => `outbound|8080|${name}|payments.shop.svc.cluster.local`;

/** The destination's labels of the one failure that the lines make, and of each line. */
function look(raw: readonly RawLine[]) {
  const counts = new FaultCounts({ dataCenter: 'dc1', paneMs: 1000 });
  const requestLines = raw.map(decoded);
  for (const { fault } of correlate(requestLines)) counts.add(fault);
  const destinations = edgeLabels.filter((label) => label.startsWith('destination_'));
  const labelsOf = (edge: ReturnType<typeof toEdge>) => destinations.map((label) => edge[label]);
  return {
    failures: counts.take().map(({ edge }) => labelsOf(edge)),
    lines: requestLines.map(({ traffic }) => labelsOf(toEdge(traffic, 'dc1'))),
  };
}

describe('a failed request is counted on the edge', () => {
  it.each([
    ['of the callee’s own line', 'payments-x;shop;payments;v2;Kubernetes', { node_version: 'v2' }, 'v2'],
    [
      'of its deploy, where no pod has a version',
      'payments-x;shop;payments;latest;Kubernetes',
      { node_version: null },
      'unknown',
    ],
    ['of its deploy, where only a subset has a name', null, { node_version: null }, 'unknown'],
  ] as const)('%s', (name, upstream, node, version) => {
    const cluster = name.includes('subset') ? subset('canary') : subset('');
    const source = { ...sourceLine(call, line('-', 500)), upstream_workload: upstream, upstream_cluster: cluster };
    const arrival = { ...arrivalLine(call, line('-', 500)), ...node };
    const { failures, lines } = look([source, arrival]);
    expect(failures).toEqual([['payments', 'shop', version, 'd-payments']]);
    expect(lines).toContainEqual(failures[0]);
  });

  it('of the caller’s line, where no other knows the callee', () => {
    const source = { ...sourceLine(call, line('-', 500)), upstream_workload: null, upstream_cluster: subset('canary') };
    expect(look([source]).failures).toEqual([['payments', 'shop', 'canary', 'unknown']]);
  });
});
