// Finds what would notify people: mentions that were not escaped. An alert built from log lines must never hold one.
import { isObject } from './blocks.ts';

const mention = /<(?:!(?:channel|here|everyone|group)|!subteam\^\w+|@[UW]\w+)(?:\|[^>]*)?>/g;
const atName = /(?<![\w.])@(?:channel|here|everyone)\b/g;

/** One mention in one message: the text that pings, and where it stands, such as `/blocks/0/text/text`. */
export interface PingFinding {
  readonly mention: string;
  readonly where: string;
}

/** The arguments of a call in which people may be mentioned. */
export interface PingSource {
  readonly text: unknown;
  readonly blocks: unknown;
  /** True where the call asked for names to be linked (link_names, or parse=full): then `@channel` pings too. */
  readonly linksNames: boolean;
}

/** Every mention in the text and the blocks that is not escaped. Plain-text objects are taken literally by Slack. */
export function findPings(source: PingSource): PingFinding[] {
  return [...search(source.text, '/text', source.linksNames), ...search(source.blocks, '/blocks', source.linksNames)];
}

function search(value: unknown, where: string, linksNames: boolean): PingFinding[] {
  if (typeof value === 'string') {
    const found = [...value.matchAll(mention), ...(linksNames ? value.matchAll(atName) : [])];
    return found.map((match) => ({ mention: match[0], where }));
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => search(item, `${where}/${index}`, linksNames));
  if (!isObject(value) || value['type'] === 'plain_text') return [];
  // In rich_text, a mention is an element of its own.
  if (value['type'] === 'broadcast') return [{ mention: `<!${value['range']}>`, where }];
  if (value['type'] === 'user') return [{ mention: `<@${value['user_id']}>`, where }];
  if (value['type'] === 'usergroup') return [{ mention: `<!subteam^${value['usergroup_id']}>`, where }];
  return Object.entries(value)
    .filter(([key]) => !literalKeys.has(key))
    .flatMap(([key, item]) => search(item, `${where}/${key}`, linksNames));
}

// Never shown as mrkdwn: what a button carries back, and addresses.
const literalKeys = new Set(['value', 'url', 'image_url', 'action_id', 'block_id', 'alt_text']);
