// The lean way of collect against the full one: whatever a line is, both count the same and forward the same to correlate.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeLine } from '#core/access-log/decode-line.ts';
import { isFailedFault, needsPartners, toRequestLine } from '#core/correlate/request-line.ts';
import { LineCounter } from '#pipeline/line-counter.ts';
import { goldenFormats, goldenLines } from '../support/line-arbitraries.ts';

const all = goldenFormats.flatMap((format) => goldenLines(format));
/** Recorded lines, some with another code or no flags: combinations that no Envoy wrote. */
const line = fc
  .record({
    text: fc.constantFrom(...all),
    code: fc.option(fc.constantFrom(0, 100, 200, 304, 400, 403, 404, 429, 499, 500, 502, 503, 504, 599)),
    isUnflagged: fc.boolean(),
    attempts: fc.option(fc.nat(3)),
    details: fc.option(fc.constantFrom('via_upstream', 'rbac_access_denied_matched_policy[none]', 'direct_response')),
  })
  .map(({ text, code, isUnflagged, attempts, details }) => {
    let changed = text;
    if (code !== null) changed = changed.replace(/"response_code":\d+/, `"response_code":${code}`);
    if (isUnflagged) changed = changed.replace(/"response_flags":"[^"]*"/, '"response_flags":"-"');
    if (attempts !== null) changed = changed.replace(/"attempts":"?\d+"?/, `"attempts":${attempts}`);
    if (details !== null)
      changed = changed.replace(/"response_code_details":"[^"]*"/, `"response_code_details":"${details}"`);
    return changed;
  });

const settings = { dataCenter: 'dc1', paneMs: 1000, maxEdges: 1000 };

it('counts failures and forwards lines as classification says, by the lean way too', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
      const counter = new LineCounter(settings);
      const read = lines.flatMap((text) => {
        const bytes = new TextEncoder().encode(text);
        const outcome = decodeLine(bytes);
        if (outcome.kind !== 'ok') return [];
        if (counter.scan(bytes)) counter.countScanned();
        else counter.countRecord(outcome.value);
        return [toRequestLine(outcome.value)];
      });
      const { rows, countedLines, failedLines } = counter.take();
      expect(countedLines).toBe(read.length);
      expect(failedLines).toEqual(read.filter(needsPartners));
      const failedCount = rows.reduce((sum, row) => sum + row.failedCount, 0);
      expect(failedCount).toBe(read.filter(({ fault }) => isFailedFault(fault)).length);
      const timed = rows.reduce((sum, row) => sum + row.durations.reduce((n, x, i) => (i % 2 === 1 ? n + x : n), 0), 0);
      expect(timed).toBe(read.filter(({ code }) => code > 0).length);
    }),
  );
});
