// TEXT lines without a configured format: Istio's default, and the shorter ones that older Istio and plain Envoy write. Only forms
// that cannot be taken for each other: each has its own number of quotes, or its own number of words at the end.
import type { CompiledTextFormat } from './compile-text-format.ts';
import { compileTextFormat } from './compile-text-format.ts';
import type { JsonObject, Unreadable } from './field-value.ts';
import { isUnreadable } from './field-value.ts';
import { parseTextLine } from './text-format.ts';

const request =
  '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS%';
const numbers = '%BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%';
const headers =
  '"%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%"';
const addresses =
  '%UPSTREAM_CLUSTER% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME%';
const details = '%RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "%UPSTREAM_TRANSPORT_FAILURE_REASON%"';
const mixer = '"%DYNAMIC_METADATA(istio.mixer:status)%" "%UPSTREAM_TRANSPORT_FAILURE_REASON%"';

/** Istio's default TEXT format since 1.9. */
export const istioTextFormat: string = `${request} ${details} ${numbers} ${headers} ${addresses} %ROUTE_NAME%`;

/** Envoy's own default TEXT format. */
export const envoyTextFormat: string = `${request} ${numbers} ${headers}`;

const others: readonly { readonly quotes: number; readonly format: CompiledTextFormat }[] = [
  envoyTextFormat,
  `${request} ${details} ${numbers} ${headers}`,
  `${request} ${details} ${numbers} ${headers} ${addresses}`,
  // Istio 1.5 to 1.8; 1.4 and before.
  `${request} ${mixer} ${numbers} ${headers} ${addresses} %ROUTE_NAME%`,
  `${request} ${mixer} ${numbers} ${headers} ${addresses}`,
].flatMap((source) => {
  const compiled = compileTextFormat(source);
  return compiled.kind === 'ok' ? [{ quotes: countQuotes(source), format: compiled.format }] : [];
});

/**
 * The fields of a TEXT line in one of the default formats. Where the line is in none, the reason is what Istio's present one
 * has against it.
 */
export function readDefaultText(line: string): JsonObject | Unreadable {
  const usual = parseTextLine(line);
  if (!isUnreadable(usual)) return usual;
  const quotes = countQuotes(line);
  for (const { quotes: wanted, format } of others) {
    // With another number of quotes a caller has put some of its own into a header: in none of these forms is that told apart.
    const fields = quotes === wanted ? format.read(line) : usual;
    if (!isUnreadable(fields) && isServerName(fields['requested_server_name'])) return fields;
  }
  return usual;
}

// The last of the shorter forms: with a space in it, it is more than that.
function isServerName(value: unknown): boolean {
  return typeof value !== 'string' || !value.includes(' ');
}

function countQuotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) count += 1;
  return count;
}
