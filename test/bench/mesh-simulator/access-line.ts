// One access-log line of a simulated proxy, in the extended JSON format: the keys, their order and their empty values are those of
// recorded lines.
import type { Pod } from './fleet.ts';

/** What both sides' lines of a call have in common. */
export interface CallIds {
  readonly requestId: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly method: string;
  readonly path: string;
  readonly userAgent: string;
}

/** What a line says of the outcome. */
export interface LineOutcome {
  readonly startAtMs: number;
  readonly durationMs: number;
  readonly code: number;
  /** Short names, `-` for none. */
  readonly flags: string;
  readonly details: string;
  readonly transportFailure: string | null;
  readonly bytesSent: number;
}

/** The connection from the caller's proxy to the callee's: the same addresses on both sides. */
interface Connection {
  readonly from: string;
  readonly to: Pod;
}

const port = 8080;
const closed = 'delayed_connect_error:_Connection_refused';

/** Short and long names of the flags that a simulated proxy sets. */
const longNames: Readonly<Record<string, string>> = {
  '-': '-',
  UC: 'UpstreamConnectionTermination',
  UF: 'UpstreamConnectionFailure',
  UH: 'NoHealthyUpstream',
  UO: 'UpstreamOverflow',
  UT: 'UpstreamRequestTimeout',
  URX: 'UpstreamRetryLimitExceeded',
  'URX,UF': 'UpstreamRetryLimitExceeded,UpstreamConnectionFailure',
  NR: 'NoRouteFound',
  DC: 'DownstreamConnectionTermination',
};

/** Why a connection was not made, as Envoy words it. */
export const refused = closed;

/** Names and addresses of a service, as its callers' proxies write them. */
export interface CalledService {
  readonly name: string;
  readonly namespace: string;
  /** The service's own address. */
  readonly virtualAddress: string;
}

/** What the caller's line has beyond the outcome. */
export interface OutboundLine {
  readonly writer: Pod;
  readonly called: CalledService;
  /** Address of who called the proxy: its own application, or a user at a gateway. */
  readonly client: string;
  /** The host that was chosen last; `null` where none was. */
  readonly host: Pod | null;
  /** `null` where nothing was connected. */
  readonly connection: Connection | null;
  readonly hostsAttempted: readonly string[];
  readonly attempts: number;
}

/** The line of the caller's proxy. */
export function renderOutbound(ids: CallIds, line: OutboundLine, outcome: LineOutcome): string {
  const { writer, called, host, connection } = line;
  const serviceHost = `${called.name}.${called.namespace}.svc.cluster.local`;
  // Without a route there is no cluster, and so none of what is known of one.
  const hasCluster = outcome.flags !== 'NR';
  // A circuit breaker refuses a request that has a pool to go to.
  const hasUpstream = host !== null || outcome.flags === 'UO';
  const peer = host === null ? 'null' : quote(host.text.asCallee);
  return (
    `{"access_log_type":"DownstreamEnd","attempts":${line.attempts},"authority":"${serviceHost}:${port}","bytes_received":0,` +
    `"bytes_sent":${outcome.bytesSent},"cluster_service":${hasCluster ? `[{"host":"${serviceHost}","name":"${called.name}","namespace":"${called.namespace}"}]` : 'null'},` +
    `"connection_termination_details":null,"destination_principal":${connection === null ? 'null' : quote(connection.to.text.principal)},` +
    `"downstream_close":"Normal","downstream_local_address":"${called.virtualAddress}:${port}","downstream_peer":null,"downstream_peer_cel":null,` +
    `"downstream_remote_address":"${line.client}","duration":${outcome.durationMs},"env_pod_name":"${writer.name}","grpc_status":null,` +
    `"hosts_attempted":${line.hostsAttempted.length === 0 ? 'null' : quote(line.hostsAttempted.join(','))},"listener_direction":2,${identity(writer, ids)},` +
    `"protocol":"HTTP/1.1","request_id":"${ids.requestId}","requested_server_name":null,${answer(outcome)},"route_name":${hasCluster ? '"default"' : 'null'},` +
    `"source_principal":null,${times(ids, outcome)},"upstream_close":${hasUpstream ? '"Normal"' : 'null'},` +
    `"upstream_cluster":${hasCluster ? `"outbound|${port}||${serviceHost}"` : 'null'},"upstream_host":${host === null ? 'null' : `"${host.address}:${port}"`},` +
    `"upstream_local_address":${connection === null ? 'null' : quote(connection.from)},${service(outcome)},` +
    `"upstream_workload":${peer},"upstream_workload_cel":${peer},${tail(ids)}`
  );
}

/** What the callee's line has beyond the outcome. */
export interface InboundLine {
  readonly caller: Pod;
  readonly connection: Connection;
  readonly called: CalledService;
  /** Whether the proxy reached its application. */
  readonly hasReachedApp: boolean;
}

/** The line of the callee's proxy. */
export function renderInbound(ids: CallIds, line: InboundLine, outcome: LineOutcome): string {
  const { caller, connection, called, hasReachedApp } = line;
  const writer = connection.to;
  const app = `"${writer.address}:1${port}"`;
  const peer = quote(caller.text.asCaller);
  return (
    `{"access_log_type":"DownstreamEnd","attempts":1,"authority":"${called.name}.${called.namespace}.svc.cluster.local:${port}","bytes_received":0,` +
    `"bytes_sent":${outcome.bytesSent},"cluster_service":null,"connection_termination_details":null,"destination_principal":null,` +
    `"downstream_close":"Normal","downstream_local_address":"${writer.address}:${port}","downstream_peer":${peer},"downstream_peer_cel":${peer},` +
    `"downstream_remote_address":"${connection.from}","duration":${outcome.durationMs},"env_pod_name":"${writer.name}","grpc_status":null,` +
    `"hosts_attempted":${hasReachedApp ? app : 'null'},"listener_direction":1,${identity(writer, ids)},` +
    `"protocol":"HTTP/1.1","request_id":"${ids.requestId}","requested_server_name":"outbound_.${port}_._.${called.name}.${called.namespace}.svc.cluster.local",` +
    `${answer(outcome)},"route_name":"default","source_principal":"${caller.text.principal}",${times(ids, outcome)},"upstream_close":"Normal",` +
    `"upstream_cluster":"inbound|${port}||","upstream_host":${app},` +
    `"upstream_local_address":${hasReachedApp ? `"127.0.0.6:${connection.from.slice(connection.from.lastIndexOf(':') + 1)}"` : 'null'},${service(outcome)},` +
    `"upstream_workload":null,"upstream_workload_cel":null,${tail(ids)}`
  );
}

function identity({ text }: Pod, { method, path }: CallIds): string {
  return `"method":"${method}",${text.node},"path":"${path}","pod":"${text.id}"`;
}

function answer({ code, details, flags }: LineOutcome): string {
  const long = longNames[flags];
  if (long === undefined) throw new Error(`no long name for ${flags}`);
  return `"response_code":${code},"response_code_details":"${details}","response_flags":"${flags}","response_flags_long":"${long}"`;
}

function times({ traceId, spanId }: CallIds, { startAtMs }: LineOutcome): string {
  return `"start_time":"${isoTime(startAtMs)}","traceparent":"00-${traceId}-${spanId}-01"`;
}

// An upstream that answered has told how long it took; one that did not has no header.
function service({ code, details, durationMs, transportFailure }: LineOutcome): string {
  const hasAnswered = code !== 0 && details === 'via_upstream';
  return (
    `"upstream_service_time":${hasAnswered ? `"${durationMs}"` : 'null'},` +
    `"upstream_transport_failure_reason":${transportFailure === null ? 'null' : quote(transportFailure)}`
  );
}

function tail({ userAgent, traceId }: CallIds): string {
  return `"user_agent":"${userAgent}","x_b3_traceid":"${traceId}","x_forwarded_for":null}`;
}

function quote(text: string): string {
  return `"${text}"`;
}

let lastSecond = Number.NaN;
let lastSecondText = '';

/** ISO 8601 with milliseconds; the seconds come in order, so the text of one is used for many lines. */
function isoTime(atMs: number): string {
  const second = Math.floor(atMs / 1000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastSecondText = new Date(second * 1000).toISOString().slice(0, 20);
  }
  return `${lastSecondText}${String(atMs - second * 1000).padStart(3, '0')}Z`;
}
