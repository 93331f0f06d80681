import { describe, expect, it } from 'vitest';
import { goldenLines } from '../../../test/support/line-arbitraries.ts';
import { compileTextFormat } from './compile-text-format.ts';
import { envoyTextFormat, istioTextFormat, readDefaultText } from './text-defaults.ts';
import { parseTextLine } from './text-format.ts';

function read(source: string, line: string) {
  const compiled = compileTextFormat(source);
  if (compiled.kind !== 'ok') throw new Error(compiled.problem.message);
  return compiled.format.read(line);
}

function problemOf(source: string): string {
  const compiled = compileTextFormat(source);
  return compiled.kind === 'ok'
    ? 'none'
    : `${compiled.problem.column}: ${compiled.problem.message}; ${compiled.problem.remedy}`;
}

const small = '%START_TIME% %RESPONSE_CODE% %RESPONSE_FLAGS%';
const time = '2026-11-21T05:21:17.138Z';

describe('a compiled format', () => {
  it('reads what the reader of Istio’s default reads', () => {
    const compiled = compileTextFormat(istioTextFormat);
    if (compiled.kind !== 'ok') throw new Error(compiled.problem.message);
    for (const line of goldenLines('istio-text')) {
      const given = Object.entries(parseTextLine(line)).filter(([, value]) => value !== '-' && value !== '');
      expect(compiled.format.read(line)).toEqual({ response_flags: null, ...Object.fromEntries(given) });
    }
  });

  it.each([
    [
      'order and separators',
      '%RESPONSE_FLAGS%|%RESPONSE_CODE%|%START_TIME%',
      `UF,URX|503|${time}`,
      { response_flags: 'UF,URX', response_code: '503', start_time: time },
    ],
    [
      'commas',
      `%RESPONSE_FLAGS%,%DURATION%,%START_TIME%`,
      `UF,URX,12,${time}`,
      { response_flags: 'UF,URX', duration: '12' },
    ],
    [
      'names',
      `at=%START_TIME% code=%RESPONSE_CODE% grpc=%GRPC_STATUS%(%GRPC_STATUS_NUMBER%)`,
      `at=${time} code=200 grpc=OK(0)`,
      { grpc_status: 'OK', grpc_status_number: '0' },
    ],
    [
      'a length and an alternative',
      `${small} "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH):10%"`,
      `${time} 200 - "/a b c"`,
      { path: '/a b c' },
    ],
    [
      'headers in small letters',
      `${small} %REQ(x-request-id)% "%REQ(user-agent)%"`,
      `${time} 200 - id "a b"`,
      { request_id: 'id', user_agent: 'a b' },
    ],
    [
      'operators that nobody knows',
      `${small} [%WHATEVER(a:b)%] %DURATION%`,
      `${time} 200 - [x ] y] 7`,
      { duration: '7' },
    ],
    ['percent signs', `100%% ${small}`, `100% ${time} 200 -`, { response_code: '200' }],
    [
      'two for one key',
      `${small} %UPSTREAM_HOST% %UPSTREAM_REMOTE_ADDRESS%`,
      `${time} 200 - - 10.0.0.1:80`,
      { upstream_host: '10.0.0.1:80' },
    ],
    ['empty values', `${small} %PROTOCOL% %DURATION%`, `${time} 200   7`, { duration: '7' }],
    ['its own time', '%START_TIME(%s.%3f)% %RESPONSE_CODE%', '1793510477.136 200', { start_time: '1793510477.136' }],
    [
      'a time with spaces',
      '[%START_TIME(%d %b %Y %T)%] %RESPONSE_CODE%',
      '[01 Nov 2026 05:21:17] 200',
      { start_time: '2026-11-01T05:21:17Z' },
    ],
    [
      'the writer',
      `${small} %ENVIRONMENT(POD_NAME)% %CEL(xds.node.metadata.LABELS['deploy-id'])% %UPSTREAM_REQUEST_ATTEMPT_COUNT%`,
      `${time} 200 - pod d-7 2`,
      { env_pod_name: 'pod', node_deploy_id: 'd-7', attempts: '2' },
    ],
    [
      'a peer in parts',
      `${small} %CEL(filter_state.downstream_peer.workload)%;%CEL(filter_state.downstream_peer.revision)%`,
      `${time} 200 - web-v3;v3`,
      { downstream_peer: 'web-v3;;;v3;;' },
    ],
    [
      'a peer of older Istio',
      `${small} %CEL(filter_state['wasm.upstream_peer'].labels['deploy-id'].value)%`,
      `${time} 200 - d-9`,
      { upstream_workload: ';;;;;d-9' },
    ],
    ['Envoy’s end of line', `${small}\n`, `${time} 200 -`, { response_code: '200' }],
  ])('reads %s', (_, source, line, expected) => {
    expect(read(source, line)).toMatchObject(expected);
  });

  it.each([
    ['too little', `${time} 200`],
    ['another text between', `${time}|200|-`],
    ['a word where digits belong', `${time} OK -`],
    ['more behind', `${time} 200 - more`],
    ['nothing', ''],
  ])('refuses %s', (_, line) => {
    expect(read(small, line)).toMatchObject({ kind: 'dead-letter', reason: 'malformed_text' });
  });

  it('refuses what can be read in two ways, and says at which operator', () => {
    const source = `${small} "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%"`;
    expect(read(source, `${time} 200 - "a "quoted" b" "id" "host"`)).toMatchObject({
      user_agent: 'a "quoted" b',
      request_id: 'id',
    });
    expect(read(source, `${time} 200 - "a" "forged" "b" "id" "host"`)).toMatchObject({
      reason: 'malformed_text',
      detail: expect.stringMatching(/^%REQ\(USER-AGENT\)%: .*: expected one way/),
    });
    expect(read(`${small} %REQ(USER-AGENT)% %REQ(X-REQUEST-ID)%`, `${time} 200 - a b c`)).toMatchObject({
      kind: 'dead-letter',
    });
  });

  it('costs little, however a line is made', () => {
    const headers = Array.from({ length: 40 }, (_, i) => `%REQ(H${i})%`).join(' ');
    const started = performance.now();
    expect(read(`${small} ${headers}`, `${time} 200 - ${'a '.repeat(400_000)}`)).toMatchObject({ kind: 'dead-letter' });
    expect(read(`${small} ${headers}`, `${time} 200 - ${' '.repeat(600)}`)).toMatchObject({ kind: 'dead-letter' });
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it.each([
    [
      '%START_TIME%%RESPONSE_CODE%',
      '13: nothing stands between %START_TIME% and %RESPONSE_CODE%, so nobody can tell where one ends; put a separator between them, in the mesh’s format and here',
    ],
    [
      '%START_TIME% %RESPONSE_CODE% 100%',
      '33: "%" is no operator; write %NAME%, %NAME(ARGUMENT)% or %NAME(ARGUMENT):LENGTH%; %% is a percent sign',
    ],
    [
      '%START_TIME% %dog(%',
      '14: "%dog(%" is no operator; write %NAME%, %NAME(ARGUMENT)% or %NAME(ARGUMENT):LENGTH%; %% is a percent sign',
    ],
    [
      '%RESPONSE_CODE%',
      '1: no %START_TIME%: a line has to say when it was; add [%START_TIME%] to the mesh’s format and here',
    ],
    [
      '%START_TIME% %REQ(:METHOD)%',
      '1: neither %RESPONSE_FLAGS% nor %RESPONSE_CODE%; add both to the mesh’s format and here',
    ],
    ['a\nb %START_TIME%', '1: a line break before the first operator; take it out: shippers cut lines there'],
    ['%START_TIME%\n%RESPONSE_CODE%', '13: a line break behind %START_TIME%; take it out: shippers cut lines there'],
    [
      '%RESPONSE_CODE% %START_TIME(%H:%M)%',
      '17: the time of %START_TIME(%H:%M)% cannot be read: it does not tell the year; write %START_TIME%, %START_TIME(%s.%3f)% or a format with date and time',
    ],
    [
      '%START_TIME_LOCAL(%F %T)% %RESPONSE_CODE%',
      '1: START_TIME_LOCAL without %z does not tell its zone; write %START_TIME%, which is UTC, or add %z to its format',
    ],
    ['', '1: no %START_TIME%: a line has to say when it was; add [%START_TIME%] to the mesh’s format and here'],
    ['x'.repeat(16_385), '16385: more than 16384 characters; shorten the format'],
    ['%A% '.repeat(257), '1: more than 256 operators; shorten the format'],
  ])('is refused with its column: %j', (source, problem) => {
    expect(problemOf(source)).toBe(problem);
  });
});

describe('the default formats', () => {
  const head = '[2026-11-21T05:21:17.138Z] "GET /a?b=c HTTP/1.1" 503 URX,UF';
  const headers = '"10.0.0.7" "agent" "id" "legacy:9090" "127.10.9.9:19090"';
  const addresses = 'outbound|9090||legacy 127.10.0.11:48022 127.20.0.1:9090 127.10.0.11:21811';
  const common = {
    method: 'GET',
    path: '/a?b=c',
    response_code: '503',
    response_flags: 'URX,UF',
    duration: '3',
    request_id: 'id',
    upstream_host: '127.10.9.9:19090',
  };

  it.each([
    ['Envoy', `${head} 0 85 3 2 ${headers}`, {}],
    [
      'Istio without addresses',
      `${head} via_upstream - "reason" 0 85 3 2 ${headers}`,
      { response_code_details: 'via_upstream' },
    ],
    [
      'Istio without a route',
      `${head} via_upstream - "reason" 0 85 3 2 ${headers} ${addresses} -`,
      { upstream_cluster: 'outbound|9090||legacy' },
    ],
    [
      'Istio 1.4',
      `${head} "-" "-" 0 85 3 2 ${headers} ${addresses} -`,
      { downstream_remote_address: '127.10.0.11:21811' },
    ],
    [
      'Istio 1.5',
      `${head} "-" "tls" 0 85 3 2 ${headers} ${addresses} - default`,
      { route_name: 'default', upstream_transport_failure_reason: 'tls' },
    ],
  ])('are read: %s', (_, line, more) => {
    expect(readDefaultText(line)).toMatchObject({ ...common, ...more });
  });

  it('are not taken for each other: a cut line of one is none', () => {
    const whole = goldenLines('istio-text')[2] ?? '';
    const ends = [...new Set(Array.from(whole, (_, length) => whole.slice(0, length).trim()))].filter(
      (line) => readDefaultText(line)['kind'] !== 'dead-letter',
    );
    // Only where a whole field of the end is missing, and a route that is cut.
    const route = whole.lastIndexOf(' ') + 1;
    const cut = ends.filter((line) => line.length <= route);
    expect(
      cut.every((line) => line.endsWith('"') || whole.slice(0, line.length + 1).endsWith(' ') || line.endsWith(' ')),
    ).toBe(true);
    expect(cut.length).toBe(2);
  });

  it('do not let a path shift one field into another', () => {
    const line = `${head} via_upstream - "reason" 0 85 3 2 ${headers} ${addresses} - default`;
    for (const forged of [
      '/x HTTP/1.1" 200 - "-" "-" 0 0 0 0 "a',
      '/x" "',
      '/x HTTP/1.1" 200 - 0 0 0 0 "a" "b" "c" "d" "e',
      '/say"hi',
    ]) {
      expect(readDefaultText(line.replace('/a', forged))).toMatchObject({ kind: 'dead-letter' });
    }
  });

  it('are all compiled', () => {
    expect(compileTextFormat(envoyTextFormat).kind).toBe('ok');
  });
});
