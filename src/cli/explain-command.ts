// `flagwatch explain NAME`: what a flag or a fault means, who acts, what to look at first. A line's whole set (`URX,UF`) may be given.
import type { Writable } from 'node:stream';
import { editDistance } from '#config/nearest-name.ts';
import { faults } from '#core/classify/classification.ts';
import { faultCatalogue, findFault, renderFault } from '#core/classify/fault-catalogue.ts';
import { renderFlag } from '#core/classify/render-flag.ts';
import type { Language } from '#core/classify/response-flag.ts';
import { findFlag, responseFlags } from '#core/classify/response-flags.ts';
import { cutText, toVisibleText } from '#core/notify/visible-text.ts';
import { openTextOutput } from './text-output.ts';

/** What the command reads and writes. */
export interface ExplainCommand {
  /** A flag by either of its names, or a fault; several are separated by commas. Case does not count. */
  readonly name: string;
  readonly language: Language;
  readonly stdout: Writable;
  /** For people: names that are not known. */
  readonly stderr: Writable;
}

// Longer than any flag or fault: what a person typed by mistake, or pasted.
const maxShownName = 40;
/** Names that are offered in the place of one that is not known. */
const maxSuggestions = 3;

/** Explains each name; resolves to the exit status: 0, or 2 when a name is neither a flag nor a fault. */
export async function runExplain({ name, language, stdout, stderr }: ExplainCommand): Promise<number> {
  const names = name.split(',').map((part) => part.trim());
  const texts = names.map((part) => explain(part, language));
  const known = texts.filter((text) => text !== null);
  if (known.length > 0) await openTextOutput(stdout).write(`${known.join('\n\n')}\n`);
  const unknown = names.filter((_part, i) => texts[i] === null);
  for (const part of unknown) stderr.write(`flagwatch explain: ${renderUnknown(part)}\n`);
  return unknown.length === 0 ? 0 : 2;
}

function explain(name: string, language: Language): string | null {
  const flag = findFlag(name) ?? findFlag(name.toUpperCase()) ?? findFlagInAnyCase(name);
  if (flag !== null) return renderFlag(flag.shortName, language);
  const fault = findFault(name.toLowerCase());
  return fault === null ? null : renderFault(fault, language);
}

function findFlagInAnyCase(name: string) {
  return responseFlags.find(({ longName }) => longName.toLowerCase() === name.toLowerCase()) ?? null;
}

function renderUnknown(name: string): string {
  const shown = `“${cutText(toVisibleText(name), maxShownName)}” is neither a flag of Envoy 1.40 nor a fault`;
  const nearest = nearestNames(name);
  if (nearest.length > 0) return `${shown}: did you mean ${nearest.join(' or ')}?`;
  const flags = responseFlags.map(({ shortName }) => shortName).join(' ');
  return `${shown}.\nFlags: ${flags}\nFaults: ${faults.join(' ')}`;
}

/** Known names within a third of the length, at least one edit; the nearest first. */
function nearestNames(name: string): readonly string[] {
  if (name.length === 0 || name.length > maxShownName) return [];
  const bound = Math.max(1, Math.floor(name.length / 3));
  const known = [
    ...responseFlags.flatMap(({ shortName, longName }) => [shortName, longName]),
    ...faultCatalogue.map((entry) => entry.name),
  ];
  return known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= bound)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, maxSuggestions)
    .map(({ candidate }) => candidate);
}
