// The tables of the simulated runs: each kind of incident, all together, and the alerts that nobody should have been woken for.

import { median } from '../median.ts';
import type { IncidentKind } from '../mesh-simulator/incident.ts';
import { incidentKinds } from '../mesh-simulator/incident.ts';
import type { FiredAlert, JudgedAlert, JudgedIncident, Standing } from './alert-matching.ts';
import type { MeshRun } from './mesh-runs.ts';
import type { OrderRun } from './order-run.ts';
import type { StallRun } from './stall-run.ts';

/** Figures of runs with incidents; shares are 0..1, delays seconds of event time. */
export interface IncidentSummary {
  readonly incidents: number;
  readonly found: number;
  readonly versionFound: number;
  readonly versionWanted: number;
  readonly medianDelaySeconds: number | null;
  readonly maxDelaySeconds: number | null;
  readonly alertsAnIncident: number;
  /** Of those alerts, the ones that name the service (and no wrong version). */
  readonly rightAlertsAnIncident: number;
  readonly wrongVersionAlerts: number;
  readonly blamedDeploys: number;
}

/** The figures of some incidents. */
export function summariseIncidents(judged: readonly JudgedIncident[]): IncidentSummary {
  const delays = judged.flatMap(({ delayMs }) => (delayMs === null ? [] : [delayMs / 1000]));
  const alerts = judged.flatMap((one) => one.alerts);
  const count = (standing: Standing): number => alerts.filter((alert) => alert.standing === standing).length;
  const versions = judged.filter(({ incident }) => incident.version !== null);
  const perIncident = (number: number): number => number / Math.max(1, judged.length);
  return {
    incidents: judged.length,
    found: judged.filter(({ isFound }) => isFound).length,
    versionFound: versions.filter(({ isVersionFound }) => isVersionFound).length,
    versionWanted: versions.length,
    medianDelaySeconds: delays.length === 0 ? null : median(delays),
    maxDelaySeconds: delays.length === 0 ? null : Math.max(...delays),
    alertsAnIncident: perIncident(alerts.length),
    rightAlertsAnIncident: perIncident(count('right')),
    wrongVersionAlerts: count('wrong_version'),
    blamedDeploys: count('blames_deploy'),
  };
}

/** Strays are false, but for those about the input. */
function falseAlerts(runs: readonly MeshRun[]): readonly JudgedAlert[] {
  return runs.flatMap((run) => run.strays.filter(({ standing }) => standing === 'false'));
}

/** Most stray alerts that are printed one by one; JSON has them all. */
const maxListed = 60;

/** The tables of the runs with incidents. */
export function renderIncidents(runs: readonly MeshRun[]): string {
  const judged = runs.flatMap((run) => run.incidents);
  const all = summariseIncidents(judged);
  const strays = falseAlerts(runs);
  const attributed = judged.reduce((sum, { alerts }) => sum + alerts.length, 0);
  const right = judged.reduce((sum, { alerts }) => sum + alerts.filter((a) => a.standing === 'right').length, 0);
  const fired = Math.max(1, attributed + strays.length);
  const days = runs.reduce((sum, run) => sum + run.days, 0);
  return [
    `simulated incidents, rules of rules/, seeds ${runs.map(({ seed }) => seed).join(', ')}; delays are event time, seconds`,
    row(['kind', 'found', 'version', 'median', 'max', 'alerts', 'right', 'wrong version', 'blamed']),
    ...incidentKinds.map((kind) =>
      summaryRow(kind, summariseIncidents(judged.filter((one) => one.incident.kind === kind))),
    ),
    summaryRow('all', all),
    '',
    delayLine('breaks of half the requests or more', bigBreaks, judged),
    delayLine('low volume and canaries', fewRequests, judged),
    `recall ${share(all.found, all.incidents)}, with the right version ${share(all.versionFound, all.versionWanted)}`,
    `precision ${(attributed / fired).toFixed(3)} (alerts that concern an incident), ${(right / fired).toFixed(3)} (that name what broke)`,
    `false alerts ${strays.length}, ${(strays.length / days).toFixed(2)} a day`,
    ...lineTotals(runs),
    '',
    'missed, or without the version:',
    ...runs.flatMap((run) =>
      run.incidents
        .filter(({ isFound, isVersionFound }) => !isFound || !isVersionFound)
        .map(
          ({ incident, isFound }) =>
            `  seed ${run.seed} ${isFound ? 'version' : 'missed '} ${incident.kind}: ${incident.story}`,
        ),
    ),
    ...strayList('false alerts:', runs),
  ].join('\n');
}

/** The table of the quiet days. */
export function renderQuiet(runs: readonly MeshRun[]): string {
  const days = runs.reduce((sum, run) => sum + run.days, 0);
  const alerts = falseAlerts(runs).length;
  return [
    `simulated quiet days, seeds ${runs.map(({ seed }) => seed).join(', ')}: daily rhythm, ramps, sound deploys, hourly job, noise`,
    `false alerts ${alerts}, ${(alerts / days).toFixed(2)} a day`,
    ...lineTotals(runs),
    ...strayList('alerts:', runs),
  ].join('\n');
}

/** The table of the runs with stalls. */
export function renderStalls(runs: readonly StallRun[]): string {
  const told = runs.flatMap((run) =>
    run.stalls.map(({ kind, partition, delayMs }) => {
      const said = delayMs === null ? 'nothing is said' : `told after ${(delayMs / 1000).toFixed(0)} s`;
      return `  seed ${run.seed} ${kind} on partition ${partition}: ${said}`;
    }),
  );
  const lines = runs.flatMap((run) => run.falseAlerts.map((alert) => alertLine(run.seed, 'false', alert)));
  return [
    'input that stops for four minutes, on the live loops; the mesh is well, so only the input may be spoken of',
    ...told,
    `false alerts about the mesh ${lines.length}`,
    ...bounded(lines),
  ].join('\n');
}

/** The table of the runs in several orders. */
export function renderOrders(runs: readonly OrderRun[]): string {
  return [
    'the same lines in other orders within the allowed lateness, and on other partitions',
    ...runs.flatMap(({ seed, transitions, differences }) =>
      differences.map(
        ({ order, first }) =>
          `  seed ${seed} ${order}: ${first === null ? `the same ${transitions} transitions` : `differs, first ${first}`}`,
      ),
    ),
  ].join('\n');
}

const bigBreaks: readonly IncidentKind[] = ['service-gone', 'route-lost', 'timeouts', 'breaker-open', 'traffic-gone'];
const fewRequests: readonly IncidentKind[] = ['canary-1-percent', 'canary-5-percent', 'low-volume'];

function delayLine(name: string, kinds: readonly IncidentKind[], judged: readonly JudgedIncident[]): string {
  const summary = summariseIncidents(judged.filter(({ incident }) => kinds.includes(incident.kind)));
  const { found, incidents, medianDelaySeconds, maxDelaySeconds } = summary;
  const delays =
    medianDelaySeconds === null
      ? ''
      : `, median delay ${medianDelaySeconds.toFixed(0)} s, at most ${maxDelaySeconds?.toFixed(0)} s`;
  return `${name}: ${found} of ${incidents} found${delays}`;
}

function summaryRow(name: string, summary: IncidentSummary): string {
  const seconds = (value: number | null): string => (value === null ? '–' : value.toFixed(0));
  return row([
    name,
    `${summary.found}/${summary.incidents}`,
    summary.versionWanted === 0 ? '' : `${summary.versionFound}/${summary.versionWanted}`,
    seconds(summary.medianDelaySeconds),
    seconds(summary.maxDelaySeconds),
    summary.alertsAnIncident.toFixed(1),
    summary.rightAlertsAnIncident.toFixed(1),
    String(summary.wrongVersionAlerts),
    String(summary.blamedDeploys),
  ]);
}

const widths = [18, 7, 8, 7, 7, 7, 7, 14, 7];

function row(fields: readonly string[]): string {
  return fields.map((field, i) => (i === 0 ? field.padEnd(widths[i] ?? 0) : field.padStart(widths[i] ?? 0))).join(' ');
}

function share(part: number, whole: number): string {
  return `${(part / Math.max(1, whole)).toFixed(3)} (${part} of ${whole})`;
}

function lineTotals(runs: readonly MeshRun[]): readonly string[] {
  return runs.map(({ seed, days, totals, seconds }) => {
    const { counted, late, skipped, unreadable } = totals;
    return `seed ${seed}: ${(days * 24).toFixed(1)} h, ${counted} lines, ${late} late, ${skipped} skipped, ${unreadable} unreadable; ${seconds.toFixed(0)} s`;
  });
}

function strayList(title: string, runs: readonly MeshRun[]): readonly string[] {
  const lines = runs.flatMap((run) => run.strays.map((stray) => alertLine(run.seed, stray.standing, stray)));
  return lines.length === 0 ? [] : ['', title, ...bounded(lines)];
}

function alertLine(seed: number, standing: Standing, { atMs, alert, labels, reason }: FiredAlert): string {
  return `  seed ${seed} ${new Date(atMs).toISOString()} ${standing} ${alert} ${labelText(labels)}: ${reason}`;
}

function bounded(lines: readonly string[]): readonly string[] {
  const more = lines.length > maxListed ? [`  and ${lines.length - maxListed} more (--json has all)`] : [];
  return [...lines.slice(0, maxListed), ...more];
}

const shownLabels = ['flag', 'fault', 'reporter', 'source_service', 'destination_service', 'destination_version'];

function labelText(labels: FiredAlert['labels']): string {
  return shownLabels.flatMap((name) => (labels[name] === undefined ? [] : [`${name}=${labels[name]}`])).join(' ');
}
