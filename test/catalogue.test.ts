// Catalogue, reference page and code say the same, both ways: every flag and fault is on its page, nothing else is, and no rule,
// reading or sentence of the code names one that the catalogue does not know.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { faultParties, faults, parties } from '#core/classify/classification.ts';
import { faultCatalogue } from '#core/classify/fault-catalogue.ts';
import { partyNames } from '#core/classify/render-flag.ts';
import { languages } from '#core/classify/response-flag.ts';
import { responseFlags } from '#core/classify/response-flags.ts';

const root = join(import.meta.dirname, '..');
const pages = {
  flags: readFileSync(join(root, 'docs/flags.md'), 'utf8'),
  faults: readFileSync(join(root, 'docs/faults.md'), 'utf8'),
};

/** The text below each `## NAME`. */
function sections(page: string): ReadonlyMap<string, string> {
  const parts = page.split(/^## /m).slice(1);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf('\n')), part]));
}

function linkedNames(page: string): readonly string[] {
  return [...page.matchAll(/^\| \[`([^`]+)`\]\(#([^)]+)\)/gm)].map(([, name = '', anchor]) => {
    expect(anchor).toBe(name.toLowerCase());
    return name;
  });
}

const unescaped = (text: string) => text.replace(/\\([*_<>])/g, '$1');

describe('the page of flags', () => {
  const shortNames = responseFlags.map(({ shortName }) => shortName);

  it('has a row and a section for each flag of the catalogue, and none else', () => {
    expect(linkedNames(pages.flags)).toEqual(shortNames);
    expect([...sections(pages.flags).keys()]).toEqual(shortNames);
  });

  it.each(responseFlags.map((flag) => [flag.shortName, flag] as const))('tells all of %s', (name, flag) => {
    const section = unescaped(sections(pages.flags).get(name) ?? '');
    expect(section).toContain(`\`${flag.longName}\``);
    for (const language of languages) {
      for (const text of [flag.meaning, partyNames[flag.party], ...flag.causes, ...flag.checks]) {
        expect(section).toContain(text[language]);
      }
    }
    for (const { command } of flag.checks) expect(section).toContain(`\`${command}\``);
  });
});

describe('the page of faults', () => {
  it('has a row and a section for each fault of the code, and none else', () => {
    expect(linkedNames(pages.faults)).toEqual([...faults]);
    expect([...sections(pages.faults).keys()]).toEqual([...faults]);
  });

  it('names every party, with the faults that are its own', () => {
    const named = [...pages.faults.matchAll(/^\| `([a-z]+)` \|/gm)].map(([, party]) => party);
    expect(named).toEqual([...parties]);
    const rows = [...pages.faults.matchAll(/^\| \[`([^`]+)`\].*\| ([a-z]+) \|$/gm)];
    expect(Object.fromEntries(rows.map(([, fault = '', party]) => [fault, party]))).toEqual(faultParties);
  });

  it.each(faultCatalogue.map((entry) => [entry.name, entry] as const))('tells all of %s', (name, entry) => {
    const section = unescaped(sections(pages.faults).get(name) ?? '');
    for (const language of languages) {
      const party = partyNames[faultParties[entry.name]];
      for (const text of [entry.title, entry.shows, party, ...entry.causes, ...entry.checks]) {
        expect(section).toContain(text[language]);
      }
    }
    for (const { command } of entry.checks) expect(section).toContain(`\`${command}\``);
  });
});

describe('the code', () => {
  const sources = readdirSync(join(root, 'src/core'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .map((entry) => ({ name: entry.name, text: readFileSync(join(entry.parentPath, entry.name), 'utf8') }));
  const readings = sources.filter(({ name }) => name.startsWith('read-'));

  it('reads flags and faults that the catalogue knows', () => {
    const known: ReadonlySet<string> = new Set(responseFlags.map(({ shortName }) => shortName));
    const flags = readings.flatMap(({ text }) => [...text.matchAll(/'([A-Z]{2,5})'/g)].map(([, flag = '']) => flag));
    expect(flags.length).toBeGreaterThan(20);
    expect(flags.filter((flag) => !known.has(flag))).toEqual([]);
    const named = readings.flatMap(({ text }) =>
      [...text.matchAll(/\b(?:certain|likely|ambiguous)\('([a-z_]+)'\)/g)].map(([, fault = '']) => fault),
    );
    expect(named.length).toBeGreaterThan(20);
    const knownFaults: ReadonlySet<string> = new Set(faults);
    expect(named.filter((fault) => !knownFaults.has(fault))).toEqual([]);
  });

  it('has a use for each fault of the catalogue', () => {
    const unused = faults.filter((fault) => {
      const use = new RegExp(`'${fault}'`);
      return !sources.some(({ name, text }) => !/^(?:fault-catalogue|classification)/.test(name) && use.test(text));
    });
    expect(unused).toEqual([]);
  });
});
