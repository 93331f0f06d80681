// An incident → the message about it: of one alert its own message, of several the worst one's with a list of all.
import type { Language } from '#core/classify/response-flag.ts';
import type { Labels } from '#core/labels.ts';
import { renderTime, renderTimeOfDay } from './figures.ts';
import type { Incident, IncidentAlert, IncidentReply } from './incident.ts';
import type { MessageAlert, MessageContent } from './message.ts';
import { phrases } from './phrases.ts';
import { labelText, renderEdge, toPlace } from './place.ts';
import { messageLanguagesOf, messageLimits, type RenderSettings, renderMessage } from './render.ts';
import { severityRank } from './severity.ts';
import { cutText, toVisibleText } from './visible-text.ts';

/** Alerts that a message lists; of further ones it tells how many they are. */
const maxListed = 10;

/** The message of an incident that has something to show. Throws where a transition holds what its version does not promise. */
export function renderIncident(incident: Incident, settings: RenderSettings): MessageContent {
  const shown = incident.alerts.filter(({ shownId }) => shownId !== null);
  const [first, ...others] = [...shown].sort(byUrgency);
  if (first === undefined) throw new Error(`incident ${incident.key} shows no alert`);
  const rendered = [first, ...others].map((alert) => ({
    alert,
    message: renderMessage(alert.transition, alert.firing, settings),
  }));
  const [worst = { message: renderMessage(first.transition, first.firing, settings) }] = rendered;
  const base: MessageContent = {
    ...worst.message,
    key: incident.key,
    step: incident.step ?? first.transition.id,
    receiver: incident.receiver,
    groupLabels: incident.groupLabels,
    alerts: rendered.map(({ alert, message }) => toMessageAlert(alert, message)),
  };
  return others.length === 0 ? base : withList(base, rendered, settings);
}

/** What stands below the message, a language a line. */
export function renderReply(incident: Incident, reply: IncidentReply, settings: RenderSettings): string {
  const firing = incident.alerts.filter(
    ({ transition, shownId }) => transition.status === 'firing' && shownId !== null,
  );
  const since = Math.min(...firing.map(({ firing: facts }) => facts.sinceAtMs), reply.atMs);
  const worst = [...firing].sort(byUrgency)[0];
  return messageLanguagesOf(settings.language)
    .map((language) =>
      phrases[language].reply(reply.kind, {
        severity: labelText(worst?.transition.labels ?? {}, 'severity') ?? phrases[language].none,
        durationMs: reply.atMs - since,
        author: cutText(toVisibleText(reply.author ?? ''), maxAuthor),
        until: renderTime(reply.untilMs ?? reply.atMs, settings.timeZone),
        leftMs: Math.max(0, (reply.untilMs ?? reply.atMs) - reply.atMs),
        cause: causeText(reply.cause ?? {}),
      }),
    )
    .join('\n');
}

const maxAuthor = 100;

/** `CallsGone gateway -> storefront`. */
function causeText(labels: Labels): string {
  const edge = renderEdge(toPlace(labels));
  return [labelText(labels, 'alertname') ?? '', ...(edge === null ? [] : [edge])].join(' ');
}

function byUrgency(a: IncidentAlert, b: IncidentAlert): number {
  const firing = (one: IncidentAlert): number => (one.transition.status === 'firing' ? 1 : 0);
  // What to do first is never clearer than with a deploy that can be rolled back.
  const advice = (one: IncidentAlert): number => (one.transition.peak.comparison?.verdict === 'only_new' ? 1 : 0);
  const rank = (one: IncidentAlert): number => severityRank(one.transition.labels['severity']);
  return firing(b) - firing(a) || rank(b) - rank(a) || advice(b) - advice(a) || a.firing.sinceAtMs - b.firing.sinceAtMs;
}

type Rendered = readonly { readonly alert: IncidentAlert; readonly message: MessageContent }[];

function withList(base: MessageContent, rendered: Rendered, settings: RenderSettings): MessageContent {
  const languages = messageLanguagesOf(settings.language);
  const firingCount = rendered.filter(({ alert }) => alert.transition.status === 'firing').length;
  const counts = { firing: firingCount, resolved: rendered.length - firingCount };
  const main: Language = languages[0];
  const listed = rendered.slice(0, maxListed).map(({ alert, message }) => {
    const isFiring = alert.transition.status === 'firing';
    const at = renderTimeOfDay(isFiring ? alert.firing.sinceAtMs : alert.transition.atMs, settings.timeZone);
    return `${isFiring ? '•' : '✓'} ${message.severity} ${message.title} (${phrases[main].sinceOrOver(isFiring, at)})`;
  });
  const more = rendered.length - listed.length;
  const list = [...listed, ...(more > 0 ? [phrases[main].more(more)] : [])];
  const heads = languages.map((language) => phrases[language].alertCounts(counts));
  return {
    ...base,
    status: firingCount > 0 ? 'firing' : 'resolved',
    title: cutText(`${base.title} ${phrases[main].andMore(rendered.length - 1)}`, messageLimits.title),
    summary: cutText([...heads, ...list, base.summary].join('\n'), messageLimits.summary),
  };
}

function toMessageAlert({ transition, firing }: IncidentAlert, message: MessageContent): MessageAlert {
  const isFiring = transition.status === 'firing';
  return {
    status: isFiring ? 'firing' : 'resolved',
    fingerprint: transition.fingerprint,
    labels: { ...transition.labels, alertname: transition.alert },
    annotations: { ...transition.annotations, title: message.title, text: message.summary },
    startedAtMs: firing.sinceAtMs,
    endedAtMs: isFiring ? null : transition.atMs,
  };
}
