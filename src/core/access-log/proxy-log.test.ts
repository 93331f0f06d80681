import { describe, expect, it } from 'vitest';
import { decodeLine } from './decode-line.ts';

const decode = (line: string) => decodeLine(new TextEncoder().encode(line));
const skipped = { kind: 'skip', reason: 'proxy_log' };

describe('the proxy’s own log', () => {
  it.each([
    '2026-11-21T10:00:00.123456Z\tinfo\tEnvoy proxy is ready',
    '2026-11-21T10:00:00.123456Z\tinfo\txdsproxy\tconnected to delta upstream XDS server: istiod.istio-system.svc:15012',
    '2026-11-21T10:00:00.123456Z\twarning\tenvoy main external/envoy/source/server/server.cc:863\tUsage of x\tthread=14',
    '2026-11-21T10:00:00Z\terror\tads\tfailed',
    '[2026-11-21 10:00:00.123][14][warning][config] [source/common/config/grpc_stream.h:91] gRPC config stream closed: 13,',
    '[Envoy (Epoch 0)] [2026-11-21 10:00:00.123][14][critical][main] message',
    '{"level":"info","time":"2026-11-21T10:00:00.123456Z","scope":"ads","msg":"Push debounce stable 5"}',
    '{"level":"warn","time":"2026-11-21T10:00:00.123456Z","msg":"no scope"}',
  ])('is skipped: %s', (line) => {
    expect(decode(line)).toEqual(skipped);
    const wrapped = { log: `${line}\n`, kubernetes: { pod_name: 'p', container_name: 'istio-proxy' } };
    expect(decode(JSON.stringify(wrapped))).toEqual(skipped);
    expect(decode(`2026-11-21T10:00:00.123456Z stderr F ${line}`)).toEqual(skipped);
  });

  it.each([
    ['2026-11-21T10:00:00.123456Z info Envoy proxy is ready', 'not_an_access_log'],
    ['2026-11-21T10:00:00.123456Z\tsome\ttable', 'not_an_access_log'],
    ['2026-11-21 10:00:00\tinfo\tan application', 'not_an_access_log'],
    ['info\tEnvoy proxy is ready', 'not_an_access_log'],
    ['[2026-11-21 10:00:00.123] [warning] [config] other', 'malformed_text'],
    ['[2026-11-21 10:00:00.123][14][loud][config] other', 'malformed_text'],
    ['{"level":"info","message":"application started"}', 'not_an_access_log'],
    ['{"level":"info","time":"2026-11-21T10:00:00.123456Z","message":"no msg"}', 'not_an_access_log'],
    ['{"level":"info","time":1732183200,"msg":"an application"}', 'not_an_access_log'],
    ['{"level":3,"time":"2026-11-21T10:00:00Z","msg":"an application"}', 'not_an_access_log'],
    ['{"level":"INFO","time":"2026-11-21T10:00:00Z","msg":"an application"}', 'not_an_access_log'],
  ])('is not what only looks like it: %s', (line, reason) => {
    expect(decode(line)).toMatchObject({ kind: 'dead-letter', reason });
  });

  it('is not an access log that has those keys as well', () => {
    const line = {
      level: 'info',
      time: '2026-11-21T10:00:00Z',
      msg: 'm',
      response_flags: '-',
      start_time: '2026-11-21T10:00:00Z',
    };
    expect(decode(JSON.stringify(line)).kind).toBe('ok');
  });
});
