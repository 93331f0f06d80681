import { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultCatalogue, renderFault } from '#core/classify/fault-catalogue.ts';
import { renderFlag } from '#core/classify/render-flag.ts';
import type { Language } from '#core/classify/response-flag.ts';
import { languages } from '#core/classify/response-flag.ts';
import { responseFlags } from '#core/classify/response-flags.ts';
import { runExplain } from './explain-command.ts';

class Collected extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

async function explain(name: string, language: Language = 'en') {
  const stdout = new Collected();
  const stderr = new Collected();
  const status = await runExplain({ name, language, stdout, stderr });
  return { status, output: stdout.text, errors: stderr.text };
}

describe('runExplain', () => {
  it.each(languages)('explains each flag by both names, and each fault, in %s', async (language) => {
    for (const { shortName, longName } of responseFlags) {
      const expected = { status: 0, output: `${renderFlag(shortName, language)}\n`, errors: '' };
      expect(await explain(shortName, language)).toEqual(expected);
      expect(await explain(longName, language)).toEqual(expected);
    }
    for (const entry of faultCatalogue) {
      const expected = { status: 0, output: `${renderFault(entry, language)}\n`, errors: '' };
      expect(await explain(entry.name, language)).toEqual(expected);
    }
  });

  it.each([
    ['uc', 'UC'],
    ['upstreamconnectiontermination', 'UC'],
    [' UH ', 'UH'],
  ])('takes %s for %s', async (name, flag) => {
    expect((await explain(name)).output).toBe(`${renderFlag(flag, 'en')}\n`);
  });

  it('takes a fault in any case', async () => {
    expect((await explain('APP_DOWN')).output).toMatch(/^app_down: /);
  });

  it('explains a whole set of flags', async () => {
    expect(await explain('URX,UF')).toEqual({
      status: 0,
      output: `${renderFlag('URX', 'en')}\n\n${renderFlag('UF', 'en')}\n`,
      errors: '',
    });
  });

  it('explains what it knows of a set, and names the rest', async () => {
    const { status, output, errors } = await explain('UF,XYZZY');
    expect({ status, output }).toEqual({ status: 2, output: `${renderFlag('UF', 'en')}\n` });
    expect(errors).toContain('“XYZZY” is neither');
  });

  it.each([
    ['timeot', 'timeout'],
    ['app-down', 'app_down'],
    ['NoHealthyUpstreams', 'NoHealthyUpstream'],
    ['UCC', 'UC'],
  ])('offers the nearest names for %s', async (name, nearest) => {
    const { status, output, errors } = await explain(name);
    expect({ status, output }).toEqual({ status: 2, output: '' });
    expect(errors).toContain(`did you mean ${nearest}`);
  });

  it('lists all names where none is near', async () => {
    const { errors } = await explain('something else');
    for (const { shortName } of responseFlags) expect(errors).toMatch(new RegExp(`\\b${shortName}\\b`));
    for (const { name } of faultCatalogue) expect(errors).toContain(` ${name}`);
  });

  it('shows any name harmless and bounded', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (text) => {
        const name = `~${text.replaceAll(',', '')}`;
        const { status, output, errors } = await explain(name);
        expect({ status, output }).toEqual({ status: 2, output: '' });
        expect(errors.length).toBeLessThan(700);
        expect(errors.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e]/u);
      }),
      { numRuns: 200 },
    );
  });
});
