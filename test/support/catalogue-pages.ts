// The reference pages of flags and faults, made from the same catalogues as `explain`: English, and the Korean under it.
import { faultParties } from '#core/classify/classification.ts';
import { faultCatalogue } from '#core/classify/fault-catalogue.ts';
import type { FaultEntry } from '#core/classify/fault-catalogue-entry.ts';
import { headings, partyNames } from '#core/classify/render-flag.ts';
import type { Language, LocalizedText, ResponseFlag } from '#core/classify/response-flag.ts';
import { languages } from '#core/classify/response-flag.ts';
import { responseFlags } from '#core/classify/response-flags.ts';

/** Text of each page, by its path from the project's folder. */
export function renderCataloguePages(): Readonly<Record<string, string>> {
  return { 'docs/flags.md': renderFlagsPage(), 'docs/faults.md': renderFaultsPage() };
}

const generated = '<!-- Generated from src/core/classify. Change it there, then run npm run references. -->';
const commandNote =
  'Words in capitals in a command (POD, NAMESPACE, SERVICE …) are to be replaced. 명령의 대문자 단어(POD, NAMESPACE, SERVICE 등)는 실제 값으로 바꿔 실행합니다.';

function renderFlagsPage(): string {
  const rows = responseFlags.map(
    ({ shortName, longName, party, marksFailure }) =>
      `| [\`${shortName}\`](#${shortName.toLowerCase()}) | \`${longName}\` | ${party} | ${marksFailure ? 'yes' : 'no'} |`,
  );
  return page([
    '# Response flags',
    generated,
    `The ${responseFlags.length} flags of Envoy 1.40, as \`flagwatch explain FLAG\` (\`--language ko\`) tells them. A line has a set of them, joined by commas; extensions and newer releases of Envoy add flags of their own, which are kept and counted, too. One flag alone can mislead: what a request’s lines say together is its [fault](faults.md).`,
    ['| flag | long name | who usually acts | a failure by itself |', '| --- | --- | --- | --- |', ...rows].join('\n'),
    commandNote,
    ...responseFlags.map(renderFlagEntry),
  ]);
}

function renderFlagEntry(flag: ResponseFlag): string {
  return page([
    `## ${flag.shortName}`,
    `\`${flag.longName}\``,
    ...languages.map((language) => {
      const failure = headings[flag.marksFailure ? 'yes' : 'no'][language];
      return renderLanguage(flag, language, [
        fact('meaning', flag.meaning, language),
        fact('party', partyNames[flag.party], language),
        `**${headings.failure[language]}**: ${failure}`,
      ]);
    }),
  ]).trimEnd();
}

function renderFaultsPage(): string {
  const rows = faultCatalogue.map(
    ({ name, title }) => `| [\`${name}\`](#${name}) | ${title.en} | ${title.ko} | ${faultParties[name]} |`,
  );
  return page([
    '# Faults',
    generated,
    'What flagwatch calls the failure of a request, once the lines of both sides and of all hops are read together, and who has to act: as `flagwatch explain FAULT` (`--language ko`) tells it. `flagwatch classify` gives a first reading from one line alone; `flagwatch correlate` settles it. The flags themselves are in [flags.md](flags.md).',
    ['| party | who that is | 조치 주체 |', '| --- | --- | --- |', ...partyRows()].join('\n'),
    ['| fault | | | party |', '| --- | --- | --- | --- |', ...rows].join('\n'),
    commandNote,
    ...faultCatalogue.map(renderFaultEntry),
  ]);
}

function partyRows(): readonly string[] {
  return Object.entries(partyNames).map(([party, name]) => `| \`${party}\` | ${name.en} | ${name.ko} |`);
}

function renderFaultEntry(entry: FaultEntry): string {
  return page([
    `## ${entry.name}`,
    ...languages.map((language) =>
      renderLanguage(entry, language, [
        `**${entry.title[language]}**`,
        fact('shows', entry.shows, language),
        fact('party', partyNames[faultParties[entry.name]], language),
      ]),
    ),
  ]).trimEnd();
}

function renderLanguage(
  { causes, checks }: Pick<ResponseFlag, 'causes' | 'checks'>,
  language: Language,
  facts: readonly string[],
): string {
  return [
    facts.join('  \n'),
    '',
    `${headings.causes[language]}:`,
    ...causes.map((cause) => `- ${escapeMarkdown(cause[language])}`),
    '',
    `${headings.checks[language]}:`,
    ...checks.map((check, i) => `${i + 1}. ${escapeMarkdown(check[language])}<br>\`${check.command}\``),
  ].join('\n');
}

function fact(heading: keyof typeof headings, text: LocalizedText, language: Language): string {
  return `**${headings[heading][language]}**: ${escapeMarkdown(text[language])}`;
}

// Names like connection_timeout and x-envoy-* would else begin an emphasis.
function escapeMarkdown(text: string): string {
  return text.replace(/[*_<>]/g, (character) => `\\${character}`);
}

function page(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}
