// The sentences about a new version beside the one that it replaces: both sides' counts, so that a person can check them by hand.
import { unknownName } from '#core/attribute/traffic.ts';
import { renderDuration } from '#core/duration.ts';
import { describePercent } from './share-reason.ts';
import type { ComparisonVerdict, VersionComparison } from './verdict.ts';

/** Above this certainty a version is `suspect`; below it, where it fails far more than the old one did and it is not known since when. */
export const suspectCertainty = 0.95;

/** What a comparison was made on. */
export interface ComparedSpan {
  /** Length of the windows that are compared. */
  readonly durationMs: number;
  /** Whether the old version's counts are of the same windows, or of its past. */
  readonly isSameWindows: boolean;
  /** Failures of the new version that a verdict takes at least, for the words about fewer. */
  readonly minCount: number;
}

/**
 * "v2 (deploy d-1041): 7 of 31 requests failed in 5m; v1, which it replaces: 3 of 2,950 in the same 5m; only the new version fails
 * (certainty 0.9999)".
 */
export function comparisonReason(comparison: VersionComparison, span: ComparedSpan, what: string): string {
  const { newVersion, newDeployId, newCount, newRequestCount, oldVersion, verdict } = comparison;
  const length = renderDuration(span.durationMs);
  const ofNew = `${nameOf(newVersion, newDeployId)}: ${group(newCount)} of ${group(newRequestCount)} requests ${what} in ${length}`;
  if (oldVersion === null) return `${ofNew}; no version before it is known, so there is nothing to compare it with`;
  const ofOld = `${group(comparison.oldCount)} of ${group(comparison.oldRequestCount)}`;
  const when = span.isSameWindows ? `in the same ${length}` : 'in its past';
  const says = describeVerdict(verdict, comparison, span);
  return `${ofNew}; ${nameOf(oldVersion, unknownName)}, which it replaces: ${ofOld} ${when}; ${says}`;
}

/** Where nobody names versions the deploys are told apart. */
function nameOf(version: string, deployId: string): string {
  if (version === unknownName) return deployId === unknownName ? 'the deploy before' : `deploy ${deployId}`;
  return deployId === unknownName ? version : `${version} (deploy ${deployId})`;
}

function describeVerdict(verdict: ComparisonVerdict, comparison: VersionComparison, span: ComparedSpan): string {
  const certainty = `certainty ${describeCertainty(comparison.certainty)}`;
  switch (verdict) {
    case 'only_new':
      return `only the new version fails (${certainty})`;
    case 'both':
      return `both fail more than ${nameOf(comparison.oldVersion ?? unknownName, unknownName)} did before (${percentOf(comparison)}), so it is not the deploy`;
    case 'suspect':
      if (comparison.certainty < suspectCertainty) {
        return `it fails more than ${nameOf(comparison.oldVersion ?? unknownName, unknownName)} did, but not surely since it came (${certainty}): that may be anything`;
      }
      return comparison.newCount < span.minCount
        ? `the new version fails more (${certainty}), but fewer than ${span.minCount} are no incident`
        : `the new version may fail more (${certainty}), not enough to be sure`;
    case 'not_enough_data':
      return 'too few requests to say';
    case 'fine':
      return `the new version fails no more than chance explains (${certainty} that it does)`;
  }
}

function percentOf({ oldCount, oldRequestCount }: VersionComparison): string {
  return oldRequestCount === 0 ? 'now none' : `now ${describePercent(oldCount / oldRequestCount)}`;
}

/** Cut, not rounded: nothing is ever quite certain. */
function describeCertainty(certainty: number): string {
  return String(Math.floor(certainty * 10_000) / 10_000);
}

/** `2950` gives `2,950`. */
function group(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
