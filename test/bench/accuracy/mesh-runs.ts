// Simulated runs through the product's own `replay`, with the rules that ship and the default settings.
import { join } from 'node:path';
import { findYamlFiles, readYamlFiles } from '#adapters/file/yaml-files.ts';
import { type ReplayTotals, replay } from '#app/replay.ts';
import { defaultSettings } from '#config/load-settings.ts';
import { parseRuleSet } from '#config/parse-rules.ts';
import { renderFinding } from '#config/render-finding.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import { planIncidents } from '../mesh-simulator/incident-plan.ts';
import type { MeshSettings } from '../mesh-simulator/mesh.ts';
import { SimulatedMesh } from '../mesh-simulator/mesh.ts';
import { planQuietDay } from '../mesh-simulator/quiet-plan.ts';
import type { FiredAlert, JudgedRun } from './alert-matching.ts';
import { matchAlerts } from './alert-matching.ts';

/** A run with its figures. */
export interface MeshRun extends JudgedRun {
  readonly seed: number;
  readonly days: number;
  readonly totals: ReplayTotals;
  readonly seconds: number;
}

/** Three times the quiet day's traffic: at 1 % a canary gets some five requests a minute. */
const incidentScale = 3;
const quietScale = 1;
const dayMs = 86_400_000;

/** The rules of the folder rules/, read as `replay` reads them. Throws where they have errors. */
export async function readShippedRules(): Promise<readonly AlertRule[]> {
  const root = join(import.meta.dirname, '..', '..', '..');
  const { files } = await findYamlFiles(['rules'], root);
  const { rules, findings } = parseRuleSet(await readYamlFiles(files), { windowMs: defaultSettings().windowMs });
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map((finding) => renderFinding(finding, null)).join(''));
  return rules;
}

/** Hours in which each kind of incident happens once. */
export function runIncidents(seed: number, rules: readonly AlertRule[]): Promise<MeshRun> {
  return runMesh({ seed, plan: planIncidents(seed), scale: incidentScale }, rules);
}

/** A day in which nothing may fire. */
export function runQuietDay(seed: number, rules: readonly AlertRule[]): Promise<MeshRun> {
  const { ramps, ...plan } = planQuietDay(seed);
  return runMesh({ seed, plan, ramps, scale: quietScale }, rules);
}

async function runMesh(mesh: MeshSettings, rules: readonly AlertRule[]): Promise<MeshRun> {
  const { plan, seed } = mesh;
  const conditions = new Map(rules.map(({ alert, condition }) => [alert, condition.kind]));
  const fired: FiredAlert[] = [];
  const startedAtMs = performance.now();
  const totals = await replay({
    settings: defaultSettings(),
    rules,
    sources: new SimulatedMesh(mesh).sources(),
    onTransition: ({ status, alert, atMs, labels, verdict, isShadow }) => {
      // What runs in the shadow tells nobody.
      if (status !== 'firing' || isShadow) return;
      fired.push({ alert, condition: conditions.get(alert) ?? 'unknown', atMs, labels, reason: verdict.reason });
    },
  });
  return {
    ...matchAlerts(plan.incidents, fired),
    seed,
    days: (plan.endAtMs - plan.startAtMs) / dayMs,
    totals,
    seconds: (performance.now() - startedAtMs) / 1000,
  };
}
