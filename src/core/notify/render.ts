// render: a transition → the message that the on-call engineer reads, woken at night. What, where, which version, how bad,
// since when, what to do first, where to look. Text from log lines is in it, so every part is made visible and cut.
import { partyNames } from '#core/classify/render-flag.ts';
import type { Language } from '#core/classify/response-flag.ts';
import { findFlag } from '#core/classify/response-flags.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import { renderNumber, renderShare, renderSpan, renderTime, renderTimeOfDay } from './figures.ts';
import { firstSteps } from './first-steps.ts';
import type { FiringFacts } from './incident.ts';
import { incidentKey } from './incident.ts';
import type { MessageContent, MessageField, MessageLink, MessageStep } from './message.ts';
import type { FieldName, MessageLanguage, Phrases, SentenceFacts, Share } from './phrases.ts';
import { phrases } from './phrases.ts';
import type { Place } from './place.ts';
import { deployedEnds, labelText, renderEdge, renderEdgeWithNamespaces, toPlace } from './place.ts';
import { annotationText, renderFigures, summaryLines } from './render-summary.ts';
import { toComparisonFacts } from './verdict-phrases.ts';
import { cutText, toVisibleText } from './visible-text.ts';

/** How messages are to read. */
export interface RenderSettings {
  /** IANA name, such as `Asia/Seoul`; times in messages are local. */
  readonly timeZone: string;
  readonly language: MessageLanguage;
  /** Where to look a request up; `{request_id}` stands for its id, percent-encoded. `null`: ids without links. */
  readonly searchUrlTemplate: string | null;
}

/**
 * What a message may hold, UTF-16 units. Slack takes 150 for a header, 3,000 for a section, 2,000 for a field and about 13,200
 * for all; these leave room for its escapes and for what the adapter adds.
 */
export const messageLimits = {
  title: 140,
  summary: 1500,
  fieldLabel: 40,
  fieldValue: 300,
  fields: 10,
  stepLine: 200,
  command: 250,
  steps: 3,
  requestIds: 3,
  requestId: 100,
  url: 800,
  links: 2,
  footer: 600,
} as const;

/** The message for a transition that is `firing` or `resolved`; `previous` is what was remembered of the incident's firing. */
export function renderMessage(
  transition: AlertTransition,
  previous: FiringFacts | null,
  settings: RenderSettings,
): MessageContent {
  const isResolved = transition.status === 'resolved';
  const place = toPlace(transition.labels);
  const facts = toSentenceFacts(transition, previous, { place, timeZone: settings.timeZone });
  const languages = messageLanguagesOf(settings.language);
  const main = phrases[languages[0]];
  const requestIds = toRequestIds(transition, previous);
  return {
    key: previous?.key ?? incidentKey(transition),
    step: transition.id,
    status: isResolved ? 'resolved' : 'firing',
    severity: labelText(transition.labels, 'severity') ?? 'none',
    title: renderTitle(transition, place),
    summary: cutText(summaryLines(transition, facts, languages).join('\n'), messageLimits.summary),
    fields: renderFields(transition, facts, { language: languages[0], place, timeZone: settings.timeZone }),
    // Nothing is left to be done first once it is over.
    steps: isResolved
      ? []
      : firstSteps({ flag: facts.flag, labels: transition.labels, requestIds, comparison: facts.comparison }, languages)
          .slice(0, messageLimits.steps)
          .map(cutStep),
    requestIds,
    requestUrls: requestIds.map((id) => toSearchUrl(id, settings.searchUrlTemplate)),
    links: toLinks(transition, main),
    headings: main.headings,
    footer: renderFooter(transition, settings.timeZone),
  };
}

function renderTitle({ labels, alert }: AlertTransition, place: Place): string {
  const what = labelText(labels, 'flag') ?? toVisibleText(alert);
  const edge = renderEdge(place);
  const isBothEnds = place.source !== null && place.destination !== null;
  return cutText(edge === null ? what : `${what} ${isBothEnds ? 'on' : 'at'} ${edge}`, messageLimits.title);
}

function renderFields(
  transition: AlertTransition,
  facts: SentenceFacts,
  { language, place, timeZone }: { language: Language; place: Place; timeZone: string },
): readonly MessageField[] {
  const { labels, peak } = transition;
  const main = phrases[language];
  const isResolved = transition.status === 'resolved';
  const peakAt = renderTimeOfDay(peak.windowStartAtMs, timeZone);
  const { now, worst, usual, affected } = renderFigures(facts, language, peakAt);
  const figures: readonly (readonly [FieldName, string | null])[] = isResolved
    ? [
        ['fromTo', facts.span],
        ['lasted', main.duration(facts.lastedMs)],
        ['worst', worst],
        ['usual', usual],
      ]
    : [
        ['now', now],
        ['usual', usual],
        ['score', transition.verdict.z === null ? null : renderNumber(transition.verdict.z)],
        ['since', facts.since],
      ];
  const rest: readonly (readonly [FieldName, string | null])[] = [
    ['affected', affected],
    ['deploy', facts.deploys.map(({ id, of }) => main.deploy(id, of)).join(', ') || null],
    ['where', renderWhere(transition, place, main)],
    ['severity', labelText(labels, 'severity') ?? main.none],
    ['owner', renderOwner(transition, facts.flag, language)],
    ['rule', toVisibleText(transition.alert)],
  ];
  return [...figures, ...rest]
    .flatMap(([name, value]) => (value === null ? [] : [{ label: main.labels[name], value }]))
    .map(({ label, value }) => ({
      label: cutText(label, messageLimits.fieldLabel),
      value: cutText(value, messageLimits.fieldValue),
    }))
    .slice(0, messageLimits.fields);
}

/** The rule's word for it; without one, who usually has to act on such a flag. */
function renderOwner(transition: AlertTransition, flag: string | null, language: Language): string {
  const { labels } = transition;
  const named = labelText(labels, 'owner') ?? labelText(labels, 'team') ?? annotationText(transition, 'owner');
  if (named !== null) return named;
  const usual = flag === null ? null : findFlag(flag);
  const { none, usually } = phrases[language];
  return usual === null ? none : `${none}; ${usually(partyNames[usual.party][language])}`;
}

function renderWhere({ labels }: AlertTransition, place: Place, main: Phrases): string | null {
  const reporter = labelText(labels, 'reporter');
  const known = [
    renderEdgeWithNamespaces(place),
    labelText(labels, 'data_center'),
    reporter === null ? null : main.seenBy(reporter),
  ].filter((part) => part !== null);
  return known.length === 0 ? null : known.join(' · ');
}

function renderFooter(transition: AlertTransition, timeZone: string): string {
  const { verdict } = transition;
  const from = renderTimeOfDay(verdict.windowStartAtMs, timeZone);
  const to = renderTimeOfDay(verdict.windowEndAtMs, timeZone);
  const reason = toVisibleText(String(verdict.reason));
  return cutText(`flagwatch · ${from} - ${to} · ${reason} · ${toVisibleText(transition.id)}`, messageLimits.footer);
}

function toSentenceFacts(
  transition: AlertTransition,
  previous: FiringFacts | null,
  { place, timeZone }: { place: Place; timeZone: string },
): SentenceFacts {
  const { verdict, peak, labels } = transition;
  const sinceAtMs = previous?.sinceAtMs ?? transition.sinceAtMs;
  const usual = verdict.baseline ?? peak.baseline;
  return {
    flag: labelText(labels, 'flag'),
    unit: verdict.unit,
    comparison:
      verdict.comparison === undefined
        ? null
        : toComparisonFacts(verdict.comparison, labelText(labels, 'destination_service')),
    alert: toVisibleText(transition.alert),
    edge: renderEdge(place),
    now: toShare(verdict.value, verdict.requestCount),
    peak: { ...toShare(peak.value, peak.requestCount), z: peak.z === null ? null : renderNumber(peak.z) },
    total: toShare(transition.totalCount, transition.totalRequestCount),
    usual: usual === null ? null : renderNumber(usual),
    windowMs: verdict.windowEndAtMs - verdict.windowStartAtMs,
    since: renderTime(sinceAtMs, timeZone),
    span: renderSpan(sinceAtMs, transition.atMs, timeZone),
    lastedMs: transition.atMs - sinceAtMs,
    deploys: deployedEnds(place).map(({ deployId, name }) => ({ id: deployId, of: name })),
  };
}

function toShare(part: number, whole: number): Share {
  return { part: renderNumber(part), whole: renderNumber(whole), percent: renderShare(part, whole) };
}

function toRequestIds(transition: AlertTransition, previous: FiringFacts | null): readonly string[] {
  const examples = transition.examples.length > 0 ? transition.examples : (previous?.examples ?? []);
  const ids = examples.map(({ requestId }) => cutText(toVisibleText(String(requestId)), messageLimits.requestId));
  return [...new Set(ids.filter((id) => id !== ''))].slice(0, messageLimits.requestIds);
}

function toSearchUrl(requestId: string, template: string | null): string | null {
  if (template === null) return null;
  return toUrl(template.replaceAll('{request_id}', () => encodeURIComponent(requestId)));
}

function toLinks(transition: AlertTransition, main: Phrases): readonly MessageLink[] {
  const url = toUrl(annotationText(transition, 'runbook_url') ?? '');
  return url === null ? [] : [{ text: main.runbook, url }];
}

/** Only addresses of the web, whole: half an address leads somewhere else. */
function toUrl(text: string): string | null {
  return /^https?:\/\/[^\s<>"]+$/.test(text) && text.length <= messageLimits.url ? text : null;
}

function cutStep({ lines, command }: MessageStep): MessageStep {
  return {
    lines: lines.map((line) => cutText(toVisibleText(line), messageLimits.stepLine)),
    // A command that was cut would do something else.
    command: command !== null && command.length <= messageLimits.command ? toVisibleText(command) : null,
  };
}

/** The languages of a message in their order. */
export function messageLanguagesOf(language: MessageLanguage): readonly [Language, ...Language[]] {
  return language === 'both' ? ['en', 'ko'] : [language];
}
