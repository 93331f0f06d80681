// CPU seconds per million lines of about 1 KB for decode + attribute + classify + count in memory, beside JSON.parse alone.
import { LineCounter } from '#pipeline/line-counter.ts';
import { benchLines } from './lines.ts';
import { median } from './median.ts';

const lineCount = 100_000;
const rounds = 15;

/** Runs the benchmark; resolves to a table. */
export function benchCount(): Promise<string> {
  const lines = benchLines(lineCount, Date.now());
  const bytes = lines.reduce((sum, line) => sum + line.length, 0);
  const counted = [];
  const parsed = [];
  for (let round = 0; round < rounds; round += 1) {
    counted.push(cpuSeconds(() => countAll(lines)));
    parsed.push(cpuSeconds(() => parseAll(lines)));
  }
  const row = (name: string, seconds: readonly number[]): string => {
    const perMillion = seconds.map((second) => (second * 1e6) / lines.length);
    return `${name.padEnd(34)} ${Math.min(...perMillion)
      .toFixed(2)
      .padStart(6)} ${median(perMillion).toFixed(2).padStart(6)}`;
  };
  return Promise.resolve(
    [
      `CPU seconds per million lines of ${Math.round(bytes / lines.length)} bytes, in memory, one core`,
      `${''.padEnd(34)} ${'min'.padStart(6)} ${'median'.padStart(6)}`,
      row('decode + attribute + count', counted),
      row('JSON.parse alone', parsed),
    ].join('\n'),
  );
}

function countAll(lines: readonly Buffer[]): void {
  const counter = new LineCounter({ dataCenter: 'dc1', paneMs: 1000, maxEdges: 50_000 });
  for (const line of lines) {
    if (!counter.scan(line)) throw new Error('a usual line that the scanner does not take');
    counter.countScanned();
    if (counter.lineCount >= 50_000) counter.take();
  }
}

function parseAll(lines: readonly Buffer[]): void {
  for (const line of lines) JSON.parse(line.toString('utf8'));
}

function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
