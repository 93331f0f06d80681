import { describe, expect, it } from 'vitest';
import { parseTextLine } from './text-format.ts';

const line =
  '[2026-11-21T05:21:17.138Z] "GET /api/close?a=b HTTP/1.1" 503 URX,UF via_upstream - "delayed_connect_error:_111" 0 85 3 2 ' +
  '"10.0.0.7,10.0.0.8" "Mozilla/5.0 (X11; x86_64)" "04b82171" "legacy:9090" "127.10.9.9:19090" ' +
  'outbound|9090||legacy.shop.svc.cluster.local 127.10.0.11:48022 127.20.0.1:9090 127.10.0.11:21811 - default';

describe('parseTextLine', () => {
  it('reads every field by its place', () => {
    expect(parseTextLine(line)).toEqual({
      start_time: '2026-11-21T05:21:17.138Z',
      method: 'GET',
      path: '/api/close?a=b',
      protocol: 'HTTP/1.1',
      response_code: '503',
      response_flags: 'URX,UF',
      response_code_details: 'via_upstream',
      connection_termination_details: '-',
      upstream_transport_failure_reason: 'delayed_connect_error:_111',
      bytes_received: '0',
      bytes_sent: '85',
      duration: '3',
      upstream_service_time: '2',
      x_forwarded_for: '10.0.0.7,10.0.0.8',
      user_agent: 'Mozilla/5.0 (X11; x86_64)',
      request_id: '04b82171',
      authority: 'legacy:9090',
      upstream_host: '127.10.9.9:19090',
      upstream_cluster: 'outbound|9090||legacy.shop.svc.cluster.local',
      upstream_local_address: '127.10.0.11:48022',
      downstream_local_address: '127.20.0.1:9090',
      downstream_remote_address: '127.10.0.11:21811',
      requested_server_name: '-',
      route_name: 'default',
    });
  });

  it('takes quotes in a user agent, and spaces in a path or a route', () => {
    const agent = line.replace('Mozilla/5.0', 'a "quoted" agent"');
    expect(parseTextLine(agent)).toMatchObject({
      user_agent: 'a "quoted" agent" (X11; x86_64)',
      request_id: '04b82171',
    });
    expect(parseTextLine(line.replace('/api/close', '/api close'))).toMatchObject({ path: '/api close?a=b' });
    expect(parseTextLine(line.replace(/default$/, 'my route'))).toMatchObject({ route_name: 'my route' });
  });

  it.each([
    ['path', line.replace('/api/close', '/x HTTP/1.1" 200 - via_upstream - "-" 0 0 0 0 "-" "a')],
    ['path', line.replace('/api/close', '/x HTTP/1.1" 200 - via_upstream - "-" 0 0 0 0 "a')],
    ['path', line.replace('/api/close', '/say"hi')],
    ['user agent', line.replace('Mozilla/5.0', 'a" "forged-id" "forged-authority" "6.6.6.6:66')],
    ['forwarded for', line.replace('10.0.0.7', '10.0.0.7" "agent" "id" "authority" "6.6.6.6:66')],
    ['forwarded for', line.replace('10.0.0.7', '10.0.0.7"')],
    ['request id', line.replace('04b82171', '1" "forged')],
    ['authority', line.replace('legacy:9090', 'legacy"')],
  ])('does not let a %s shift one field into another', (_, forged) => {
    expect(parseTextLine(forged)).toMatchObject({ kind: 'dead-letter', reason: 'malformed_text' });
  });

  it('says of every cut line that it is malformed', () => {
    for (let length = 0; length < line.length - 'default'.length; length += 1) {
      expect(parseTextLine(line.slice(0, length))).toMatchObject({ kind: 'dead-letter', reason: 'malformed_text' });
    }
  });

  it('names the field that is not as expected', () => {
    expect(parseTextLine(line.replace(' 0 85 3 2 ', ' 0 85 3 '))).toMatchObject({
      detail: 'numbers: " 0 85 3 ": expected bytes received, bytes sent, duration, service time',
    });
  });
});
