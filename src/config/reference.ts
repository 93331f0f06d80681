// The reference pages and the JSON Schemas in docs/, rendered from the definitions. A test compares the files with this;
// test/support/generate-references.ts writes them.
import type { ConditionKind } from '#core/detect/condition.ts';
import { conditionKinds } from '#core/detect/condition.ts';
import { renderApiDescription } from './api-description.ts';
import { conditionTexts } from './condition-examples.ts';
import { fieldTable } from './field-table.ts';
import type { JsonSchema } from './json-schema.ts';
import { publishedSchema } from './json-schema.ts';
import {
  configurationExample,
  configurationIntro,
  findingTable,
  labelTable,
  ruleExample,
  rulesConditions,
  rulesFindings,
  rulesIntro,
  rulesOutro,
  variableTable,
} from './reference-texts.ts';
import { renderJson } from './render-json.ts';
import { ruleJsonSchema } from './rule-schema.ts';
import { renderRuleTestReference } from './rule-test-reference.ts';
import { ruleTestJsonSchema } from './rule-test-schema.ts';
import { settingsJsonSchema } from './settings.ts';

/** Text of each generated file, by its path from the project's folder. */
export function renderReferences(): Readonly<Record<string, string>> {
  return {
    'docs/configuration.md': renderConfiguration(),
    'docs/configuration.schema.json': renderJson(
      publishedSchema(settingsJsonSchema, { title: 'Configuration of flagwatch' }),
    ),
    'docs/openapi.yaml': renderApiDescription(),
    'docs/rules.md': renderRules(),
    'docs/rule-tests.md': renderRuleTestReference(generated),
    'docs/rule-tests.schema.json': renderJson(
      publishedSchema(ruleTestJsonSchema, { title: 'Tests of alert rules of flagwatch' }),
    ),
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
    fieldTable(withoutSettings(rule ?? {})),
    rulesConditions,
    ...conditionKinds.map((kind) => renderCondition(kind, rule?.properties?.[kind] ?? {})),
    '## Labels',
    labelTable(),
    rulesOutro,
    variableTable(),
    rulesFindings,
    findingTable(),
  ]
    .join('\n\n')
    .concat('\n');
}

/** The fields of a rule; its conditions have tables of their own. */
function withoutSettings(rule: JsonSchema): JsonSchema {
  const isCondition = (name: string) => conditionKinds.some((kind) => kind === name);
  const entries = Object.entries(rule.properties ?? {}).map(([name, schema]) => {
    return [name, isCondition(name) ? { ...schema, properties: {} } : schema] as const;
  });
  return { ...rule, properties: Object.fromEntries(entries) };
}

function renderCondition(kind: ConditionKind, schema: JsonSchema): string {
  const { text, example } = conditionTexts[kind];
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => [`${kind}.${name}`, field] as const);
  const table = fieldTable({ properties: Object.fromEntries(fields) });
  return [`### \`${kind}\``, schema.description ?? '', text, fence('yaml', example), table].join('\n\n');
}

function fence(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trim()}\n\`\`\``;
}
