// The generated files of docs/ are what the definitions say; the examples in them load.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSettings } from '#config/load-settings.ts';
import { parseRules } from '#config/parse-rules.ts';
import { renderReferences } from '#config/reference.ts';
import { configurationExample, ruleExample } from '#config/reference-texts.ts';
import { conditionKinds } from '#core/detect/condition.ts';
import { templateVariables } from '#core/evaluate/template.ts';
import { renderCataloguePages } from './support/catalogue-pages.ts';

const root = join(import.meta.dirname, '..');

describe('references', () => {
  it.each(Object.entries({ ...renderReferences(), ...renderCataloguePages() }))(
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

  it('explain each condition with an example that loads without a finding', () => {
    const page = readFileSync(join(root, 'docs/rules.md'), 'utf8');
    const examples = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text);
    const kinds = examples.map((text) => {
      const { rules, findings } = parseRules(text, 'docs/rules.md', { windowMs: 10_000 });
      expect({ text, findings }).toEqual({ text, findings: [] });
      return rules.map(({ condition }) => condition.kind).join();
    });
    expect(kinds).toEqual(['spike', ...conditionKinds]);
    for (const kind of conditionKinds) expect(page).toContain(`\n### \`${kind}\`\n`);
    for (const name of Object.values(templateVariables).flat()) expect(page).toContain(`| \`${name}\` |`);
  });

  it('describe no setting that nobody reads', () => {
    const readers = ['app', 'cli', 'adapters']
      .flatMap((layer) => readdirSync(join(root, 'src', layer), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
      .join('\n');
    const page = readFileSync(join(root, 'docs/configuration.md'), 'utf8');
    const settings = [...page.matchAll(/^\| `([^`]+)` \| (duration)?/gm)].map(([, path = '', duration]) => {
      const key = path.split('.').at(-1) ?? '';
      return `${key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())}${duration === undefined ? '' : 'Ms'}`;
    });
    // What stands below these is handed to the clients whole.
    const whole = /^(ca|cert|key|passphrase|servername|rejectUnauthorized|mechanism|username|password|apiKey|bearer)$/;
    expect(settings.length).toBeGreaterThan(50);
    const unread = settings.filter((name) => !whole.test(name) && !new RegExp(`\\b${name}\\b`).test(readers));
    expect(unread).toEqual([]);
  });
});
