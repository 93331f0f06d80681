// Decides what of an incident is to be told at a time: which alerts are held back and why, whether the group's wait is over, whether a
// reminder is due. A function of the incident and its surroundings, so it can be tried on anything.
import type { Labels } from '#core/labels.ts';
import { alertLabels } from './alert-matcher.ts';
import type { HoldReason, Incident, IncidentAlert, IncidentReply } from './incident.ts';
import { type FiringAlert, firingAlertOf } from './inhibition.ts';
import type { Route, Routing } from './routing.ts';
import { severityRank } from './severity.ts';
import type { Silences } from './silence.ts';

/** What decides beside the incident itself. */
export interface Surroundings {
  readonly routing: Routing;
  readonly silences: Silences;
  /** Every alert that fires now, as far as this processor knows. */
  firing(): Iterable<FiringAlert>;
  /** How long before its end a silence is announced in the incidents that it quiets, milliseconds. */
  readonly silenceNoticeMs: number;
}

/** When, and whether waiting is over whatever the settings (the loop stops). */
export interface ReviewTime {
  readonly atMs: number;
  readonly isFinal: boolean;
}

/**
 * The incident as it is to be told at `atMs`; `null` where nothing of it is left that anybody was or will be told. Who was told of a
 * beginning is told of its end, whatever is silenced: a message that stays red is a lie. Held back are beginnings and calls.
 */
export function reviewIncident(incident: Incident, around: Surroundings, time: ReviewTime): Incident | null {
  const route = around.routing.routeById(incident.routeId);
  const context = { around, route, atMs: time.atMs };
  const alerts = incident.alerts
    .filter(({ transition, shownId }) => transition.status === 'firing' || shownId !== null)
    .map((alert) => withHold(alert, context));
  if (alerts.length === 0) return null;
  const told = withReminder(tellChanges({ ...incident, alerts }, context, time), context);
  return withCause(told, incident, context);
}

interface Context {
  readonly around: Surroundings;
  readonly route: Route | null;
  readonly atMs: number;
}

function withHold(alert: IncidentAlert, context: Context): IncidentAlert {
  const { heldUntilMs: _before, ...rest } = alert;
  if (alert.transition.status !== 'firing') return alert.held === null ? alert : { ...rest, held: null };
  const target = firingAlertOf(alert.transition);
  const { inhibition } = context.around.routing;
  if (inhibition.sourceOf(target, context.around.firing()) !== null) {
    return alert.held === 'inhibited' && alert.heldUntilMs === undefined ? alert : { ...rest, held: 'inhibited' };
  }
  if (alert.held === 'inhibited') {
    const heldUntilMs = alert.heldUntilMs ?? context.atMs + inhibition.keepMsOf(target.labels);
    if (context.atMs < heldUntilMs) return alert.heldUntilMs === undefined ? { ...alert, heldUntilMs } : alert;
  }
  const held = holdReason(target.labels, context);
  return held === alert.held ? alert : { ...rest, held };
}

function holdReason(labels: Labels, { around, route, atMs }: Context): HoldReason | null {
  if (around.silences.find(labels, atMs) !== null) return 'silenced';
  return route?.isMuted(atMs) === true ? 'muted' : null;
}

/** Whether the message does not show the alert's latest step and is to show it. */
function isNews({ transition, shownId, held }: IncidentAlert): boolean {
  return transition.id !== shownId && (shownId !== null || held === null);
}

/** Whether it may still turn out to follow from another alert, which has not come yet. */
function isAwaitingSource({ transition, shownId }: IncidentAlert, { routing }: Surroundings, atMs: number): boolean {
  if (shownId !== null) return false;
  return atMs < transition.atMs + routing.inhibition.waitMsOf(alertLabels(transition));
}

function tellChanges(incident: Incident, { around, route }: Context, { atMs, isFinal }: ReviewTime): Incident {
  const isReady = (alert: IncidentAlert): boolean =>
    isNews(alert) && (isFinal || !isAwaitingSource(alert, around, atMs));
  const news = incident.alerts.filter(isReady);
  if (news.length === 0) return incident;
  const isFirst = incident.step === null;
  const dueAtMs = isFirst
    ? incident.beganAtMs + (route?.groupWaitMs ?? 0)
    : incident.stepAtMs + (route?.groupIntervalMs ?? 0);
  if (atMs < dueAtMs && !isFinal) return incident;
  const newest = news.reduce((a, b) => (b.transition.atMs >= a.transition.atMs ? b : a));
  const reply = isFirst ? null : severityReply(incident, news, atMs);
  return {
    ...incident,
    alerts: incident.alerts.map((alert) => (isReady(alert) ? { ...alert, shownId: alert.transition.id } : alert)),
    step: newest.transition.id,
    stepAtMs: atMs,
    calledAtMs: isFirst || reply !== null ? atMs : incident.calledAtMs,
    reply: reply ?? incident.reply,
  };
}

/** An edit calls nobody: what is worse than all that was shown before is said below the message as well. */
function severityReply(incident: Incident, news: readonly IncidentAlert[], atMs: number): IncidentReply | null {
  const rankOf = ({ transition }: IncidentAlert): number => severityRank(transition.labels['severity']);
  const before = Math.max(0, ...incident.alerts.filter(({ shownId }) => shownId !== null).map(rankOf));
  const worse = news.find((one) => one.transition.status === 'firing' && one.held === null && rankOf(one) > before);
  return worse === undefined ? null : { id: `severity-${worse.transition.id}`, kind: 'severity', atMs };
}

function withReminder(incident: Incident, { around, route, atMs }: Context): Incident {
  const shown = incident.alerts.filter(({ shownId, transition }) => shownId !== null && transition.status === 'firing');
  if (incident.step === null || shown.length === 0) return incident;
  if (shown.some(({ held }) => held === null)) {
    const repeatMs = route?.repeatIntervalMs ?? null;
    if (repeatMs === null || atMs < incident.calledAtMs + repeatMs) return incident;
    return { ...incident, calledAtMs: atMs, reply: { id: `reminder-${atMs}`, kind: 'reminder', atMs } };
  }
  return withSilenceNotice(incident, shown, { around, route, atMs });
}

function withSilenceNotice(incident: Incident, shown: readonly IncidentAlert[], { around, atMs }: Context): Incident {
  const ends = shown
    .filter(({ held }) => held === 'silenced')
    .map(({ transition }) => around.silences.find(alertLabels(transition), atMs))
    .filter((silence) => silence !== null)
    .filter(
      ({ fromMs, untilMs }) => untilMs - atMs <= around.silenceNoticeMs && untilMs - fromMs > around.silenceNoticeMs,
    )
    .reduce((a, b) => (a === null || b.untilMs < a.untilMs ? b : a), null as ReturnType<Silences['find']>);
  if (ends === null) return incident;
  const id = `silence-${ends.id}-${ends.untilMs}`;
  if (incident.reply?.id === id) return incident;
  const { author, untilMs } = ends;
  return { ...incident, reply: { id, kind: 'silence_ends', atMs, author, untilMs } };
}

/** What was told before its cause came is not taken back: below the message stands what it follows from. */
function withCause(incident: Incident, before: Incident, { around, atMs }: Context): Incident {
  const shown = incident.alerts.filter(({ shownId, transition }) => shownId !== null && transition.status === 'firing');
  const isNewlyHeld = shown.some(({ transition, held }) => {
    const earlier = before.alerts.find((one) => one.transition.fingerprint === transition.fingerprint);
    return held === 'inhibited' && earlier?.held === null && earlier.shownId !== null;
  });
  if (!isNewlyHeld || shown.some(({ held }) => held !== 'inhibited')) return incident;
  const [first] = shown;
  const root =
    first === undefined ? null : around.routing.inhibition.rootOf(firingAlertOf(first.transition), around.firing());
  if (root === null || incident.alerts.some(({ transition }) => transition.fingerprint === root.fingerprint)) {
    return incident;
  }
  const id = `follows-${root.fingerprint}-${root.sinceAtMs}`;
  return { ...incident, reply: { id, kind: 'follows', atMs, cause: root.labels } };
}
