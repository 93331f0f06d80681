// A line of a served request, as the caller's proxy logs it: for tests that only need traffic.

/** Such a line of a service; `own` replaces fields. */
export function servedLine(service: string, atMs: number, own: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    start_time: new Date(atMs).toISOString(),
    duration: 5,
    method: 'GET',
    path: '/',
    protocol: 'HTTP/1.1',
    response_code: 200,
    response_flags: '-',
    response_code_details: 'via_upstream',
    authority: `${service}.shop`,
    request_id: `${service}-${atMs}`,
    bytes_received: 1,
    bytes_sent: 1,
    upstream_cluster: `outbound|8080||${service}.shop.svc.cluster.local`,
    upstream_host: '10.0.0.1:8080',
    downstream_remote_address: '10.0.0.2:40000',
    ...own,
  });
}
