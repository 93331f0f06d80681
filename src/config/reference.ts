// The reference pages and the JSON Schemas in docs/, rendered from the definitions. A test compares the files with this;
// test/support/generate-references.ts writes them.
import { fieldTable } from './field-table.ts';
import type { JsonSchema } from './json-schema.ts';
import { publishedSchema } from './json-schema.ts';
import {
  configurationExample,
  configurationIntro,
  labelTable,
  ruleExample,
  rulesIntro,
  rulesOutro,
} from './reference-texts.ts';
import { renderJson } from './render-json.ts';
import { ruleJsonSchema } from './rule-schema.ts';
import { settingsJsonSchema } from './settings.ts';

/** Text of each generated file, by its path from the project's folder. */
export function renderReferences(): Readonly<Record<string, string>> {
  return {
    'docs/configuration.md': renderConfiguration(),
    'docs/configuration.schema.json': renderJson(
      publishedSchema(settingsJsonSchema, { title: 'Configuration of flagwatch' }),
    ),
    'docs/rules.md': renderRules(),
    'docs/rules.schema.json': renderJson(publishedSchema(ruleJsonSchema, { title: 'Alert rules of flagwatch' })),
  };
}

const generated = '<!-- Generated from src/config. Change it there, then run test/support/generate-references.ts. -->';

function renderConfiguration(): string {
  const entries = Object.entries(settingsJsonSchema.properties ?? {});
  const isSection = (schema: JsonSchema) => schema.properties !== undefined;
  const top = entries.filter(([, schema]) => !isSection(schema));
  const sections = entries
    .filter(([, schema]) => isSection(schema))
    .map(([name, schema]) => `## \`${name}\`\n\n${schema.description ?? ''}\n\n${fieldTable(schema)}`);
  return [
    '# Configuration',
    generated,
    configurationIntro,
    fence('yaml', configurationExample),
    '## At the top of the file',
    fieldTable({ properties: Object.fromEntries(top) }),
    ...sections,
  ]
    .join('\n\n')
    .concat('\n');
}

function renderRules(): string {
  const { defaults, groups } = ruleJsonSchema.properties ?? {};
  const group = groups?.items;
  const rule = group?.properties?.['rules']?.items;
  return [
    '# Rules',
    generated,
    rulesIntro,
    fence('yaml', ruleExample),
    '## The file',
    fieldTable({
      properties: {
        groups: { ...groups, items: { type: 'object' } },
        'groups[].name': group?.properties?.['name'] ?? {},
        'groups[].rules': { ...group?.properties?.['rules'], items: { type: 'object' } },
        defaults: { ...defaults, properties: {} },
      },
      required: ['groups', 'groups[].name', 'groups[].rules'],
    }),
    '## A rule',
    fieldTable(rule ?? {}),
    '## Labels',
    labelTable(),
    rulesOutro,
  ]
    .join('\n\n')
    .concat('\n');
}

function fence(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trim()}\n\`\`\``;
}
