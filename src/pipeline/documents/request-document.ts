// One failed request as an ECS document: what broke, where, who acts, and all its hops. The lines have documents of their own.
import { renderEndpoint } from '#core/attribute/render-endpoint.ts';
import type { Endpoint } from '#core/attribute/traffic.ts';
import { unknownName } from '#core/attribute/traffic.ts';
import type { FaultHop, RequestFault } from '#core/correlate/request-fault.ts';
import type { IsoTimes } from './iso-times.ts';
import { isRenderableTime } from './iso-times.ts';
import { ecsVersion } from './line-document.ts';

/** Id of a request's document: the same for all its revisions. Two data centres may see one request. */
export function requestDocumentId(dataCenter: string, request: RequestFault): string {
  return `${dataCenter}/${request.id}`;
}

/** Whether a document can hold the times of a request. */
export function hasRenderableTimes({ startedAtMs, endedAtMs, filedAtMs, countedAtMs, hops }: RequestFault): boolean {
  return [startedAtMs, endedAtMs, filedAtMs, countedAtMs, ...hops.map((hop) => hop.startedAtMs)].every(
    isRenderableTime,
  );
}

/**
 * The document of one failed request, JSON text. `service`, `deployment` and both ends under `flagwatch` are those of the hop that
 * broke, so that the filter that finds the lines of a deploy finds the requests that it broke. A result that was taken back is
 * kept, as a success whose party is `none`: whoever has seen the first finds out.
 */
export function renderRequestDocument(
  request: RequestFault,
  context: { readonly dataCenter: string; readonly ingestedAtMs: number },
  times: IsoTimes,
): string {
  const { root, hops } = request;
  const { service, version, deployId } = root.destination;
  const [first] = hops;
  const flags = [...new Set(hops.flatMap((hop) => hop.flags))];
  return JSON.stringify({
    '@timestamp': times.render(request.startedAtMs),
    ecs: { version: ecsVersion },
    event: eventFields(request, context.ingestedAtMs, times),
    message: request.why.en,
    http:
      request.requestId === null
        ? undefined
        : {
            request: { id: request.requestId },
            response: first === undefined ? undefined : { status_code: first.code },
          },
    trace: request.traceId === null ? undefined : { id: request.traceId },
    client: request.client === null ? undefined : { address: request.client },
    service: { name: known(service), version: known(version) },
    deployment: deployId === null ? undefined : { id: deployId },
    labels: deployId === null ? undefined : { deploy_id: deployId },
    flagwatch: {
      data_center: context.dataCenter,
      flags: flags.length === 0 ? undefined : flags,
      fault: request.fault,
      party: request.party,
      evidence: request.evidence,
      revision: request.revision,
      counted_at: times.render(request.countedAtMs),
      source: endFields(root.source),
      destination: endFields(root.destination),
      root: { fault: root.fault, source: endFields(root.source), destination: endFields(root.destination) },
      why: request.why,
      hops: hops.map((hop) => hopFields(hop, times)),
    },
  });
}

function eventFields(request: RequestFault, ingestedAtMs: number, times: IsoTimes): object {
  return {
    kind: 'event',
    category: [request.requestId === null ? 'network' : 'web'],
    type: ['error'],
    dataset: 'flagwatch.requests',
    outcome: request.party === 'none' ? 'success' : 'failure',
    duration: Math.max(0, request.endedAtMs - request.startedAtMs) * 1_000_000,
    end: times.render(request.endedAtMs),
    ingested: times.render(ingestedAtMs),
  };
}

function hopFields(hop: FaultHop, times: IsoTimes): object {
  return {
    reporter: hop.reporter,
    source: endFields(hop.source),
    destination: endFields(hop.destination),
    flags: hop.flags.length === 0 ? undefined : hop.flags,
    code: hop.code,
    details: hop.details ?? undefined,
    started_at: times.render(hop.startedAtMs),
    duration_ms: hop.durationMs,
    pod: hop.pod ?? undefined,
    depth: hop.depth,
    root: hop.isRoot,
  };
}

function endFields(end: Endpoint): object {
  return { ...renderEndpoint(end), deploy_id: end.deployId ?? undefined };
}

function known(name: string): string | undefined {
  return name === unknownName ? undefined : name;
}
