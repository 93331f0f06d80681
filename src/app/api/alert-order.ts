// The order in which the HTTP API shows alerts.
import type { AlertAnswer } from '#config/api-schema.ts';

/** Those that fire first, the oldest first. */
export function sortAlerts(alerts: readonly AlertAnswer[]): readonly AlertAnswer[] {
  return [...alerts].sort(
    (a, b) =>
      Number(b.state === 'firing') - Number(a.state === 'firing') ||
      Date.parse(a.activeAt) - Date.parse(b.activeAt) ||
      (a.fingerprint < b.fingerprint ? -1 : 1),
  );
}
