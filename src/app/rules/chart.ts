// A span of time as one line of text for each alert, as wide as the terminal: when it fired.
import { cutToWidth, displayWidth } from '#adapters/console/display-width.ts';
import { toVisibleText } from '#core/notify/visible-text.ts';

/** One line of a chart. */
export interface ChartLine {
  readonly label: string;
  /** `[from, to)` in milliseconds, with the sign that marks it; later ones are drawn over earlier ones. */
  readonly marks: readonly { readonly fromMs: number; readonly toMs: number; readonly sign: string }[];
}

/** Narrower than this nothing can be told apart; wider no more is told. */
const [minColumns, maxColumns] = [50, 200];
/** Share of the width that labels may take. */
const labelShare = 0.45;

/** The lines, and below them the times. A mark is at least one column wide. */
export function renderChart(
  lines: readonly ChartLine[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  columns: number,
): readonly string[] {
  const width = Math.max(minColumns, Math.min(columns, maxColumns));
  const labels = lines.map(({ label }) => toVisibleText(label));
  const longest = Math.max(0, ...labels.map(displayWidth));
  const labelWidth = Math.min(longest, Math.floor(width * labelShare));
  const barWidth = width - labelWidth - 1;
  const spanMs = Math.max(1, toMs - fromMs);
  const bars = lines.map(({ marks }, n) => {
    const cells: string[] = Array.from({ length: barWidth }, () => '·');
    for (const mark of marks) {
      const from = clamp(Math.floor((barWidth * (mark.fromMs - fromMs)) / spanMs), barWidth - 1);
      const to = clamp(Math.ceil((barWidth * (mark.toMs - fromMs)) / spanMs), barWidth);
      for (let i = from; i < Math.max(to, from + 1); i += 1) cells[i] = mark.sign;
    }
    const label = cutToWidth(labels[n] ?? '', labelWidth);
    return `${label}${' '.repeat(labelWidth - displayWidth(label))} ${cells.join('')}`;
  });
  return [...bars, `${' '.repeat(labelWidth + 1)}${renderAxis(fromMs, toMs, barWidth)}`];
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(most, value));
}

/** First, middle and last time; the middle only where there is room. */
function renderAxis(fromMs: number, toMs: number, width: number): string {
  const isOneDay = toMs - fromMs <= 86_400_000;
  const time = (atMs: number): string => new Date(atMs).toISOString().slice(isOneDay ? 11 : 5, isOneDay ? 19 : 16);
  const [first, middle, last] = [time(fromMs), time((fromMs + toMs) / 2), time(toMs)];
  const room = width - first.length - last.length;
  if (room < middle.length + 4) return `${first}${' '.repeat(Math.max(1, room))}${last}`;
  const left = Math.floor((width - middle.length) / 2) - first.length;
  return `${first}${' '.repeat(left)}${middle}${' '.repeat(room - left - middle.length)}${last}`;
}
