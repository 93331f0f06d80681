// `npm test`: every gate and every test, those on real services included, and one closing line that counts them.
// Nothing is skipped: what cannot run (no JDK, no Maven) fails with its reason.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Gate {
  readonly name: string;
  readonly command: readonly string[];
}

interface Count {
  readonly passed: number;
  readonly failed: number;
}

const gates: readonly Gate[] = [
  { name: 'format and lint', command: ['biome', 'ci', '.'] },
  { name: 'types', command: ['tsc', '-p', 'tsconfig.json'] },
  { name: 'unused code', command: ['knip'] },
  { name: 'shipped rules', command: ['node', '--conditions=source', 'src/main.ts', 'rules', 'check', 'rules'] },
  { name: 'build', command: ['tsc', '-p', 'tsconfig.build.json'] },
  { name: 'the build runs', command: ['node', 'dist/main.js', '--version'] },
];

function run(command: readonly string[]): number {
  const [program, ...rest] = command;
  const bin = join(import.meta.dirname, '..', 'node_modules', '.bin');
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` };
  return spawnSync(program ?? '', rest, { stdio: 'inherit', env, cwd: join(import.meta.dirname, '..') }).status ?? 1;
}

function runGates(): Count {
  let passed = 0;
  for (const { name, command } of gates) {
    const status = run(command);
    console.log(`${status === 0 ? 'passed' : 'FAILED'}: ${name}`);
    if (status === 0) passed += 1;
  }
  return { passed, failed: gates.length - passed };
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

/** Runs a project of Vitest. A file that does not load, an error outside of tests and a skipped test count as failures. */
function runVitest(project: string, folder: string): Count {
  const file = join(folder, `${project}.json`);
  const status = run([
    'vitest',
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile=${file}`,
  ]);
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
    const broken = report.testResults.filter(
      (one) => one.status === 'failed' && one.assertionResults.length === 0,
    ).length;
    const failed = report.numFailedTests + report.numPendingTests + broken;
    return { passed: report.numPassedTests, failed: failed === 0 && status !== 0 ? 1 : failed };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

const folder = mkdtempSync(join(tmpdir(), 'flagwatch-test-'));
const counts = [runGates(), runVitest('unit', folder), runVitest('integration', folder)];
rmSync(folder, { recursive: true });
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
