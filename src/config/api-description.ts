// The OpenAPI description of the HTTP API, rendered from the definitions: docs/openapi.yaml.
import { stringify } from 'yaml';
import { z } from 'zod';
import { type ApiOperation, apiOperations, apiPrefix } from './api-operations.ts';
import { answerSchemas, errorAnswer } from './api-schema.ts';

/** The description as YAML. */
export function renderApiDescription(): string {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of apiOperations) {
    const path = `${apiPrefix}${operation.path}`;
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describe(operation) };
  }
  const description = {
    openapi: '3.1.0',
    info: {
      title: 'flagwatch',
      version: '1',
      description:
        'Rules, alerts, silences and verdicts on new versions, for machines. Without a token the server answers on the loopback address alone.',
    },
    servers: [{ url: 'http://127.0.0.1:9464' }],
    security: [{ bearer: [] }, { basic: [] }, {}],
    paths,
    components: {
      schemas: Object.fromEntries([...named].map(([schema, name]) => [name, inline(schema, 'output')])),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        basic: { type: 'http', scheme: 'basic', description: 'Any user, the token as the password.' },
      },
    },
  };
  const head = '# Generated from src/config/api-*.ts. Change it there, then run test/support/generate-references.ts.\n';
  return head + stringify(description, { lineWidth: 120, aliasDuplicateObjects: false });
}

function describe({ id, summary, path, query, body, answers }: ApiOperation): Record<string, unknown> {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => {
    return { name, in: 'path', required: true, schema: { type: 'string' } };
  });
  const parameters = [...inPath, ...queryParameters(query)];
  const responses = Object.entries(answers).map(([status, { description, schema }]) => {
    return [status, { description, content: { 'application/json': { schema: toSchema(schema) } } }] as const;
  });
  const content = body === undefined ? null : { 'application/json': { schema: toSchema(body, 'input') } };
  return {
    operationId: id,
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(content === null ? {} : { requestBody: { required: true, content } }),
    responses: Object.fromEntries(responses),
  };
}

function queryParameters(query: ApiOperation['query']): readonly unknown[] {
  return Object.entries(query?.shape ?? {}).map(([name, field]) => {
    const schema = field as z.ZodType;
    return { name, in: 'query', required: !schema.safeParse(undefined).success, schema: toSchema(schema, 'input') };
  });
}

/** Bodies that several operations answer with. */
const named = new Map<z.ZodType, string>([
  [errorAnswer, 'Error'],
  [answerSchemas.verdict, 'Verdict'],
  [answerSchemas.silence, 'Silence'],
]);

function toSchema(schema: z.ZodType, io: 'input' | 'output' = 'output'): Record<string, unknown> {
  const name = named.get(schema);
  return name === undefined ? inline(schema, io) : { $ref: `#/components/schemas/${name}` };
}

function inline(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _schema, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
  return rest;
}
