// The templates: nothing is mapped because a line names it, and nothing that Lucene refuses is indexed.
import { describe, expect, it } from 'vitest';
import { responseFlags } from '#core/classify/response-flags.ts';
import type { TemplateSettings } from './templates.ts';
import { indexTemplates } from './templates.ts';

const settings: TemplateSettings = {
  indexPrefix: 'fw',
  shards: 3,
  replicas: 2,
  refreshIntervalMs: 5000,
  codec: 'best_compression',
};
const templates = indexTemplates(settings);

/** Every object in a mapping that has a `type`, by its path. */
function fieldsOf(value: unknown, path = ''): readonly (readonly [string, Record<string, unknown>])[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = value as Record<string, unknown>;
  const found = typeof own['type'] === 'string' ? ([[path, own]] as const) : [];
  return [...found, ...Object.entries(own).flatMap(([name, inner]) => fieldsOf(inner, `${path}/${name}`))];
}

describe('index templates', () => {
  it('are one for each kind, above those of others, for its own indices', () => {
    expect(templates.map(({ name, body }) => [name, body['index_patterns'], body['priority']])).toEqual([
      ['fw-lines', ['fw-lines-*'], 500],
      ['fw-requests', ['fw-requests-*'], 500],
      ['fw-windows', ['fw-windows-*'], 500],
      ['fw-window-blocks', ['fw-window-blocks-*'], 500],
      ['fw-alerts', ['fw-alerts-*'], 500],
    ]);
  });

  it('carry the settings; only lines are many enough for several shards', () => {
    const indices = templates.map(({ body }) => (body['template'] as { settings: { index: object } }).settings.index);
    expect(indices[0]).toEqual({
      number_of_shards: 3,
      number_of_replicas: 2,
      refresh_interval: '5000ms',
      codec: 'best_compression',
    });
    expect(indices.slice(1)).toMatchObject(Array.from({ length: 4 }, () => ({ number_of_shards: 1 })));
  });

  it.each(templates)('$name maps nothing by itself and bounds every indexed text', ({ body }) => {
    const { mappings } = body['template'] as { mappings: Record<string, unknown> };
    expect(mappings['dynamic']).toBe(false);
    const fields = fieldsOf(mappings['properties']);
    expect(fields.length).toBeGreaterThan(7);
    for (const [path, field] of fields) {
      if (field['type'] !== 'keyword' || field['index'] === false) continue;
      // A UTF-16 unit has at most three bytes in UTF-8; Lucene's limit is 32,766.
      expect(Number(field['ignore_above']) * 3, path).toBeLessThanOrEqual(32_766);
    }
  });

  it('have a counter for each flag of the catalogue', () => {
    const text = JSON.stringify(templates.find(({ name }) => name === 'fw-windows'));
    for (const { shortName } of responseFlags) expect(text).toContain(`"${shortName}":{"type":"long"}`);
  });
});
