// The rules that ship: they load without a finding, cover their flags, and look at the side that can tell.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultSettings } from '#config/load-settings.ts';
import { parseRuleSet } from '#config/parse-rules.ts';

const folder = join(import.meta.dirname, '..', 'rules');
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml') && !name.endsWith('.test.yaml'))
  .map((name) => ({ file: `rules/${name}`, text: readFileSync(join(folder, name), 'utf8') }));
const { rules, findings } = parseRuleSet(files, { windowMs: defaultSettings().windowMs });

describe('shipped rules', () => {
  it('load without a finding', () => {
    expect(findings).toEqual([]);
  });

  it('are one spike for each flag, two for lost routes, and one rule for each thing that no flag says', () => {
    expect(rules.flatMap(({ select }) => select.flags).sort()).toEqual('DC NR NR UC UF UH UO URX UT'.split(' '));
    const others = rules.filter(({ select }) => select.flags.length === 0);
    expect(others.map(({ alert, condition }) => `${alert} ${condition.kind}`).sort()).toEqual([
      'ApplicationErrors spike',
      'CallsGone dip',
      'InputLags pipeline',
      'InputStalled pipeline',
      'MedianResponseTimeRises latency',
      'NewVersionFails new_version',
      'OutsideTrafficGone dip',
      'ResponseTimeRises latency',
      'SustainedFailure sustained',
      'TrafficGone dip',
    ]);
  });

  it('do not wake anybody for one error', () => {
    for (const { condition } of rules) {
      if ('minCount' in condition.settings) expect(condition.settings.minCount).toBeGreaterThanOrEqual(3);
      if ('minRatio' in condition.settings) expect(condition.settings.minRatio).toBeGreaterThanOrEqual(0.01);
    }
  });

  it('ask for no version where the proxy chose no host', () => {
    for (const { select, by } of rules.filter(({ select: { flags } }) => /NR|UH|UO/.test(flags.join()))) {
      expect([select.flags, by.includes('destination_version')]).toEqual([select.flags, false]);
    }
  });

  it('carry what the on-call engineer needs, in both languages', () => {
    for (const { labels, annotations } of rules) {
      expect(labels).toMatchObject({
        severity: expect.stringMatching(/^(critical|warning)$/),
        owner: expect.any(String),
      });
      expect(Object.keys(annotations)).toEqual(['summary', 'summary_ko', 'description', 'runbook_en', 'runbook_ko']);
      expect(annotations['summary_ko']).toMatch(/[가-힣]/);
      expect(annotations['runbook_ko']).toMatch(/[가-힣]/);
      expect(annotations['runbook_ko']?.split('\n')).toHaveLength(annotations['runbook_en']?.split('\n').length ?? 0);
    }
  });
});
