// MessageContent → what chat.postMessage and chat.update take: text, blocks and metadata, within Slack's limits whatever the
// content holds. The limits are kept by construction: each part has its budget, and the budgets fit the whole.
import type { MessageContent } from '#core/notify/message.ts';
import { toVisibleLines, toVisibleText } from '#core/notify/visible-text.ts';
import { escapeCode, escapeLink, escapeMrkdwn, escapeText } from './slack-text.ts';

interface PlainText {
  readonly type: 'plain_text';
  readonly text: string;
  readonly emoji: false;
}
interface Mrkdwn {
  readonly type: 'mrkdwn';
  readonly text: string;
  /** Leaves addresses and names in the text alone. */
  readonly verbatim: true;
}

/** The kinds of blocks that messages are made of. */
type SlackBlock =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'section'; readonly text: PlainText | Mrkdwn }
  | { readonly type: 'section'; readonly fields: Mrkdwn[] }
  | { readonly type: 'context'; readonly elements: PlainText[] };

/** The part of a message that is the same for posting and updating. */
export interface SlackPayload {
  /** What the notification says and a screen reader reads. */
  readonly text: string;
  readonly blocks: SlackBlock[];
  readonly metadata: {
    readonly event_type: typeof incidentEvent;
    readonly event_payload: { readonly key: string; readonly step: string };
  };
}

/** Marks our messages among all that a channel holds. */
export const incidentEvent = 'flagwatch_incident';
/** Marks our replies in a thread. */
export const replyEvent = 'flagwatch_reply';

/**
 * Characters for each part, after escaping. Slack's own limits: header 150, section 3,000, field 2,000 and ten of them, context
 * element 3,000, all blocks about 13,200 with some 70 (a header: 130) for each block (slackapi/bolt-js#2509).
 */
export const slackBudgets = {
  header: 150,
  summary: 2200,
  fields: 10,
  field: 400,
  heading: 100,
  steps: 3,
  stepLines: 2,
  stepLine: 230,
  command: 270,
  requests: 2900,
  footer: 700,
} as const;

// chat.update refuses a text over 4,000 bytes, and a character takes up to three.
const maxTextLength = 1300;

const severityMarks: Readonly<Record<string, string>> = { critical: '🔴', page: '🔴', warning: '🟠', info: '🔵' };

/** The payload of a message. */
export function encodeMessage(content: MessageContent): SlackPayload {
  const mark = statusMark(content);
  const word = content.status === 'resolved' ? 'Resolved' : 'Firing';
  return {
    text: escapeText(
      `${mark} ${word}: ${toVisibleText(content.title)}\n${toVisibleLines(content.summary)}`,
      maxTextLength,
    ),
    blocks: [
      { type: 'header', text: plain(`${mark} ${toVisibleText(content.title)}`, slackBudgets.header) },
      ...textSection(content.summary, slackBudgets.summary),
      ...fieldsSection(content),
      ...stepsSection(content),
      ...requestsSection(content),
      ...footerContext(content),
    ],
    metadata: { event_type: incidentEvent, event_payload: { key: content.key, step: content.step } },
  };
}

/** The payload of a reply below a message. */
export function encodeReply({ key, id, text }: { readonly key: string; readonly id: string; readonly text: string }) {
  return {
    text: escapeText(toVisibleLines(text), maxTextLength),
    metadata: { event_type: replyEvent, event_payload: { key, id } },
  };
}

/** The same message as text alone: for when Slack refuses the blocks, because an alert without layout beats none. */
export function withoutBlocks(payload: SlackPayload): SlackPayload {
  return { ...payload, blocks: [] };
}

function statusMark({ status, severity }: MessageContent): string {
  if (status === 'resolved') return '✅';
  return (Object.hasOwn(severityMarks, severity) ? severityMarks[severity] : undefined) ?? '🟠';
}

function textSection(text: string, budget: number): SlackBlock[] {
  return text.trim() === '' ? [] : [{ type: 'section', text: plain(toVisibleLines(text), budget) }];
}

function fieldsSection({ fields }: MessageContent): SlackBlock[] {
  const shown = fields.slice(0, slackBudgets.fields).map(({ label, value }) => {
    const head = `*${escapeText(toVisibleText(label).replaceAll('*', '∗'), 80)}*\n`;
    return mrkdwn(head + escapeMrkdwn(toVisibleText(value), slackBudgets.field - head.length));
  });
  return shown.length === 0 ? [] : [{ type: 'section', fields: shown }];
}

function stepsSection({ steps, headings }: MessageContent): SlackBlock[] {
  const shown = steps.slice(0, slackBudgets.steps).map(({ lines, command }, i) => {
    const sentences = lines.slice(0, slackBudgets.stepLines);
    return [
      `${i + 1}. ${sentences.map((line) => escapeMrkdwn(toVisibleText(line), slackBudgets.stepLine)).join('\n    ')}`,
      ...(command === null ? [] : [`    ${escapeCode(toVisibleText(command), slackBudgets.command)}`]),
    ].join('\n');
  });
  if (shown.length === 0) return [];
  return [{ type: 'section', text: mrkdwn([heading(headings.steps), ...shown].join('\n')) }];
}

function requestsSection({ requestIds, requestUrls, links, headings }: MessageContent): SlackBlock[] {
  const ids = requestIds.map((id, i) => ({ text: toVisibleText(id), url: requestUrls[i] ?? null }));
  const others = links.map(({ text, url }) => ({ text: toVisibleText(text), url }));
  const entries = [...ids, ...others].slice(0, maxEntries);
  if (entries.length === 0) return [];
  const head = ids.length === 0 ? '' : `${heading(headings.requests)}\n`;
  const room = Math.floor((slackBudgets.requests - head.length) / entries.length) - 1;
  const lines = entries.map(({ text, url }) =>
    url === null ? escapeCode(text, room) : escapeLink({ text, url }, room),
  );
  return [{ type: 'section', text: mrkdwn(head + lines.join('\n')) }];
}

// Three requests and two other places; more would leave too little room for each.
const maxEntries = 5;

function footerContext({ footer }: MessageContent): SlackBlock[] {
  return footer.trim() === ''
    ? []
    : [{ type: 'context', elements: [plain(toVisibleText(footer), slackBudgets.footer)] }];
}

function heading(text: string): string {
  return `*${escapeText(toVisibleText(text).replaceAll('*', '∗') || '…', slackBudgets.heading - 2)}*`;
}

function plain(text: string, budget: number): PlainText {
  return { type: 'plain_text', text: escapeText(text, budget), emoji: false };
}

function mrkdwn(text: string): Mrkdwn {
  return { type: 'mrkdwn', text, verbatim: true };
}
