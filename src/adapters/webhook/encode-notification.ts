// MessageContent → the body that Alertmanager's webhook sends (version "4"), so that whatever takes those takes these.
import type { MessageAlert, MessageContent } from '#core/notify/message.ts';

type Labels = Readonly<Record<string, string>>;

/** The body of one notification, and what tells it from others. */
export interface Notification {
  readonly body: string;
  /** The same for the same content of the same incident: receivers that keep it take each notification once. */
  readonly idempotencyKey: string;
}

/** Alerts that a body holds; `truncatedAlerts` says how many more there are. */
const maxAlerts = 100;

/** The notification. `groupKey` is the incident's identity, the same from its first alert to its end. */
export function encodeNotification(content: MessageContent): Notification {
  const alerts = content.alerts ?? [];
  const body = {
    version: '4',
    groupKey: content.key,
    truncatedAlerts: Math.max(0, alerts.length - maxAlerts),
    status: content.status,
    receiver: content.receiver ?? '',
    groupLabels: content.groupLabels ?? {},
    commonLabels: common(alerts.map(({ labels }) => labels)),
    commonAnnotations: common(alerts.map(({ annotations }) => annotations)),
    externalURL: '',
    title: content.title,
    text: content.summary,
    alerts: alerts.slice(0, maxAlerts).map((alert) => toAlert(alert, content)),
  };
  return { body: JSON.stringify(body), idempotencyKey: `${content.key}/${content.step}` };
}

function toAlert(alert: MessageAlert, content: MessageContent) {
  return {
    status: alert.status,
    labels: alert.labels,
    annotations: alert.annotations,
    startsAt: toIso(alert.startedAtMs),
    // As Alertmanager has it where an alert is not over.
    endsAt: alert.endedAtMs === null ? '0001-01-01T00:00:00Z' : toIso(alert.endedAtMs),
    generatorURL: content.links[0]?.url ?? '',
    fingerprint: alert.fingerprint,
  };
}

function common(sets: readonly Labels[]): Labels {
  const [first = {}, ...others] = sets;
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) =>
      others.every((labels) => Object.hasOwn(labels, name) && labels[name] === value),
    ),
  );
}

const lastRenderableMs = 253_402_300_799_999;

function toIso(atMs: number): string {
  return new Date(Math.min(Math.max(0, Math.trunc(atMs) || 0), lastRenderableMs)).toISOString();
}
