// The limits of Block Kit, each at its edge: the largest that Slack takes, and one more.
import { describe, expect, it } from 'vitest';
import { checkBlocks, type Json } from './blocks.ts';

const plain = (length: number): Json => ({ type: 'plain_text', text: 'x'.repeat(length) });
const mrkdwn = (length: number): Json => ({ type: 'mrkdwn', text: 'x'.repeat(length) });
const button = (overrides: Json = {}): Json => ({ type: 'button', text: plain(5), action_id: 'ack', ...overrides });
const times = <Item>(count: number, item: Item): Item[] => Array.from({ length: count }, () => item);
const section = (overrides: Json = {}): Json => ({ type: 'section', text: mrkdwn(5), ...overrides });

describe('a limit', () => {
  it.each<[string, (size: number) => Json, number, string]>([
    ['section text', (size) => section({ text: mrkdwn(size) }), 3000, '/0/text/text'],
    ['section fields', (size) => section({ fields: times(size, mrkdwn(1)) }), 10, '/0/fields'],
    ['field text', (size) => section({ fields: [mrkdwn(size)] }), 2000, '/0/fields/0/text'],
    ['header text', (size) => ({ type: 'header', text: plain(size) }), 150, '/0/text/text'],
    ['context elements', (size) => ({ type: 'context', elements: times(size, mrkdwn(1)) }), 10, '/0/elements'],
    ['actions elements', (size) => ({ type: 'actions', elements: times(size, button()) }), 25, '/0/elements'],
    [
      'button text',
      (size) => ({ type: 'actions', elements: [button({ text: plain(size) })] }),
      75,
      '/0/elements/0/text',
    ],
    ['button value', (size) => ({ type: 'actions', elements: [button({ value: 'x'.repeat(size) })] }), 2000, '/value'],
    ['block_id', (size) => section({ block_id: 'x'.repeat(size) }), 255, '/0/block_id'],
  ])('of the %s holds at its edge', (_name, make, max, pointer) => {
    expect(checkBlocks([make(max)]).errors).toEqual([]);
    const [error, ...others] = checkBlocks([make(max + 1)]).errors;
    expect(error).toContain(pointer);
    expect(others).toEqual([]);
  });

  it('of the number of blocks holds at its edge', () => {
    const divider = { type: 'divider' };
    expect(checkBlocks(times(50, divider)).errors).toEqual([]);
    expect(checkBlocks(times(51, divider)).errors).toEqual(['no more than 50 items allowed [json-pointer:/blocks]']);
  });
});

describe('a mistake', () => {
  it.each<[string, Json, string]>([
    ['mrkdwn in a header', { type: 'header', text: mrkdwn(3) }, 'unsupported type: mrkdwn'],
    ['mrkdwn on a button', { type: 'actions', elements: [button({ text: mrkdwn(3) })] }, 'unsupported type: mrkdwn'],
    ['a bare string for a text', section({ text: 'oops' }), 'must provide an object'],
    ['an empty text', section({ text: mrkdwn(0) }), 'must be more than 0 characters'],
    ['an empty section', { type: 'section' }, 'missing required field: text'],
    ['an unknown block', { type: 'sectoin' }, 'unsupported type: sectoin'],
    ['an unknown property', section({ colour: 'red' }), 'invalid additional property: colour'],
    ['emoji on mrkdwn', section({ text: { ...mrkdwn(3), emoji: true } }), 'invalid additional property: emoji'],
    ['an unknown style', { type: 'actions', elements: [button({ style: 'warning' })] }, 'must be a valid enum value'],
    ['no elements', { type: 'context' }, 'missing required field: elements'],
    ['an image without alt_text', { type: 'image', image_url: 'a' }, 'missing required field: alt_text'],
  ])('is refused: %s', (_name, block, error) => {
    expect(checkBlocks([block]).errors.join()).toContain(error);
  });

  it('is refused: a block_id that is used twice', () => {
    const blocks = [section({ block_id: 'same' }), section({ block_id: 'same' })];
    expect(checkBlocks(blocks).errors.join()).toContain('used more than once');
  });
});

describe('the sum of all blocks', () => {
  // The measurements of slackapi/bolt-js#2867, spread evenly over sections.
  it.each([
    { text: 4649, blocks: 28, isTooLong: false },
    { text: 6020, blocks: 33, isTooLong: false },
    { text: 9597, blocks: 50, isTooLong: false },
    { text: 11_341, blocks: 45, isTooLong: true },
  ])('of $text characters in $blocks blocks: too long is $isTooLong', ({ text, blocks, isTooLong }) => {
    const each = Math.floor(text / blocks);
    expect(checkBlocks(times(blocks, section({ text: mrkdwn(each) }))).isTooLong).toBe(isTooLong);
  });

  it('takes fields, elements and buttons into account, and nothing that is not shown', () => {
    const blocks = [
      section({ fields: [mrkdwn(100)] }),
      { type: 'actions', elements: [button({ value: 'long'.repeat(99) })] },
    ];
    expect(checkBlocks(blocks).totalCharacters).toBe(70 + 5 + 100 + 70 + 5);
  });
});
