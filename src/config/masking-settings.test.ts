// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts with ${NAME} are what is tested
import { describe, expect, it } from 'vitest';
import { maskDefaults } from '#core/mask/mask-settings.ts';
import { createMasker } from '#core/mask/masker.ts';
import { defaultSettings, loadSettings } from './load-settings.ts';

const environment = { SALT: 'sixteen-characters', SHORT: 'salt' };
const load = (text: string) => loadSettings(text, 'f.yaml', environment);

function findingsOf(text: string): readonly string[] {
  const loaded = load(text);
  if (loaded.kind === 'ok') return [];
  return loaded.findings.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

describe('masking', () => {
  it('is on, with everything, where the file says nothing', () => {
    expect(defaultSettings().masking).toEqual(maskDefaults);
  });

  it('makes a masker of what the file says', () => {
    const loaded = load(
      'masking: { query: names, default_patterns: [card], patterns: [{ name: employee, pattern: "EMP-[0-9]+", replacement: "(staff)" }], addresses: hash, address_salt: "${SALT}" }',
    );
    if (loaded.kind !== 'ok') throw new Error(JSON.stringify(loaded.findings));
    const masker = createMasker(loaded.settings.masking);
    expect(masker.maskPath('/a/EMP-7/kim@bank.co.kr?b=1')).toBe('/a/(staff)/kim@bank.co.kr?b=[masked]');
    expect(masker.maskText('10.0.0.1')).toMatch(/^addr-/);
  });

  it.each([
    [
      'masking: { patterns: [{ name: a, pattern: "(x" }] }',
      '1:43 pattern ("(x") is no pattern: "(" without ")" at character 3',
    ],
    [
      'masking:\n  patterns:\n    - { name: a, pattern: "x*" }',
      '3:27 pattern ("x*") is no pattern: the pattern matches the empty text, which is everywhere, at character 1',
    ],
    ['masking: { patterns: [{ name: card, pattern: x }] }', '1:31 name (card) is the name of another pattern'],
    ['masking: { patterns: [{ name: a, pattern: x }, { name: a, pattern: y }] }', 'is the name of another pattern'],
    ['masking: { patterns: [{ name: A, pattern: x }] }', 'has not the right form'],
    ['masking: { addresses: hash }', '1:23 addresses (hash) needs address_salt'],
    ['masking: { addresses: hash, address_salt: "${SHORT}" }', 'must have at least 16 characters'],
    ['masking: { address_salt: 0123456789abcdef }', 'a secret stands in the file'],
    ['masking: { query: drop }', 'is not known here'],
    ['masking: { default_patterns: [iban, phone] }', 'is not known here'],
  ])('finds what is wrong with %s', (text, message) => {
    expect(findingsOf(text).join('\n')).toContain(message);
    expect(findingsOf(text).join('\n')).not.toMatch(/0123456789abcdef/);
  });
});
