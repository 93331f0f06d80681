// Checks of a rule's `by`: labels that its alerts can have, and labels under which every deploy would be an incident.
import type { ConditionKind } from '#core/detect/condition.ts';
import type { SeriesLabel } from '#core/evaluate/rule.ts';
import { countedLabels } from '#core/evaluate/rule.ts';
import type { LocatedRule } from './located-rule.ts';
import { labelsOfCounted } from './selection-schema.ts';
import type { PlacedFinding } from './yaml-source.ts';

/** The labels that a new version's alerts carry beside those of `by`: the rule compares them. */
const comparedLabels: readonly SeriesLabel[] = ['destination_version', 'destination_deploy_id'];

/** Labels of the alerts of a rule, beside its own `labels`. */
export function alertLabels({ rule }: LocatedRule): readonly string[] {
  return rule.condition.kind === 'new_version' ? [...rule.by, ...comparedLabels] : rule.by;
}

/** Everything that is wrong with a rule’s `by`. */
export function checkBy(located: LocatedRule): readonly PlacedFinding[] {
  return [
    ...checkService(located),
    ...checkRepeated(located),
    ...checkCountedLabels(located),
    ...checkCompared(located),
    ...checkVersions(located),
  ];
}

function checkService({ rule, placeOf }: LocatedRule): readonly PlacedFinding[] {
  if (rule.by.includes('destination_service')) return [];
  return [
    {
      kind: 'wrong-by',
      path: placeOf('by'),
      message: `by (${rule.by.join(', ')}) lacks destination_service`,
      remedy: 'add destination_service: counts are kept by it, so nothing can be added up across services',
    },
  ];
}

function checkRepeated({ config, placeOf }: LocatedRule): readonly PlacedFinding[] {
  const repeated = (config.by ?? []).filter((label, index, all) => all.indexOf(label) < index);
  return repeated.map((label) => ({
    kind: 'no-effect',
    severity: 'warning',
    path: placeOf('by'),
    message: `by names ${label} twice`,
    remedy: 'take one of the two out',
  }));
}

function checkCountedLabels({ rule, placeOf }: LocatedRule): readonly PlacedFinding[] {
  const { counted } = rule.select;
  const possible: readonly string[] = labelsOfCounted[counted];
  const wrong = countedLabels.filter((label) => rule.by.includes(label) && !possible.includes(label));
  const what = { flags: 'counts flags', faults: 'counts faults', failed: 'counts failed lines', requests: '' }[counted];
  return wrong.map((label) => ({
    kind: 'wrong-by',
    path: placeOf('by'),
    message: `by names ${label}, but the rule ${what === '' ? 'looks at all requests' : what}`,
    remedy: `take ${label} out of by; a rule that takes its by from defaults writes its own`,
  }));
}

function checkCompared({ rule, matchers, placeOf }: LocatedRule): readonly PlacedFinding[] {
  if (rule.condition.kind !== 'new_version') return [];
  const grouped = comparedLabels.filter((label) => rule.by.includes(label));
  const matched = matchers.filter(({ matcher }) => comparedLabels.includes(matcher.label));
  return [
    ...grouped.map(
      (label): PlacedFinding => ({
        kind: 'wrong-by',
        path: placeOf('by'),
        message: `by names ${label}, but new_version compares the versions of one series`,
        remedy: `take ${label} out of by: the alerts carry it anyway`,
      }),
    ),
    ...matched.map(
      ({ matcher, path }): PlacedFinding => ({
        ...(matcher.operator === '='
          ? {
              kind: 'never-fires',
              message: 'the rule can never fire: new_version compares versions, and only one is left',
            }
          : {
              kind: 'hardly-fires',
              severity: 'warning',
              message: `new_version compares versions, and ${matcher.label} ${matcher.operator} "${matcher.value}" takes some of them away`,
            }),
        path,
        remedy: `take the matcher on ${matcher.label} out`,
      }),
    ),
  ];
}

/** Conditions to which a version that goes away looks like an outage. */
const watchesAbsence: ReadonlySet<ConditionKind> = new Set(['dip', 'absent']);
const shortLived = ['source_version', 'source_deploy_id', 'destination_version', 'destination_deploy_id'] as const;

function checkVersions({ rule, placeOf }: LocatedRule): readonly PlacedFinding[] {
  if (!watchesAbsence.has(rule.condition.kind)) return [];
  const wrong = shortLived.filter((label) => rule.by.includes(label));
  if (wrong.length === 0) return [];
  return [
    {
      kind: 'fires-on-deploys',
      severity: 'warning',
      path: placeOf('by'),
      message: `by names ${wrong.join(', ')}: under ${rule.condition.kind} every deploy that replaces one is an incident`,
      remedy: `take ${wrong.join(', ')} out of by`,
    },
  ];
}
