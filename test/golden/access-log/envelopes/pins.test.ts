// What each pin makes of every envelope: a table, pins.txt. `vitest -u` writes it anew: read its diff.
import { expect, it } from 'vitest';
import { decodeValue } from '#core/access-log/decode-line.ts';
import { envelopeNames, lineFormats } from '#core/access-log/line-reading.ts';
import { envelopeFiles, envelopeLines, goldenFormats, goldenLines } from '../../../support/line-arbitraries.ts';

const values = [
  ...goldenFormats.map((format) => [format, goldenLines(format)[1] ?? ''] as const),
  ...envelopeFiles.flatMap((file) => envelopeLines(file).map((line, i) => [`${file} ${i}`, line] as const)),
];
const pins = lineFormats.flatMap((format) => envelopeNames.map((envelope) => ({ format, envelope, textFormat: null })));

it('a pin takes what fits and sets aside the rest', async () => {
  const rows = values.map(([name, line]) => {
    const bytes = new TextEncoder().encode(line);
    const byOutcome = new Map<string, string[]>();
    for (const pin of pins) {
      const outcomes = decodeValue(bytes, pin).map(({ outcome }) => (outcome.kind === 'ok' ? 'ok' : outcome.reason));
      const key = outcomes.join(', ');
      byOutcome.set(key, [...(byOutcome.get(key) ?? []), `${pin.format}/${pin.envelope}`]);
    }
    return `${name}\n${[...byOutcome].map(([outcome, names]) => `  ${outcome}: ${names.join(' ')}\n`).join('')}`;
  });
  await expect(rows.join('')).toMatchFileSnapshot('pins.txt');
});
