// Checks of a rule's labels and annotations: names, templates, and what the on-call engineer will miss at night.
import type { ConditionKind } from '#core/detect/condition.ts';
import type { TemplateError } from '#core/evaluate/template.ts';
import { findTemplateErrors, templateVariables } from '#core/evaluate/template.ts';
import { alertLabels } from './by-checks.ts';
import type { FindingKind } from './finding.ts';
import type { LocatedRule } from './located-rule.ts';
import { nearestName } from './nearest-name.ts';
import type { PlacedFinding } from './yaml-source.ts';

/** Everything that is wrong with a rule’s labels and annotations. */
export function checkTexts(located: LocatedRule): readonly PlacedFinding[] {
  return [
    ...checkNames(located, 'labels'),
    ...checkNames(located, 'annotations'),
    ...checkLabels(located),
    ...checkTemplates(located),
    ...checkMissing(located),
  ];
}

const namePattern = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
/** The alert’s name is part of its identity under this label. */
const reservedLabel = 'alertname';

function checkNames({ rule, placeOf }: LocatedRule, part: 'labels' | 'annotations'): readonly PlacedFinding[] {
  return Object.keys(rule[part]).flatMap((name) => {
    if (namePattern.test(name)) return [];
    const message = `${name === '' ? 'an empty text' : name} is no name for one of the ${part}`;
    return [
      {
        kind: 'wrong-name',
        path: placeOf(part, name),
        atKey: true,
        message,
        remedy: 'write letters, digits and _, no digit first',
      },
    ];
  });
}

function checkLabels(located: LocatedRule): readonly PlacedFinding[] {
  const { rule, placeOf } = located;
  const ofSeries = alertLabels(located);
  return Object.entries(rule.labels).flatMap(([name, value]): readonly PlacedFinding[] => {
    const path = placeOf('labels', name);
    if (name === reservedLabel) {
      return [
        {
          kind: 'wrong-name',
          path,
          atKey: true,
          message: 'the label alertname is reserved',
          remedy: 'the name goes into alert',
        },
      ];
    }
    if (ofSeries.includes(name)) {
      const message = `the label ${name} never shows: the series gives the alert its own ${name}`;
      return [
        {
          kind: 'no-effect',
          severity: 'warning',
          path,
          atKey: true,
          message,
          remedy: 'take it out of labels or of by',
        },
      ];
    }
    if (!value.includes('{{')) return [];
    const message = `the label ${name} holds {{, but labels are no templates: they identify`;
    return [{ kind: 'no-effect', severity: 'warning', path, message, remedy: 'write the text into an annotation' }];
  });
}

function checkTemplates(located: LocatedRule): readonly PlacedFinding[] {
  const { rule, placeOf } = located;
  const labels = [...new Set([...alertLabels(located), ...Object.keys(rule.labels)])];
  return Object.entries(rule.annotations).flatMap(([name, text]) => {
    return findTemplateErrors(text, { labels, condition: rule.condition.kind }).map((error) => ({
      kind: 'wrong-template' as const,
      path: placeOf('annotations', name),
      within: error.placeholder,
      message: `${name}: ${error.message}`,
      remedy: templateRemedy(error, rule.condition.kind),
    }));
  });
}

function templateRemedy({ placeholder }: TemplateError, condition: ConditionKind): string {
  if (!placeholder.endsWith('}}')) return 'close it with }}';
  const name = placeholder.slice(2, -2).trim();
  if (name.startsWith('$labels.')) {
    return 'labels are those of by and of labels; correct the name or add the label to by';
  }
  const nearest = nearestName(name, templateVariables[condition]);
  return nearest === null ? 'write one of them' : `did you mean ${nearest}?`;
}

interface Wanted {
  readonly kind: FindingKind;
  readonly part: 'labels' | 'annotations';
  readonly isThere: (rule: LocatedRule['rule']) => boolean;
  readonly message: string;
  readonly remedy: string;
}

const wanted: readonly Wanted[] = [
  {
    kind: 'missing-severity',
    part: 'labels',
    isThere: ({ labels }) => hasText(labels['severity']),
    message: 'the alert has no severity',
    remedy: 'add labels: { severity: critical } (or warning, info)',
  },
  {
    kind: 'missing-owner',
    part: 'labels',
    isThere: ({ labels, annotations }) => [labels['owner'], labels['team'], annotations['owner']].some(hasText),
    message: 'the alert has no owner: nobody knows whose it is',
    remedy: 'add labels: { owner: TEAM }',
  },
  {
    kind: 'missing-summary',
    part: 'annotations',
    isThere: ({ annotations }) => hasText(annotations['summary']),
    message: 'the alert has no summary',
    remedy: 'add annotations: { summary: "one line: what, where" }',
  },
  {
    kind: 'missing-runbook',
    part: 'annotations',
    isThere: ({ annotations }) => Object.keys(annotations).some((name) => name.startsWith('runbook')),
    message: 'the alert has no runbook',
    remedy: 'add annotations: { runbook_url: https://… }, or its text as runbook_en',
  },
];

function checkMissing({ rule, placeOf, path }: LocatedRule): readonly PlacedFinding[] {
  const missing = wanted
    .filter(({ isThere }) => !isThere(rule))
    .map(
      ({ kind, message, remedy }): PlacedFinding => ({
        kind,
        severity: 'warning',
        path: [...path, 'alert'],
        message,
        remedy,
      }),
    );
  const url = rule.annotations['runbook_url'];
  if (url === undefined || /^https?:\/\/\S+$/.test(url)) return missing;
  const message = 'runbook_url is no web address, so messages cannot link to it';
  return [
    ...missing,
    {
      kind: 'wrong-address',
      severity: 'warning',
      path: placeOf('annotations', 'runbook_url'),
      message,
      remedy: 'write https://…',
    },
  ];
}

function hasText(value: string | undefined): boolean {
  return value !== undefined && value.trim() !== '';
}
