// Values with several lines, and readings that are pinned.
import { describe, expect, it } from 'vitest';
import { compileTextFormat } from './compile-text-format.ts';
import type { DecodedLine } from './decode-line.ts';
import { decodeLine, decodeValue, maxRecordsPerValue } from './decode-line.ts';
import type { EnvelopeName, LineReading } from './line-reading.ts';
import { anyReading, envelopeNames } from './line-reading.ts';

const encode = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const json = (requestId: string) =>
  `{"start_time":"2026-11-21T05:21:17.136Z","response_flags":"-","response_code":200,"request_id":"${requestId}"}`;
const text = (requestId: string) =>
  `[2026-11-21T05:21:17.136Z] "GET / HTTP/1.1" 200 - 0 0 1 - "-" "-" "${requestId}" "a" "10.0.0.1:80"`;
const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const body = (stringValue: string) => ({ body: { stringValue } });
const resource = (pod: string, container = 'istio-proxy') => ({
  attributes: [attribute('k8s.pod.name', pod), attribute('k8s.container.name', container)],
});

/** `pod/request id`, or what became of a line instead. */
function summary({ outcome }: DecodedLine): string {
  if (outcome.kind === 'ok') return `${outcome.value.pod}/${outcome.value.requestId}`;
  return outcome.reason;
}

const batch = {
  resourceLogs: [
    {
      resource: resource('p1'),
      scopeLogs: [{ logRecords: [body(json('a')), body('not a line')] }, { scope: {}, logRecords: [body(text('b'))] }],
    },
    { resource: resource('p2', 'app'), scopeLogs: [{ logRecords: [body(json('c'))] }] },
    { resource: resource('p3'), scopeLogs: [{ logRecords: [] }] },
    { scopeLogs: [{ logRecords: [{}, body(json('d'))] }] },
  ],
};

describe('decodeValue', () => {
  it('reads every log record of every scope and resource, in order, whatever became of the others', () => {
    const lines = decodeValue(encode(batch));
    expect(lines.map(summary)).toEqual([
      'p1/a',
      'not_an_access_log',
      'p1/b',
      'other_container',
      'wrong_type',
      'null/d',
    ]);
  });

  it('gives what cannot be read alone, as a value of its own', () => {
    const lines = decodeValue(encode(batch));
    const bad = lines.filter(({ value }) => value !== null);
    expect(bad.map(summary)).toEqual(['not_an_access_log', 'wrong_type']);
    for (const line of bad) {
      const again = decodeValue(line.value ?? new Uint8Array());
      expect(again).toEqual([{ outcome: line.outcome, value: null }]);
    }
    expect(JSON.parse(new TextDecoder().decode(bad[0]?.value ?? undefined))).toEqual({
      resourceLogs: [{ resource: resource('p1'), scopeLogs: [{ logRecords: [body('not a line')] }] }],
    });
  });

  it('does not repeat a resource of any size', () => {
    const large = { attributes: [attribute('x', 'y'.repeat(10_000))] };
    const value = { resourceLogs: [{ resource: large, scopeLogs: [{ logRecords: [body('bad'), body('worse')] }] }] };
    expect(decodeValue(encode(value)).map((line) => line.value?.length)).toEqual([96, 98]);
  });

  it('has one outcome of all other values, that of decodeLine', () => {
    for (const value of ['', json('a'), text('b'), '{}', { log: json('c') }, { resourceLogs: [] }]) {
      expect(decodeValue(encode(value))).toEqual([{ outcome: decodeLine(encode(value)), value: null }]);
    }
    const one = { resourceLogs: [{ scopeLogs: [{ logRecords: [body('bad')] }] }] };
    expect(decodeValue(encode(one))).toEqual([{ outcome: decodeLine(encode(one)), value: null }]);
    expect(decodeLine(encode(batch))).toMatchObject({ reason: 'several_lines' });
  });

  it('reads so many, and says of the rest that they are too many', () => {
    const records = (count: number) => ({ resourceLogs: [{ scopeLogs: [{ logRecords: Array(count).fill({}) }] }] });
    const all = decodeValue(encode(records(maxRecordsPerValue)));
    expect(all.length).toBe(maxRecordsPerValue);
    const more = decodeValue(encode(records(maxRecordsPerValue + 2)));
    expect(more.length).toBe(maxRecordsPerValue + 1);
    expect(more.slice(0, -1)).toEqual(all);
    expect(more.at(-1)).toMatchObject({ outcome: { reason: 'several_lines' }, value: null });
  });

  it('costs little, whatever a batch says of its resource', () => {
    const attributes = Array.from({ length: 12_000 }, (_, i) => attribute(`k8s.pod.labels.l${i}`, 'v'));
    const record = { attributes: [attribute('k8s.pod.labels.app', 'a')] };
    const value = encode({
      resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords: Array(3000).fill(record) }] }],
    });
    const startedAt = performance.now();
    expect(decodeValue(value).length).toBe(3000);
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });
});

describe('a pinned reading', () => {
  const cri = '2026-11-21T05:21:17.136Z stdout F ';
  const kubernetes = { container: { name: 'istio-proxy' }, pod: { name: 'p' } };
  /** One value of each envelope. */
  const values: Readonly<Record<Exclude<EnvelopeName, 'auto'>, (line: string) => unknown>> = {
    none: (line) => line,
    cri: (line) => cri + line,
    filebeat: (message) => ({ message, kubernetes }),
    'fluent-bit': (log) => ({ log, kubernetes: { pod_name: 'p', container_name: 'istio-proxy' } }),
    vector: (message) => ({ message, kubernetes: { pod_namespace: 'n', pod_name: 'p' } }),
    otlp: (line) => ({ resourceLogs: [{ scopeLogs: [{ logRecords: [body(line)] }] }] }),
  };
  const names = envelopeNames.filter((name) => name !== 'auto');
  const outcomeOf = (value: unknown, changes: Partial<LineReading>) => {
    const [line] = decodeValue(encode(value), { ...anyReading, ...changes });
    return line === undefined ? 'none' : line.outcome.kind === 'ok' ? 'ok' : line.outcome.reason;
  };

  it.each(names)('to the envelope %s reads no other', (envelope) => {
    for (const name of names) {
      for (const line of [json('a'), text('a')]) {
        const outcome = outcomeOf(values[name](line), { envelope });
        expect([name, outcome]).toEqual([name, name === envelope ? 'ok' : 'other_format']);
      }
    }
  });

  it.each([...names])('to a format reads no other, in the envelope %s', (name) => {
    expect(outcomeOf(values[name](json('a')), { format: 'json' })).toBe('ok');
    expect(outcomeOf(values[name](text('a')), { format: 'json' })).toBe('other_format');
    expect(outcomeOf(values[name](json('a')), { format: 'text' })).toBe('other_format');
    expect(outcomeOf(values[name](text('a')), { format: 'text' })).toBe('ok');
  });

  it('says so in the detail', () => {
    const detailOf = (value: unknown, changes: Partial<LineReading>) =>
      decodeValue(encode(value), { ...anyReading, ...changes })[0]?.outcome;
    expect(detailOf('{"start_time":1,"response_code":2}', { envelope: 'vector' })).toMatchObject({
      detail:
        'line: "{\\"start_time\\":1,\\"response_code\\":2}": expected an envelope of vector, to which the topic is pinned',
    });
    expect(detailOf(text('a'), { format: 'json' })).toMatchObject({
      detail: expect.stringMatching(/expected JSON, to which/),
    });
    expect(detailOf({ log: text('a') }, { format: 'json' })).toMatchObject({
      detail: expect.stringMatching(/^in the envelope: /),
    });
  });

  it('to TEXT reads lines that a shipper has taken apart as what they are', () => {
    const parsed = { log: 'x', log_processed: JSON.parse(json('a')), kubernetes: { pod_name: 'p' } };
    expect(outcomeOf(parsed, {})).toBe('ok');
    expect(outcomeOf(parsed, { format: 'text' })).toBe('other_format');
  });

  it('still knows the proxy’s own log', () => {
    const own = '2026-11-21T10:00:00.123456Z\tinfo\tEnvoy proxy is ready';
    const ownJson = '{"level":"info","time":"2026-11-21T10:00:00.123456Z","msg":"m"}';
    for (const format of ['json', 'text'] as const) {
      expect(outcomeOf({ log: own }, { format })).toBe('proxy_log');
      expect(outcomeOf({ log: ownJson }, { format })).toBe('proxy_log');
    }
  });
});

describe('a configured TEXT format', () => {
  const compiled = compileTextFormat('%START_TIME(%s)% %RESPONSE_CODE% {%RESPONSE_FLAGS%} "%REQ(X-REQUEST-ID)%"');
  if (compiled.kind !== 'ok') throw new Error(compiled.problem.message);
  const { format: textFormat } = compiled;
  const line = '1795238477 503 {UF} "r 1"';

  it.each(['auto', 'text'] as const)('is read with the format %s, bare and in envelopes', (format) => {
    const reading: LineReading = { ...anyReading, format, textFormat };
    const prefixed = `2026-11-21T05:21:17.136Z stdout F ${line}`;
    for (const value of [line, ` ${line}\n`, prefixed, { log: line }, { log: prefixed }]) {
      expect(decodeLine(encode(value), reading)).toMatchObject({
        value: { startAtMs: 1_795_238_477_000, responseFlags: ['UF'], requestId: 'r 1' },
      });
    }
    expect(decodeLine(encode(text('a')), reading)).toMatchObject({ reason: 'malformed_text' });
    const kind = decodeLine(encode(json('a')), reading).kind;
    expect(kind).toBe(format === 'auto' ? 'ok' : 'dead-letter');
  });

  it('may look like JSON where the topic is pinned to TEXT', () => {
    const like = compileTextFormat('{"t":"%START_TIME%","flags":"%RESPONSE_FLAGS%","code":%RESPONSE_CODE%}');
    if (like.kind !== 'ok') throw new Error(like.problem.message);
    const reading: LineReading = { ...anyReading, format: 'text', textFormat: like.format };
    for (const code of ['503', '-']) {
      const value = `{"t":"2026-11-21T05:21:17.136Z","flags":"UF","code":${code}}`;
      expect(decodeLine(encode(value), reading)).toMatchObject({ value: { responseFlags: ['UF'] } });
      expect(decodeLine(encode({ log: value }), reading)).toMatchObject({ value: { responseFlags: ['UF'] } });
    }
  });
});
