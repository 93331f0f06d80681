// What reading a line costs in CPU time, on recorded lines: JSON.parse, the full decoder, the lean scanner of collect, and the whole of
// what a document needs (record, traffic, classification), by the decoder (`in full`) and by the reader of usual lines (`usual`).
// Run alone: node --conditions=source test/bench/decode.bench.ts
import { pathToFileURL } from 'node:url';
import { decodeLine } from '#core/access-log/decode-line.ts';
import { LineScanner } from '#core/access-log/scan-line.ts';
import { attribute } from '#core/attribute/attribute.ts';
import { UsualLineReader } from '#core/attribute/usual-line.ts';
import { classify } from '#core/classify/classify.ts';
import { goldenLines } from '../support/line-arbitraries.ts';

// Rounds long enough for the clock (some 10 ms), many enough for a median on a busy machine.
const rounds = 30;
const linesPerRound = 10_000;
// The compiler has done its work by then.
const warmUpRounds = 10;
// As one fetch would have it: more than fits a processor's nearest caches.
const distinctLines = 4_000;

/** Lines of a sample as a batch has them: slices of one buffer, each with an id and a time of its own. */
function batchOf(lines: readonly string[]): readonly Uint8Array[] {
  const texts = Array.from({ length: distinctLines }, (_, i) => {
    const line = lines[i % lines.length] ?? '';
    const id = i.toString(16).padStart(8, '0');
    return line.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}-)/g, `${id}$1`).replaceAll(/(T05:21:)\d\d/g, `$1${10 + (i % 50)}`);
  });
  const buffer = Buffer.from(texts.join('\n'));
  let at = 0;
  return texts.map((text) => {
    const start = at;
    at += Buffer.byteLength(text) + 1;
    return buffer.subarray(start, at - 1);
  });
}

/** CPU microseconds a line: the least and the median of the rounds. */
function measure(lines: readonly Uint8Array[], read: (line: Uint8Array) => unknown): { min: number; median: number } {
  const costs: number[] = [];
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    const before = process.cpuUsage();
    for (let i = 0; i < linesPerRound; i += 1) read(lines[i % lines.length] as Uint8Array);
    const { user, system } = process.cpuUsage(before);
    if (round >= 0) costs.push((user + system) / linesPerRound);
  }
  costs.sort((a, b) => a - b);
  return { min: costs[0] ?? 0, median: costs[Math.floor(rounds / 2)] ?? 0 };
}

/** Record, traffic and classification of a line. */
function readInFull(line: Uint8Array): unknown {
  const outcome = decodeLine(line);
  if (outcome.kind !== 'ok') return null;
  const traffic = attribute(outcome.value);
  return classify(outcome.value, traffic);
}

/** A table of what each way of reading costs on each format. */
export async function benchDecode(): Promise<string> {
  const samples = [
    ['istio-json', goldenLines('istio-json')],
    ['extended-json', goldenLines('extended-json')],
    ['filebeat-istio-json', goldenLines('filebeat-istio-json')],
    ['istio-text', goldenLines('istio-text')],
  ] as const;
  const rows = ['format               bytes  reader      CPU µs a line: min  median  µs a KB (min)  accepted'];
  for (const [format, lines] of samples) {
    const batch = batchOf(lines);
    const bytes = batch.reduce((sum, line) => sum + line.length, 0) / batch.length;
    const scanner = new LineScanner();
    const accepted = batch.filter((line) => scanner.scan(line)).length / batch.length;
    const usual = new UsualLineReader();
    const readUsual = (line: Uint8Array) => {
      const read = usual.read(line);
      return read === null ? readInFull(line) : classify(read.record, read.traffic);
    };
    const readers: [string, (line: Uint8Array) => unknown, string][] = [
      ['decodeLine', (line) => decodeLine(line), ''],
      ['in full', readInFull, ''],
      ['usual', readUsual, ''],
      ['scan', (line) => scanner.scan(line), `${(accepted * 100).toFixed(1)} %`],
    ];
    if (format !== 'istio-text') readers.unshift(['JSON.parse', (line) => JSON.parse((line as Buffer).toString()), '']);
    for (const [name, read, note] of readers) {
      const { min, median } = measure(batch, read);
      rows.push(
        `${format.padEnd(20)} ${bytes.toFixed(0).padStart(5)}  ${name.padEnd(10)} ${min.toFixed(2).padStart(19)} ` +
          `${median.toFixed(2).padStart(7)} ${((min / bytes) * 1000).toFixed(2).padStart(14)}  ${note.padStart(8)}`.trimEnd(),
      );
    }
  }
  return rows.join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.stdout.write(`${await benchDecode()}\n`);
