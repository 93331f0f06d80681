// What Slack refuses in the blocks of a message. Messages and pointers are worded as Slack words them.
// Sources: the Block Kit reference for the limits of each block; slackapi/bolt-js#2509 and #2867 for the sum.

const maxBlocks = 50;
const maxBlockId = 255;
const maxTotal = 13_200;
// Undocumented, so by measurement: a header or divider takes some 130 characters of the sum besides its text. The other
// kinds take between 43 and 74 (50 blocks with 9,597 characters were accepted, 45 with 11,341 were not).
const headerCost = 130;
const otherCost = 70;

/** An object out of a JSON text. */
export type Json = Readonly<Record<string, unknown>>;

/** Adds a complaint about the value that `pointer` names. */
type Complain = (problem: string, pointer: string) => void;

/** The findings for one message: complaints as Slack lists them, and what counts towards the sum of all blocks. */
export interface BlockFindings {
  readonly errors: readonly string[];
  readonly totalCharacters: number;
  readonly isTooLong: boolean;
}

const textLimits = { section: 3000, field: 2000, header: 150, context: 3000, button: 75 } as const;

const blockProperties: Readonly<Record<string, readonly string[]>> = {
  section: ['text', 'fields', 'accessory', 'expand'],
  header: ['text', 'level'],
  divider: [],
  context: ['elements'],
  actions: ['elements'],
  image: ['image_url', 'slack_file', 'alt_text', 'title'],
  markdown: ['text'],
  rich_text: ['elements'],
};

const interactiveTypes = new Set([
  'button',
  'checkboxes',
  'datepicker',
  'overflow',
  'radio_buttons',
  'static_select',
  'users_select',
  'workflow_button',
]);

/** Checks the `blocks` of a message, which must be an array of objects. */
export function checkBlocks(blocks: readonly Json[]): BlockFindings {
  const errors: string[] = [];
  const complain: Complain = (problem, pointer) => errors.push(`${problem} [json-pointer:/blocks${pointer}]`);
  atMost(blocks, maxBlocks, '', complain);
  const ids = new Set<unknown>();
  for (const [index, block] of blocks.entries()) {
    const id = block['block_id'];
    if (id !== undefined && ids.has(id)) complain(`block_id "${id}" is used more than once`, `/${index}/block_id`);
    ids.add(id);
    checkBlock(block, `/${index}`, complain);
  }
  const totalCharacters = blocks.reduce((sum, block) => sum + countText(block) + overhead(block), 0);
  return { errors, totalCharacters, isTooLong: totalCharacters > maxTotal };
}

/** Whether a value is an object, and neither an array nor null. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function overhead(block: Json): number {
  return block['type'] === 'header' || block['type'] === 'divider' ? headerCost : otherCost;
}

function countText(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + countText(item), 0);
  if (!isObject(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [key, item]) => sum + (key === 'text' && typeof item === 'string' ? item.length : countText(item)),
    0,
  );
}

function checkBlock(block: Json, at: string, complain: Complain): void {
  const type = String(block['type']);
  const properties = blockProperties[type];
  if (properties === undefined) {
    complain(`unsupported type: ${type}`, at);
    return;
  }
  onlyProperties(block, ['type', 'block_id', ...properties], at, complain);
  checkString(block['block_id'], maxBlockId, `${at}/block_id`, complain);
  if (type === 'section') checkSection(block, at, complain);
  if (type === 'header') checkText(block['text'], { max: textLimits.header, plain: true }, `${at}/text`, complain);
  if (type === 'context') checkContext(block['elements'], `${at}/elements`, complain);
  if (type === 'actions') checkActions(block['elements'], `${at}/elements`, complain);
  if (type === 'image') checkImage(block, at, complain);
  if (type === 'markdown') checkString(block['text'], 12_000, `${at}/text`, complain);
  if (type === 'rich_text' && !Array.isArray(block['elements'])) complain('missing required field: elements', at);
}

function checkSection(block: Json, at: string, complain: Complain): void {
  const { text, fields, accessory } = block;
  if (text === undefined && fields === undefined) complain('missing required field: text', at);
  if (text !== undefined) checkText(text, { max: textLimits.section }, `${at}/text`, complain);
  for (const [index, field] of items(fields, 10, `${at}/fields`, complain).entries()) {
    checkText(field, { max: textLimits.field }, `${at}/fields/${index}`, complain);
  }
  if (accessory !== undefined) checkElement(accessory, ['image'], `${at}/accessory`, complain);
}

function checkContext(elements: unknown, at: string, complain: Complain): void {
  if (elements === undefined) complain('missing required field: elements', at);
  for (const [index, element] of items(elements, 10, at, complain).entries()) {
    if (isObject(element) && element['type'] === 'image') checkImage(element, `${at}/${index}`, complain);
    else checkText(element, { max: textLimits.context }, `${at}/${index}`, complain);
  }
}

function checkActions(elements: unknown, at: string, complain: Complain): void {
  if (elements === undefined) complain('missing required field: elements', at);
  for (const [index, element] of items(elements, 25, at, complain).entries()) {
    checkElement(element, [], `${at}/${index}`, complain);
  }
}

function checkElement(element: unknown, alsoAllowed: readonly string[], at: string, complain: Complain): void {
  const type = isObject(element) ? String(element['type']) : 'none';
  if (!isObject(element) || !(interactiveTypes.has(type) || alsoAllowed.includes(type))) {
    complain(`unsupported type: ${type}`, at);
    return;
  }
  checkString(element['action_id'], 255, `${at}/action_id`, complain);
  if (type === 'image') checkImage(element, at, complain);
  if (type === 'button') checkButton(element, at, complain);
}

function checkButton(element: Json, at: string, complain: Complain): void {
  const properties = ['type', 'text', 'action_id', 'url', 'value', 'style', 'confirm', 'accessibility_label'];
  onlyProperties(element, properties, at, complain);
  checkText(element['text'], { max: textLimits.button, plain: true }, `${at}/text`, complain);
  checkString(element['value'], 2000, `${at}/value`, complain);
  checkString(element['url'], 3000, `${at}/url`, complain);
  const style = element['style'];
  if (style !== undefined && style !== 'primary' && style !== 'danger') {
    complain('must be a valid enum value', `${at}/style`);
  }
}

function checkImage(image: Json, at: string, complain: Complain): void {
  if (image['image_url'] === undefined && image['slack_file'] === undefined) {
    complain('missing required field: image_url', at);
  }
  if (image['alt_text'] === undefined) complain('missing required field: alt_text', at);
  checkString(image['image_url'], 3000, `${at}/image_url`, complain);
  checkString(image['alt_text'], 2000, `${at}/alt_text`, complain);
}

function checkText(
  text: unknown,
  limit: { readonly max: number; readonly plain?: boolean },
  at: string,
  complain: Complain,
): void {
  const isPlain = isObject(text) && text['type'] === 'plain_text';
  const isAllowed = isObject(text) && (isPlain || (text['type'] === 'mrkdwn' && limit.plain !== true));
  if (!isAllowed) {
    complain(isObject(text) ? `unsupported type: ${text['type']}` : 'must provide an object', at);
    return;
  }
  onlyProperties(text, ['type', 'text', isPlain ? 'emoji' : 'verbatim'], at, complain);
  if (text['text'] === undefined) complain('missing required field: text', at);
  if (text['text'] === '') complain('must be more than 0 characters', `${at}/text`);
  checkString(text['text'], limit.max, `${at}/text`, complain);
}

function checkString(value: unknown, max: number, at: string, complain: Complain): void {
  if (value === undefined) return;
  if (typeof value !== 'string') complain('must provide a string', at);
  else if (value.length > max) complain(`must be less than ${max + 1} characters`, at);
}

function onlyProperties(value: Json, allowed: readonly string[], at: string, complain: Complain): void {
  for (const key of Object.keys(value)) {
    if (!allowed.includes(key)) complain(`invalid additional property: ${key}`, at);
  }
}

function items(value: unknown, max: number, at: string, complain: Complain): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    complain('must provide an array', at);
    return [];
  }
  if (value.length === 0) complain('must have at least 1 item', at);
  atMost(value, max, at, complain);
  return value;
}

function atMost(value: readonly unknown[], max: number, at: string, complain: Complain): void {
  if (value.length > max) complain(`no more than ${max} items allowed`, at);
}
