// What notifies people in Slack, and what only looks like it.
import { expect, it } from 'vitest';
import { findPings } from './pings.ts';

const inText = (text: string, linksNames = false): string[] =>
  findPings({ text, blocks: undefined, linksNames }).map((ping) => ping.mention);

it.each(['<!channel>', '<!here>', '<!everyone>', '<!here|here>', '<@U123ABC>', '<@W1|ann>', '<!subteam^S0123>'])(
  'finds %s',
  (mention) => expect(inText(`GET /a${mention}b`)).toEqual([mention]),
);

it.each(['&lt;!channel&gt;', '<https://example.com|see>', '<#C123>', '@channel', 'a <b> & c', '<!date^1^{date}|x>'])(
  'lets %s pass',
  (text) => expect(inText(text)).toEqual([]),
);

it('finds bare names only where names are linked', () => {
  expect(inText('@here now', true)).toEqual(['@here']);
  expect(inText('mail ops@here.example', true)).toEqual([]);
});

it('says where in the blocks, and takes plain text literally', () => {
  const blocks = [
    { type: 'header', text: { type: 'plain_text', text: '<!channel>' } },
    { type: 'context', elements: [{ type: 'mrkdwn', text: 'by <@U1>' }] },
    { type: 'rich_text', elements: [{ type: 'broadcast', range: 'here' }] },
  ];
  expect(findPings({ text: 'x', blocks, linksNames: false })).toEqual([
    { mention: '<@U1>', where: '/blocks/1/elements/0/text' },
    { mention: '<!here>', where: '/blocks/2/elements/0' },
  ]);
});
