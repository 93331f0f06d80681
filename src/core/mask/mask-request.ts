// A failed request, masked for its document: ids, addresses, details, names of both ends and of every hop, and the sentence about it.
import type { FaultHop, RequestFault } from '#core/correlate/request-fault.ts';
import { maskEnd } from './mask-record.ts';
import type { Masker } from './masker.ts';
import { maskNullable } from './masker.ts';

/** The request with every text masked; what identifies it (`id`, a hash) stays. */
export function maskRequestFault(request: RequestFault, masker: Masker): RequestFault {
  const { root, why } = request;
  return {
    ...request,
    requestId: maskNullable(request.requestId, (id) => masker.maskId(id)),
    traceId: maskNullable(request.traceId, (id) => masker.maskTraceId(id)),
    client: maskNullable(request.client, (address) => masker.maskText(address)),
    root: { ...root, source: maskEnd(root.source, masker), destination: maskEnd(root.destination, masker) },
    hops: request.hops.map((hop) => maskHop(hop, masker)),
    why: { en: masker.maskText(why.en), ko: masker.maskText(why.ko) },
  };
}

function maskHop(hop: FaultHop, masker: Masker): FaultHop {
  return {
    ...hop,
    source: maskEnd(hop.source, masker),
    destination: maskEnd(hop.destination, masker),
    details: maskNullable(hop.details, (details) => masker.maskText(details)),
    pod: maskNullable(hop.pod, (pod) => masker.maskName(pod)),
  };
}
