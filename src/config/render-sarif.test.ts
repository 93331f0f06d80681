import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Finding } from './finding.ts';
import { findingKinds } from './finding.ts';
import { parseRules } from './parse-rules.ts';
import { renderSarif } from './render-sarif.ts';

const text = `groups:
  - name: g
    rules:
      - alert: A
        select: {}
        spike: { z: 2 }
        for: 5q
        labels: { severity: critical, owner: shop }
        annotations: { summary: s, runbook_en: r }
`;

/** What SARIF 2.1.0 requires of a log, a run, a result and a place, and the types of what stands there. */
function expectSarif(log: {
  version: unknown;
  $schema: unknown;
  runs: { tool: { driver: { name: unknown; rules: { id: string }[] } }; results: Record<string, unknown>[] }[];
}): void {
  expect(log).toMatchObject({
    version: '2.1.0',
    $schema: expect.stringMatching(/^https:.*sarif-schema-2\.1\.0\.json$/),
  });
  expect(log.runs).toHaveLength(1);
  for (const { tool, results } of log.runs) {
    expect(tool.driver.name).toBe('flagwatch');
    expect(new Set(tool.driver.rules.map(({ id }) => id)).size).toBe(tool.driver.rules.length);
    for (const result of results) {
      expect(['error', 'warning']).toContain(result['level']);
      expect(tool.driver.rules[Number(result['ruleIndex'])]?.id).toBe(result['ruleId']);
      expect(result['message']).toEqual({ text: expect.stringMatching(/./) });
      const [location] = result['locations'] as { physicalLocation: Record<string, Record<string, unknown>> }[];
      const { artifactLocation, region } = location?.physicalLocation ?? {};
      expect(String(artifactLocation?.['uri'])).toMatch(/^[!-~]+$/);
      for (const number of Object.values(region ?? {})) expect(Number(number)).toBeGreaterThanOrEqual(1);
      expect(Number(region?.['endColumn'] ?? Number.POSITIVE_INFINITY)).toBeGreaterThan(
        Number(region?.['startColumn']),
      );
    }
  }
}

describe('renderSarif', () => {
  it('gives each finding with its kind, its level and its region', () => {
    const fine = text.replace('5q', '10s');
    const bad = parseRules(text, 'rules/a b.yaml', { windowMs: 10_000 }).findings;
    const low = parseRules(fine, '/x/r.yaml', { windowMs: 10_000 }).findings;
    const log = JSON.parse(renderSarif([...bad, ...low]));
    expectSarif(log);
    expect(log.runs[0].tool.driver.rules).toEqual([
      { id: 'wrong-value', shortDescription: { text: findingKinds['wrong-value'] } },
      { id: 'noise-floor', shortDescription: { text: findingKinds['noise-floor'] } },
    ]);
    expect(log.runs[0].results).toMatchObject([
      {
        ruleId: 'wrong-value',
        level: 'error',
        message: { text: expect.stringContaining('for (5q) is not a duration (write numbers with units') },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: 'rules/a%20b.yaml', uriBaseId: '%SRCROOT%' },
              region: { startLine: 7, startColumn: 14, endColumn: 16 },
            },
            logicalLocations: [{ fullyQualifiedName: 'groups[0].rules[0].for' }],
          },
        ],
      },
      {
        ruleId: 'noise-floor',
        level: 'warning',
        locations: [{ physicalLocation: { artifactLocation: { uri: 'file:///x/r.yaml' } } }],
      },
    ]);
  });

  it('is a log without results where nothing was found', () => {
    const log = JSON.parse(renderSarif([]));
    expectSarif(log);
    expect(log.runs[0].results).toEqual([]);
  });

  it('is well formed whatever was found', () => {
    const finding = fc.record<Finding>({
      kind: fc.constantFrom(...(Object.keys(findingKinds) as (keyof typeof findingKinds)[])),
      severity: fc.constantFrom('error', 'warning'),
      file: fc.string({ unit: 'grapheme', minLength: 1 }),
      line: fc.integer({ min: 1, max: 9 }),
      column: fc.integer({ min: 1, max: 9 }),
      path: fc.string(),
      value: fc.string(),
      message: fc.string({ minLength: 1 }),
      remedy: fc.string({ minLength: 1 }),
    });
    fc.assert(
      fc.property(fc.array(finding, { maxLength: 5 }), (findings) => expectSarif(JSON.parse(renderSarif(findings)))),
      { numRuns: 200 },
    );
  });
});
