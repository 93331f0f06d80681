// Examples of what the scanner takes and what it leaves; the laws are in test/property/scan-line.test.ts.
import { describe, expect, it } from 'vitest';
import { LineScanner } from './scan-line.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const line = (members: string) => `{"start_time":"2026-11-21T05:21:17.136Z","response_flags":"-"${members}}`;
const envelope = (members: string) => `{${members},"message":${JSON.stringify(line(''))}}`;
const scans = (text: string) => new LineScanner().scan(encode(text));

describe('LineScanner', () => {
  it('reads a healthy line', () => {
    const scanner = new LineScanner();
    const text = line(
      ',"duration":13,"response_code":"200","attempts":2,"request_id":"r-1","traceparent":"00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"',
    );
    expect(scanner.scan(encode(text))).toBe(true);
    expect(scanner).toMatchObject({
      startAtMs: Date.UTC(2026, 10, 21, 5, 21, 17, 136),
      durationMs: 13,
      responseCode: 200,
      responseFlags: '',
      attemptCount: 2,
    });
    expect(scanner.requestId()).toBe('r-1');
    expect(scanner.traceId()).toBe('0123456789abcdef0123456789abcdef');
  });

  it('does not keep anything of the line before', () => {
    const scanner = new LineScanner();
    scanner.scan(
      encode(
        line(',"duration":13,"response_code":503,"attempts":2,"request_id":"r-1","pod":"p"').replace('"-"', '"UF,URX"'),
      ),
    );
    expect(scanner).toMatchObject({ responseFlags: 'UF,URX', responseCode: 503 });
    const identity = scanner.identity;
    expect(scanner.scan(encode(line('')))).toBe(true);
    expect(scanner).toMatchObject({ durationMs: 0, responseCode: 0, responseFlags: '', attemptCount: null });
    expect(scanner.requestId()).toBeNull();
    expect(scanner.identity).not.toBe(identity);
  });

  it('reads the flags, many and long ones too', () => {
    const scanner = new LineScanner();
    for (const flags of ['UC', 'URX,UF', 'UMSDR,URX', 'UpstreamRequestTimeout', 'X_1']) {
      expect(scanner.scan(encode(line('').replace('"-"', `"${flags}"`)))).toBe(true);
      expect(scanner.responseFlags).toBe(flags);
    }
  });

  it.each([
    ['nothing', ''],
    ['a line of text', '[2026-11-21T05:21:17.136Z] "- - -" 0 - - - "-" 9 5 13 - "-" "-" "-" "-" "-" - - - - - -'],
    ['white space', line('').replace(',', ', ')],
    ['text behind it', `${line('')}\n`],
    ['a comma too many', line(',')],
    ['a key twice', line(',"path":"/a","path":"/a"')],
    ['a needed key twice', line(',"response_flags":"-"')],
    ['an escape in a needed text', line(',"request_id":"a\\u0041"')],
    ['an escape in a key', line(',"\\u0061":1')],
    ['more than ASCII', line(',"path":"/é"')],
    ['an entry that is not final', line(',"access_log_type":"TcpPeriodic"')],
    ['the end of an attempt', line(',"access_log_type":"UpstreamEnd"')],
    ['no flags and no code', '{"start_time":"2026-11-21T05:21:17.136Z"}'],
    ['no time', '{"response_flags":"-"}'],
    ['long names of flags only', line(',"response_flags_long":"UpstreamRequestTimeout"')],
    ['a flag with a space', line('').replace('"-"', '"UF, URX"')],
    ['a direction that there is not', line(',"listener_direction":3')],
    ['a value of another type', line(',"path":{}')],
    ['metadata without an envelope', line(',"kubernetes":{}')],
    ['a message beside the fields', line(',"message":"{}"')],
    ['fields beside a message', envelope('"path":"/"')],
    ['two messages', envelope(`"message":${JSON.stringify(line(''))}`)],
    ['another container', envelope('"kubernetes":{"container":{"name":"app"}}')],
    ['a message that is no line', '{"message":"{\\"a\\":1}"}'],
    ['a message that is text', '{"message":"hello"}'],
    ['a message with more behind its line', envelope('"a":1').replace('}"', '}x"')],
  ])('leaves %s to the decoder', (_, text) => {
    expect(scans(text)).toBe(false);
  });

  it.each([
    ['escapes in a text that nobody reads', line(',"user_agent":"\\"a\\" \\u00e9\\n"')],
    ['keys that it does not know', line(',"x":[1,{"y":[true,false,null,-1.5e-3]}],"":{}')],
    ['quoted counts', line(',"duration":"7","bytes_sent":"-","upstream_service_time":""')],
    [
      'an envelope',
      envelope('"@timestamp":"x","kubernetes":{"container":{"name":"istio-proxy"},"labels":{"app":"a\\"b"}}'),
    ],
    ['an envelope without metadata', envelope('"log":{"offset":0}')],
  ])('takes %s', (_, text) => {
    expect(scans(text)).toBe(true);
  });

  it('keeps hundreds of keys apart', () => {
    const scanner = new LineScanner();
    for (let i = 0; i < 300; i += 1) expect(scanner.scan(encode(line(`,"key_${i}":${i},"duration":${i}`)))).toBe(true);
    expect(scanner.durationMs).toBe(299);
  });

  it('does not look outside of the bytes that it was given', () => {
    const bytes = encode(`{"a":1,${line('').slice(1)}${line('')}`);
    const end = bytes.length - line('').length;
    expect(new LineScanner().scan(bytes.subarray(0, end))).toBe(true);
    expect(new LineScanner().scan(bytes.subarray(0, end - 1))).toBe(false);
    expect(new LineScanner().scan(bytes.subarray(1, end))).toBe(false);
    expect(new LineScanner().scan(bytes)).toBe(false);
  });
});
