// The one definition of a file, seen as JSON Schema: published for editors, walked by the references and by the messages.
import { z } from 'zod';
import type { YamlPath } from './yaml-value.ts';

/** The part of JSON Schema (draft 7) that zod writes, and the notes of fields.ts beside it. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
  readonly reason?: string;
  readonly unit?: string;
  /** Of a duration: `1s to 1h`. */
  readonly limits?: string;
  readonly type?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly const?: unknown;
  readonly writeOnly?: boolean;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** The schema of what people write (before defaults), with the notes of each field beside it. */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  // Draft 7 is what editors' YAML servers understand best.
  return z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    override: ({ jsonSchema }) => restoreDefault(jsonSchema),
  }) as JsonSchema;
}

function restoreDefault(jsonSchema: Record<string, unknown>): void {
  if (jsonSchema['fallback'] === undefined) return;
  jsonSchema['default'] = jsonSchema['fallback'];
  delete jsonSchema['fallback'];
}

/** The schema for editors: the notes are folded into the descriptions, because strict validators refuse unknown words. */
export function publishedSchema(schema: JsonSchema, id: { readonly title: string }): JsonSchema {
  const { $schema, ...rest } = foldNotes(schema);
  return { ...($schema === undefined ? {} : { $schema }), title: id.title, ...rest };
}

function foldNotes(schema: JsonSchema): JsonSchema {
  const { unit, reason, limits, properties, items, anyOf, additionalProperties, description, ...rest } = schema;
  const sentences = [
    description,
    unitSentence(unit, limits),
    reason === undefined ? undefined : `Why this default: ${reason}`,
  ];
  const folded = sentences.filter((sentence) => sentence !== undefined).join(' ');
  return {
    ...(folded === '' ? {} : { description: folded }),
    ...rest,
    ...(properties === undefined ? {} : { properties: mapValues(properties, foldNotes) }),
    ...(items === undefined ? {} : { items: foldNotes(items) }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map(foldNotes) }),
    ...(additionalProperties === undefined
      ? {}
      : {
          additionalProperties:
            typeof additionalProperties === 'boolean' ? additionalProperties : foldNotes(additionalProperties),
        }),
  };
}

function unitSentence(unit: string | undefined, limits: string | undefined): string | undefined {
  if (unit === undefined) return undefined;
  return unit === 'duration' ? `A duration such as 30s or 1m30s, from ${limits}.` : `Unit: ${unit}.`;
}

function mapValues(
  properties: Readonly<Record<string, JsonSchema>>,
  change: (schema: JsonSchema) => JsonSchema,
): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, change(property)]));
}

/** What the schema knows about the places of a file. */
export interface SchemaGuide {
  /** The keys that may stand at a path; empty where there is no map of fixed keys. */
  knownKeys(path: YamlPath): readonly string[];
  /** Whether the value at a path must come from the environment, and is never shown. */
  isSecret(path: YamlPath): boolean;
  /** Whether a duration is wanted. */
  isDuration(path: YamlPath): boolean;
}

/** Answers by walking the schema. */
export function createGuide(schema: JsonSchema): SchemaGuide {
  return {
    knownKeys: (path) => [...new Set(at(schema, path).flatMap((part) => Object.keys(part.properties ?? {})))],
    isSecret: (path) => at(schema, path).some((part) => part.writeOnly === true),
    isDuration: (path) => at(schema, path).some((part) => part.unit === 'duration'),
  };
}

function at(schema: JsonSchema, path: YamlPath): readonly JsonSchema[] {
  let parts = branches(schema);
  for (const step of path) {
    parts = parts.flatMap((part) => child(part, step)).flatMap(branches);
  }
  return parts;
}

function branches(schema: JsonSchema): readonly JsonSchema[] {
  return [schema, ...(schema.anyOf ?? []).flatMap(branches)];
}

function child(schema: JsonSchema, step: PropertyKey): readonly JsonSchema[] {
  if (typeof step === 'number') return schema.items === undefined ? [] : [schema.items];
  const named = Object.hasOwn(schema.properties ?? {}, step) ? schema.properties?.[String(step)] : undefined;
  if (named !== undefined) return [named];
  return typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : [];
}
