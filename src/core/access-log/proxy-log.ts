// Knows the proxy's own log by its form: istio-agent's and Envoy's messages come from the same container as the access log.
// Deliberately narrow: a time and a level in the places where these two write them, else it is not one.
import type { JsonObject } from './field-value.ts';

const levels = 'trace|debug|info|warn|warning|error|critical|fatal|none|off';

// `2026-11-21T10:00:00.123456Z<tab>info<tab>Envoy proxy is ready`, of istio-agent, and of Envoy as istio-agent starts it.
const agentText = new RegExp(String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z\t(?:${levels})\t`);

// `[2024-01-01 10:00:00.123][14][warning][config] …`, Envoy's own form, with or without the prefix of older agents.
const envoyText = new RegExp(
  String.raw`^(?:\[Envoy \(Epoch \d{1,9}\)\] )?\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\]\[\d{1,9}\]\[(?:${levels})\]\[[^\]\s]{1,40}\] `,
);

/** Whether a line of text, without white space before it, is one of the proxy's own log. */
export function isProxyLogText(line: string): boolean {
  return agentText.test(line) || envoyText.test(line);
}

const knownLevel = new RegExp(`^(?:${levels})$`);
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** Whether an object that is no access log is a line of istio-agent's log as JSON (`--log_as_json`): level, time and msg. */
export function isProxyLogObject(fields: JsonObject): boolean {
  const { level, time, msg } = fields;
  return (
    typeof level === 'string' &&
    knownLevel.test(level) &&
    typeof time === 'string' &&
    isoTime.test(time) &&
    typeof msg === 'string'
  );
}
