// Documents of windows: ids that are the same for the same window and edge, and flags that cannot become field names.
import { expect, it } from 'vitest';
import type { WindowCount } from '#core/count/count-row.ts';
import { noCounts } from '#core/count/count-row.ts';
import { anEdge, inTime } from '../../../test/support/builders.ts';
import { IsoTimes } from './iso-times.ts';
import { renderWindowDocument, windowDocumentId } from './window-document.ts';

const startAtMs = Date.UTC(2026, 10, 21, 5, 21, 10);

function aWindow(changes: Partial<WindowCount> = {}): WindowCount {
  return {
    ...noCounts,
    ...inTime,
    windowStartAtMs: startAtMs,
    windowEndAtMs: startAtMs + 10_000,
    edge: anEdge(),
    requestCount: 40,
    flagCounts: { UC: 3, 'x.y': 1 },
    examples: { UC: [{ atMs: startAtMs + 1, requestId: 'r-1' }] },
    ...changes,
  };
}

it('tells requests, flags and both ends', () => {
  const document: unknown = JSON.parse(renderWindowDocument(aWindow(), startAtMs + 20_000, new IsoTimes()));
  expect(document).toMatchObject({
    '@timestamp': '2026-11-21T05:21:10.000Z',
    event: { kind: 'metric', end: '2026-11-21T05:21:20.000Z', duration: 10_000_000_000 },
    deployment: { id: 'd-2001' },
    flagwatch: {
      data_center: 'dc1',
      source: { service: 'checkout', deploy_id: 'd-1041' },
      destination: { service: 'payments', version: 'v1' },
      request_count: 40,
      flags: ['UC', 'x.y'],
      flag_counts: [
        { flag: 'UC', count: 3, request_ids: ['r-1'] },
        { flag: 'x.y', count: 1 },
      ],
    },
  });
});

it('makes fields of the catalogue’s flags only: a name from a line could break the mapping', () => {
  const json = renderWindowDocument(aWindow(), startAtMs, new IsoTimes());
  expect(JSON.parse(json)).toHaveProperty('flagwatch.count', { UC: 3 });
});

it('leaves out what there is none of', () => {
  const calm = aWindow({ flagCounts: {}, examples: {}, edge: anEdge({ destination_deploy_id: 'unknown' }) });
  const document = JSON.parse(renderWindowDocument(calm, startAtMs, new IsoTimes())) as Record<string, object>;
  expect(document).not.toHaveProperty('deployment');
  for (const name of ['flags', 'count', 'flag_counts']) expect(document['flagwatch']).not.toHaveProperty(name);
});

it('has an id of the window and the edge alone, far below the limit of 512 bytes', () => {
  const id = windowDocumentId(aWindow());
  expect(windowDocumentId(aWindow({ requestCount: 1, flagCounts: {} }))).toBe(id);
  const others = [
    aWindow({ edge: anEdge({ destination_version: 'v2' }) }),
    aWindow({ edge: anEdge({ data_center: 'dc2' }) }),
    aWindow({ windowStartAtMs: startAtMs - 10_000 }),
    aWindow({ windowEndAtMs: startAtMs + 60_000 }),
  ];
  expect(new Set([id, ...others.map(windowDocumentId)]).size).toBe(5);
  expect(windowDocumentId(aWindow({ edge: anEdge({ source_service: 'x'.repeat(253) }) })).length).toBeLessThan(100);
});

it('tells what came late as an addition, and what was judged without all of its input', () => {
  const late = aWindow({ late: '3/4711' });
  expect(windowDocumentId(late)).toBe(`${windowDocumentId(aWindow())}/late/3/4711`);
  const render = (window: WindowCount): unknown => JSON.parse(renderWindowDocument(window, startAtMs, new IsoTimes()));
  expect(render(late)).toMatchObject({ flagwatch: { is_late: true } });
  expect(render(aWindow({ isComplete: false }))).toMatchObject({ flagwatch: { is_complete: false } });
  for (const name of ['is_late', 'is_complete']) expect(render(aWindow())).not.toHaveProperty(`flagwatch.${name}`);
});

it('keeps the durations for who reads the counts back, and flags named like a member of every object', () => {
  const flagCounts = Object.fromEntries([
    ['__proto__', 2],
    ['constructor', 1],
  ]) as Record<string, number>;
  const window = aWindow({ flagCounts, examples: {}, durations: [12, 40] });
  const { flagwatch } = JSON.parse(renderWindowDocument(window, startAtMs, new IsoTimes())) as {
    flagwatch: Record<string, unknown>;
  };
  expect(flagwatch).toMatchObject({
    duration_sketch: [12, 40],
    flag_counts: [
      { flag: '__proto__', count: 2 },
      { flag: 'constructor', count: 1 },
    ],
  });
});
