// Reads and checks what a message is made of: text, blocks and metadata, and refuses them as Slack would.
import { checkBlocks, isObject, type Json } from './blocks.ts';

/** How a method says no: answered with HTTP 200 and `ok: false`, as Slack does. */
export class SlackRefusal extends Error {
  readonly code: string;
  readonly details: Json;

  constructor(code: string, details: Json = {}) {
    super(code);
    this.code = code;
    this.details = details;
  }
}

/** Checked content. A part is undefined where the call did not name it, which an update tells from an empty one. */
export interface Content {
  readonly text: string | undefined;
  readonly blocks: readonly Json[] | undefined;
  readonly metadata: Json | undefined;
}

/** The content of a call. Throws a refusal where Slack would refuse it. */
export function readContent(args: Json): Content {
  const text = args['text'] === undefined ? undefined : String(args['text']);
  const blocks = args['blocks'] === undefined ? undefined : readBlocks(args['blocks']);
  if (!text && !blocks?.length && !args['attachments']) throw new SlackRefusal('no_text');
  return { text, blocks, metadata: readMetadata(args['metadata']) };
}

/** Whether a form's or a JSON's value means yes. */
export function isTrue(value: unknown): boolean {
  return value === true || value === 1 || value === 'true' || value === '1';
}

function readBlocks(value: unknown): readonly Json[] {
  if (!Array.isArray(value) || !value.every(isObject)) throw new SlackRefusal('invalid_blocks_format');
  const { errors, isTooLong } = checkBlocks(value);
  if (errors.length > 0) {
    const messages = errors.map((error) => `[ERROR] ${error}`);
    throw new SlackRefusal('invalid_blocks', { errors, response_metadata: { messages } });
  }
  if (isTooLong) throw new SlackRefusal('msg_blocks_too_long');
  return value;
}

function readMetadata(metadata: unknown): Json | undefined {
  if (metadata === undefined) return undefined;
  if (!isObject(metadata)) throw new SlackRefusal('invalid_metadata_format');
  const isEmpty = Object.keys(metadata).length === 0; // removes what an updated message has
  const isWhole = typeof metadata['event_type'] === 'string' && isObject(metadata['event_payload']);
  if (!isEmpty && !isWhole) throw new SlackRefusal('invalid_metadata_format');
  return metadata;
}
