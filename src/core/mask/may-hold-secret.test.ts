import fc from 'fast-check';
import { expect, it } from 'vitest';
import { goldenLines } from '../../../test/support/line-arbitraries.ts';
import * as secrets from '../../../test/support/secret-arbitraries.ts';
import { mayHoldSecret } from './may-hold-secret.ts';
import type { ScanRules } from './scan-text.ts';
import { scanThoroughly } from './scan-text.ts';

const rules: ScanRules = {
  ...{ token: true, card: true, account: true, iban: true, resident: true, email: true, forms: true },
  query: 'mask',
  isPath: false,
  renderAddress: null,
};

it('says yes wherever a scan finds something', () => {
  const word = fc.constantFrom(
    'password',
    'X-Api-Key',
    'pin',
    'sid_',
    'Bearer',
    'basic',
    'eyJ',
    'GB',
    '4111',
    '-',
    ':',
    ' ',
    '"',
    'é',
    '/',
    '1',
  );
  const filler = fc.string({ unit: 'binary-ascii', maxLength: 10 });
  const random = fc.base64String({ minLength: 30, maxLength: 60 }).map((text) => text.replaceAll(/[+/=]/g, ''));
  const text = fc.array(fc.oneof(word, filler, random, secrets.secret, secrets.identifier), { maxLength: 6 });
  fc.assert(
    fc.property(text, fc.boolean(), (parts, isPath) => {
      const whole = parts.join('');
      if (!mayHoldSecret(whole, isPath)) expect(scanThoroughly(whole, { ...rules, isPath })).toEqual([]);
    }),
    { numRuns: 2000 },
  );
});

it('says no to most texts of a recorded line (not to UUIDs and dates, whose groups of digits could be an account)', () => {
  const texts = goldenLines('istio-json').flatMap((line) =>
    Object.values(JSON.parse(line) as object).filter((value) => typeof value === 'string'),
  );
  const scanned = texts.filter((text) => mayHoldSecret(text, text.startsWith('/')));
  expect(scanned.length / texts.length).toBeLessThan(0.15);
});
