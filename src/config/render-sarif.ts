// Findings as SARIF 2.1.0, the form in which code review shows them beside the changed lines.
import { fingerprint } from '#core/labels.ts';
import type { Finding, FindingKind } from './finding.ts';
import { findingKinds, hiddenValue } from './finding.ts';

const schemaUri = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** One log of one run, with the newline at its end. Files that are relative are so to the folder that is reviewed. */
export function renderSarif(findings: readonly Finding[]): string {
  const kinds = (Object.keys(findingKinds) as FindingKind[]).filter((kind) => findings.some((f) => f.kind === kind));
  const log = {
    $schema: schemaUri,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'flagwatch',
            rules: kinds.map((id) => ({ id, shortDescription: { text: findingKinds[id] } })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => toResult(finding, kinds.indexOf(finding.kind))),
      },
    ],
  };
  return `${JSON.stringify(log)}\n`;
}

function toResult(finding: Finding, ruleIndex: number) {
  const { kind, severity, file, line, column, path, value, message, remedy } = finding;
  return {
    ruleId: kind,
    ruleIndex,
    level: severity,
    message: { text: `${message} (${remedy})` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: artifact(file),
          region: { startLine: line, startColumn: column, ...endOf(value, column) },
        },
        ...(path === '' ? {} : { logicalLocations: [{ fullyQualifiedName: path }] }),
      },
    ],
    // The same finding on a line that moved is no new one.
    partialFingerprints: { 'flagwatch/v1': fingerprint({ kind, file, path, value, message }) },
  };
}

/** A value that was cut, was several words (maybe on several lines) or is a secret does not tell where it ends. */
function endOf(value: string, column: number): { readonly endColumn?: number } {
  const isWhole = /^\S+$/.test(value) && value !== hiddenValue && !value.endsWith('…');
  return isWhole ? { endColumn: column + value.length } : {};
}

function artifact(file: string) {
  const path = file
    .replace(/^(\.\/)+/, '')
    .toWellFormed()
    .split('/')
    .map(encodeURIComponent)
    .join('/');
  return file.startsWith('/') ? { uri: `file://${path}` } : { uri: path, uriBaseId: '%SRCROOT%' };
}
