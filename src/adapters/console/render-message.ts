// A message as Slack would show it, as text: a coloured bar, the title, two columns of facts, what to do, where to look.
import type { MessageContent } from '#core/notify/message.ts';
import { cutText, toVisibleLines, toVisibleText } from '#core/notify/visible-text.ts';
import { displayWidth, wrapText } from './display-width.ts';

/** How it is drawn. */
export interface ConsoleStyle {
  /** Columns that may be used. */
  readonly columns: number;
  /** Whether colours may be. */
  readonly isColored: boolean;
  /** The place in Slack that the console stands for. */
  readonly channel: string;
  readonly isEdited: boolean;
}

type Paint = (text: string) => string;

const marks: Readonly<Record<string, { readonly emoji: string; readonly color: number }>> = {
  resolved: { emoji: '✅', color: 32 },
  critical: { emoji: '🔴', color: 31 },
  page: { emoji: '🔴', color: 31 },
  warning: { emoji: '🟠', color: 33 },
  info: { emoji: '🔵', color: 34 },
};
const otherMark = { emoji: '🟠', color: 33 };
// As long as a section of Slack's: what is longer was not made by render.
const maxText = 3000;
// Narrower than this nothing can be read; a terminal that says so is wrong.
const minColumns = 40;
// Wider lines than this are hard to read, whatever the terminal has room for.
const maxColumns = 110;

/** The message with a line end after it. Text of the content cannot move the cursor or colour anything. */
export function renderForConsole(content: MessageContent, style: ConsoleStyle): string {
  const columns = Math.max(minColumns, Math.min(style.columns, maxColumns));
  const paint = (codes: string): Paint =>
    style.isColored ? (text) => `\u001b[${codes}m${text}\u001b[0m` : (text) => text;
  const { emoji, color } = markOf(content);
  const bar = paint(String(color));
  const dim = paint('2');
  const bold = paint('1');
  const body = [
    ...indent(`${emoji} `, visible(content.title), columns - 2).map(bold),
    '',
    ...cutText(toVisibleLines(content.summary), maxText)
      .split('\n')
      .flatMap((line) => wrapText(line, columns - 2)),
    '',
    ...fieldLines(content, columns - 2, dim),
    ...stepLines(content, columns - 2, { bold, dim }),
    ...requestLines(content, bold),
    ...wrapText(visible(content.footer), columns - 2).map(dim),
  ];
  const head = `${bold('flagwatch')} ${dim(`in ${visible(style.channel)}${style.isEdited ? ' (edited)' : ''}`)}`;
  return `${[`${bar('╭')} ${head}`, ...body.map((line) => `${bar('┃')} ${line}`.trimEnd()), bar('╰')].join('\n')}\n`;
}

function markOf({ status, severity }: MessageContent): { readonly emoji: string; readonly color: number } {
  const name = status === 'resolved' ? 'resolved' : severity;
  return (Object.hasOwn(marks, name) ? marks[name] : undefined) ?? otherMark;
}

function fieldLines({ fields }: MessageContent, columns: number, dim: Paint): readonly string[] {
  if (fields.length === 0) return [];
  const labels = fields.map(({ label }) => visible(label));
  const width = Math.min(24, Math.max(...labels.map(displayWidth)));
  const lines = fields.flatMap(({ value }, i) => {
    const label = labels[i] ?? '';
    const [first = '', ...rest] = wrapText(visible(value), columns - width - 2);
    const gap = ' '.repeat(Math.max(0, width - displayWidth(label)) + 2);
    return [`${dim(label)}${gap}${first}`, ...rest.map((line) => `${' '.repeat(width + 2)}${line}`)];
  });
  return [...lines, ''];
}

function stepLines(
  { steps, headings }: MessageContent,
  columns: number,
  { bold, dim }: { readonly bold: Paint; readonly dim: Paint },
): readonly string[] {
  if (steps.length === 0) return [];
  const lines = steps.flatMap(({ lines: sentences, command }, i) => [
    ...sentences.flatMap((sentence, j) => indent(j === 0 ? `${i + 1}. ` : '   ', visible(sentence), columns)),
    // Not wrapped: it is to be copied.
    ...(command === null ? [] : [dim(`   $ ${visible(command)}`)]),
  ]);
  return [bold(visible(headings.steps)), ...lines, ''];
}

function requestLines({ requestIds, requestUrls, links, headings }: MessageContent, bold: Paint): readonly string[] {
  const ids = requestIds.flatMap((id, i) => {
    const url = requestUrls[i] ?? null;
    return [`• ${visible(id)}`, ...(url === null ? [] : [`  ${visible(url)}`])];
  });
  const others = links.map(({ text, url }) => `${visible(text)}: ${visible(url)}`);
  if (ids.length + others.length === 0) return [];
  return [...(ids.length === 0 ? [] : [bold(visible(headings.requests))]), ...ids, ...others, ''];
}

/** Wrapped text behind `first`; the lines after it stand under its beginning. */
function indent(first: string, text: string, columns: number): readonly string[] {
  const width = displayWidth(first);
  return wrapText(text, columns - width).map((line, i) => `${i === 0 ? first : ' '.repeat(width)}${line}`);
}

function visible(text: string): string {
  return cutText(toVisibleText(text), maxText);
}
