import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSilence, encodeSilence } from '#core/notify/silence-wire.ts';
import { toLine } from './silence-command.ts';
import { type SilenceRequest, toSilence } from './silence-request.ts';

const nowMs = Date.UTC(2026, 7, 3, 0, 0, 0);
const request: SilenceRequest = { matchers: ['alertname = UC'], for: '2h', author: 'mina', reason: 'load test' };
const problem = (changes: Partial<Record<keyof SilenceRequest, string | readonly string[] | undefined>>) => {
  const made = toSilence({ ...request, ...changes } as SilenceRequest, 's1', nowMs);
  return 'problem' in made ? made.problem : null;
};

describe('silence add', () => {
  it('makes a silence of its arguments', () => {
    expect(toSilence(request, 's1', nowMs)).toEqual({
      id: 's1',
      matchers: [{ label: 'alertname', operator: '=', value: 'UC' }],
      fromMs: nowMs,
      untilMs: nowMs + 7_200_000,
      author: 'mina',
      reason: 'load test',
    });
    const { for: _for, ...rest } = request;
    const times = { from: '2026-08-03T10:00:00+09:00', until: '2026-08-03T03:00Z' };
    expect(toSilence({ ...rest, ...times }, 's1', nowMs)).toMatchObject({
      fromMs: nowMs + 3_600_000,
      untilMs: nowMs + 3 * 3_600_000,
    });
  });

  it.each([
    [{ matchers: [] }, 'say what'],
    [{ matchers: ['alertname'] }, 'is no matcher'],
    [{ matchers: ['a =~ "("'] }, 'regular expression'],
    [{ matchers: ['a = ""'] }, 'nearly everything'],
    [{ matchers: ['a =~ ".*"', 'b != c'] }, 'nearly everything'],
    [{ for: undefined }, 'say how long'],
    [{ until: '2026-08-03T03:00Z' }, 'say how long'],
    [{ for: 'soon' }, 'no duration'],
    [{ for: '0' }, 'over before it begins'],
    [{ for: '60w' }, 'longer than a year'],
    [{ from: 'noon' }, 'no time'],
    [{ for: undefined, until: '2026-08-03 03:00' }, 'no time'],
    [{ author: ' ' }, '--author'],
    [{ reason: undefined }, '--reason'],
  ])('says what is wrong with %j', (changes, said) => {
    expect(problem(changes)).toContain(said);
  });

  it('makes nothing that cannot be read again', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 3 }), fc.string(), fc.string(), (matchers, author, reason) => {
        const made = toSilence({ ...request, matchers: [...matchers, 'a = b'], author, reason }, 's1', nowMs);
        if (!('problem' in made)) {
          expect(decodeSilence(Buffer.from(encodeSilence(made)))).toEqual({ kind: 'ok', value: made });
        }
      }),
    );
  });
});

describe('silence list', () => {
  it('shows one a line, nothing in it moves the cursor', () => {
    const made = toSilence({ ...request, reason: 'load\u001b[2J test' }, 's1', nowMs);
    if ('problem' in made) throw new Error(made.problem);
    expect(toLine(made, nowMs + 60_000)).toBe(
      's1  active  2026-08-03T00:00:00.000Z - 2026-08-03T02:00:00.000Z (1h59m left)  mina  {alertname="UC"}  load␛[2J test',
    );
  });
});
