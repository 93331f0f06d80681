// The catalogue of faults: what `explain`, the reference page and messages tell about each, by its name.
import { faultParties, faults } from './classification.ts';
import { applicationFaults } from './fault-catalogue-application.ts';
import { callerFaults } from './fault-catalogue-caller.ts';
import { capacityFaults } from './fault-catalogue-capacity.ts';
import type { FaultEntry } from './fault-catalogue-entry.ts';
import { meshFaults } from './fault-catalogue-mesh.ts';
import { policyFaults } from './fault-catalogue-policy.ts';
import { headings, partyNames } from './render-flag.ts';
import type { Language } from './response-flag.ts';

const byName: ReadonlyMap<string, FaultEntry> = new Map(
  [applicationFaults, capacityFaults, meshFaults, policyFaults, callerFaults]
    .flat()
    .map((entry): readonly [string, FaultEntry] => [entry.name, entry]),
);

/** Every entry, in the order of the closed list of faults. */
export const faultCatalogue: readonly FaultEntry[] = faults.flatMap((name) => byName.get(name) ?? []);

/** The entry of a fault by its name, or `null`. */
export function findFault(name: string): FaultEntry | null {
  return byName.get(name) ?? null;
}

/** Everything about a fault as text of several lines, made as that of a flag. */
export function renderFault(entry: FaultEntry, language: Language): string {
  const heading = (key: keyof typeof headings) => headings[key][language];
  return [
    `${entry.name}: ${entry.title[language]}`,
    '',
    `${heading('shows')}: ${entry.shows[language]}`,
    `${heading('party')}: ${partyNames[faultParties[entry.name]][language]}`,
    '',
    `${heading('causes')}:`,
    ...entry.causes.map((cause) => `  - ${cause[language]}`),
    '',
    `${heading('checks')}:`,
    ...entry.checks.flatMap((check, i) => [`  ${i + 1}. ${check[language]}`, `     $ ${check.command}`]),
  ].join('\n');
}
