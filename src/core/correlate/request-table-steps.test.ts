// The pace of the watermark says nothing: coarse steps, as a replay takes them, give what fine ones give.
import { expect, it } from 'vitest';
import { aCall, arrivalLine, decoded, sourceLine } from '../../../test/support/exchanges.ts';
import { line, refused } from '../../../test/support/fact-lines.ts';
import { defaultRequestTableSettings, RequestTable } from './request-table.ts';

const second = 1000;

it('says the same whatever steps the watermark comes in, also where lines of a request are further apart than the wait', () => {
  const call = aCall({ durationMs: second });
  const lines = [
    arrivalLine(call, line('UF', 503, refused)),
    sourceLine({ ...call, durationMs: 8 * second }, line('-', 503)),
  ];
  const run = (stepMs: number) => {
    const table = new RequestTable(defaultRequestTableSettings);
    for (const each of lines) table.add(decoded(each));
    const stops = Array.from(
      { length: Math.ceil((50 * second) / stepMs) },
      (_, i) => call.startAtMs + (i + 1) * stepMs,
    );
    return stops.flatMap((atMs) => table.closeUntil(atMs));
  };
  const fine = run(100);
  expect(fine.map(({ revision, evidence }) => [revision, evidence])).toEqual([
    [1, 'destination only'],
    [2, 'both sides'],
  ]);
  expect(run(3 * second)).toEqual(fine);
  expect(run(50 * second)).toEqual(fine);
});
