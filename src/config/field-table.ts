// A JSON Schema's fields as one Markdown table: key, type, default, meaning and the reason of the default.
import type { JsonSchema } from './json-schema.ts';

/** The table of all fields below `schema`, nested ones by their path: `clusters[].name`. */
export function fieldTable(schema: JsonSchema): string {
  const rows = fieldsOf(schema, '').map((field) => {
    const cells = [`\`${field.path}\``, typeText(field.schema), defaultText(field), meaningText(field.schema)];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| key | type | default | what it is, and why this default |', '| --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
}

interface Field {
  readonly path: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

function fieldsOf(schema: JsonSchema, prefix: string): readonly Field[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = `${prefix}${name}`;
    const inner = property.items?.properties === undefined ? property : property.items;
    const nested = fieldsOf(inner, inner === property ? `${path}.` : `${path}[].`);
    return [{ path, schema: property, required: required.has(name) }, ...nested];
  });
}

function typeText(schema: JsonSchema): string {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what people are to write
  if (schema.writeOnly === true) return 'secret: `${NAME}`';
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (isOneOrMore(schema)) return `${typeText(schema.anyOf?.[0] ?? {})}, or a list of them`;
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeText).join(' or ');
  if (schema.unit === 'duration') return `duration, ${schema.limits}`;
  if (schema.type === 'array') return `list of ${plural(typeText(schema.items ?? {}))}`;
  if (schema.type === 'object') return typeof schema.additionalProperties === 'object' ? 'map of texts' : 'map';
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.type === 'boolean') return '`true`, `false`';
  if (schema.type === 'string') return 'text';
  return numberText(schema);
}

/** A name of a closed list, or several: the list is shown once. */
function isOneOrMore({ anyOf }: JsonSchema): boolean {
  return anyOf?.length === 2 && anyOf[0]?.enum !== undefined && anyOf[1]?.items?.enum !== undefined;
}

function numberText({ type, unit, minimum, exclusiveMinimum, maximum, exclusiveMaximum }: JsonSchema): string {
  const kind = type === 'integer' ? (unit ?? 'whole number') : 'number';
  if (minimum !== undefined && maximum !== undefined) return `${kind}, ${minimum} to ${maximum}`;
  if (exclusiveMinimum !== undefined && exclusiveMaximum !== undefined) {
    return `${kind}, between ${exclusiveMinimum} and ${exclusiveMaximum}`;
  }
  if (exclusiveMinimum !== undefined) return `${kind}, above ${exclusiveMinimum}, at most ${maximum}`;
  return kind;
}

function plural(noun: string): string {
  return noun === 'text' || noun === 'map' ? `${noun}s` : noun;
}

function defaultText({ schema, required }: Field): string {
  if (schema.default === undefined || isSection(schema)) return required ? '**required**' : '';
  const text = typeof schema.default === 'string' ? schema.default : JSON.stringify(schema.default);
  const size = schema.unit === 'bytes' && typeof schema.default === 'number' ? renderMebibytes(schema.default) : '';
  return `\`${text}\`${size}`;
}

function isSection(schema: JsonSchema): boolean {
  return schema.properties !== undefined;
}

function renderMebibytes(bytes: number): string {
  return bytes % 1_048_576 === 0 ? ` (${bytes / 1_048_576} MiB)` : '';
}

function meaningText({ description, reason, examples }: JsonSchema): string {
  const example = examples?.[0] === undefined ? '' : ` Example: \`${exampleText(examples[0])}\`.`;
  return `${description ?? ''}${example}${reason === undefined ? '' : ` *${reason.charAt(0).toUpperCase()}${reason.slice(1)}*`}`;
}

function exampleText(example: unknown): string {
  return typeof example === 'string' ? example : JSON.stringify(example);
}
