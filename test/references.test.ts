// The generated files of docs/ are what the definitions say; the examples in them load.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSettings } from '#config/load-settings.ts';
import { parseRules } from '#config/parse-rules.ts';
import { renderReferences } from '#config/reference.ts';
import { configurationExample, ruleExample } from '#config/reference-texts.ts';

const root = join(import.meta.dirname, '..');

describe('references', () => {
  it.each(Object.entries(renderReferences()))(
    '%s is generated anew (test/support/generate-references.ts)',
    (path, text) => {
      expect(readFileSync(join(root, path), 'utf8')).toBe(text);
    },
  );

  it('describe every key of the configuration and of a rule', () => {
    const texts = renderReferences();
    for (const key of [
      'kafka',
      'clusters[].access_log_topics',
      'allowed_lateness',
      'node',
      'channel',
      'bulk_bytes',
      'listen',
    ]) {
      expect(texts['docs/configuration.md']).toContain(`\`${key}\``);
    }
    for (const key of ['alert', 'select.flags', 'select.matchers', 'by', 'spike.min_ratio', 'keep_firing_for']) {
      expect(texts['docs/rules.md']).toContain(`| \`${key}\` |`);
    }
    for (const text of Object.values(texts)) expect(text).not.toContain('undefined');
  });

  it('hold examples that load without a finding', () => {
    const environment = { KAFKA_PASSWORD: 'a', ES_API_KEY: 'b', SLACK_BOT_TOKEN: 'c' };
    expect(loadSettings(configurationExample, 'flagwatch.yaml', environment)).toMatchObject({
      kind: 'ok',
      warnings: [],
    });
    const { rules, findings } = parseRules(ruleExample, 'shop.yaml', { windowMs: 10_000 });
    expect({ count: rules.length, findings }).toEqual({ count: 1, findings: [] });
  });
});
