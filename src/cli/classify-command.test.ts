// The command as a whole: fixed output, every line answered, slow and vanishing readers, files that are not there.
import { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AdapterError } from '#ports/adapter-error.ts';
import { classifyLine, runClassify } from './classify-command.ts';

const good = JSON.stringify({
  start_time: '2026-11-21T05:21:17.137Z',
  duration: 7,
  method: 'GET',
  path: '/api/garbage',
  protocol: 'HTTP/1.1',
  response_code: 503,
  response_flags: 'UF,URX',
  response_code_details: 'upstream_reset_before_response_started{connection_timeout}',
  bytes_received: 0,
  bytes_sent: 87,
  request_id: '2435b666-37ec-476d-b6eb-dde69ad1a359',
  upstream_cluster: 'outbound|8080|v2|payments.shop.svc.cluster.local',
});

class Sink extends Writable {
  text = '';
  readonly #delayTurns: number;

  constructor(delayTurns = 0) {
    super({ highWaterMark: 16, decodeStrings: false });
    this.#delayTurns = delayTurns;
  }

  override _write(chunk: string, _encoding: string, done: (error?: Error) => void): void {
    this.text += chunk;
    let turns = this.#delayTurns;
    const wait = () => (turns-- > 0 ? setImmediate(wait) : done());
    wait();
  }

  lines(): readonly unknown[] {
    return this.text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }
}

async function* bytes(...chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

describe('runClassify', () => {
  it('prints the fixed fields in the fixed order', async () => {
    const stdout = new Sink();
    const status = await runClassify({ files: [], stdin: bytes(`${good}\n`), stdout, stderr: new Sink() });
    expect(status).toBe(0);
    expect(stdout.text).toBe(
      `${JSON.stringify({
        timestamp: '2026-11-21T05:21:17.137Z',
        request_id: '2435b666-37ec-476d-b6eb-dde69ad1a359',
        trace_id: null,
        reporter: 'source',
        flags: ['UF', 'URX'],
        code: 503,
        duration_ms: 7,
        source: {
          service: 'unknown',
          namespace: 'unknown',
          version: 'unknown',
          version_from: 'unknown',
          deploy_id: null,
        },
        destination: { service: 'payments', namespace: 'shop', version: 'v2', version_from: 'subset', deploy_id: null },
        deploy_id: null,
        fault: 'unreachable',
        party: 'callee',
        confidence: 'likely',
      })}\n`,
    );
  });

  it('answers every line, also those that it cannot read or that are nobody’s', async () => {
    const envelope = { message: good, kubernetes: { container: { name: 'app' }, pod: { name: 'p' } } };
    const stdout = new Sink();
    const stdin = bytes(`${good}\nhello\n\n${JSON.stringify(envelope)}\n`, `${'x'.repeat(1_100_000)}\n{"a":`);
    await runClassify({ files: [], stdin, stdout, stderr: new Sink() });
    expect(stdout.lines()).toEqual([
      expect.objectContaining({ fault: 'unreachable' }),
      { error: 'not_an_access_log', line: 'hello' },
      { error: 'empty', line: '' },
      { skipped: 'other_container' },
      { error: 'too_long', line: 'x'.repeat(262_144) },
      { error: 'malformed_json', line: '{"a":' },
    ]);
  });

  it('reads files in order, `-` as standard input, and goes on past one that it cannot read', async () => {
    const stdout = new Sink();
    const stderr = new Sink();
    const contents: Readonly<Record<string, string>> = { a: 'one\ntwo', b: 'four' };
    const status = await runClassify({
      files: ['a', 'missing', '-', 'b'],
      stdin: bytes('three'),
      stdout,
      stderr,
      readFile: (path) => {
        const content = contents[path];
        if (content !== undefined) return bytes(content);
        throw new AdapterError('FILE_UNREADABLE', `${path}: no such file`, { retryable: false });
      },
    });
    expect(status).toBe(2);
    expect(stdout.lines().map((line) => (line as { line: string }).line)).toEqual(['one', 'two', 'three', 'four']);
    expect(stderr.text).toBe('flagwatch classify: cannot read missing: no such file\n');
  });

  it('names standard input when that fails', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('one\n');
      throw Object.assign(new Error('read'), { code: 'EISDIR' });
    }
    const stderr = new Sink();
    expect(await runClassify({ files: [], stdin: broken(), stdout: new Sink(), stderr })).toBe(2);
    expect(stderr.text).toContain('standard input: is a directory, expected a file');
  });

  it('reads on only when the output has been taken', async () => {
    const stdout = new Sink(3);
    let mostBuffered = 0;
    async function* source(): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 50; i += 1) {
        mostBuffered = Math.max(mostBuffered, stdout.writableLength);
        yield Buffer.from(`${good}\n`);
      }
    }
    await runClassify({ files: [], stdin: source(), stdout, stderr: new Sink() });
    expect(stdout.lines()).toHaveLength(50);
    expect(mostBuffered).toBe(0);
  });

  it('ends in good order when the reader of its output is gone, and stops reading', async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        given += 1;
        yield Buffer.from(`${good}\n`);
      }
    }
    let writes = 0;
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => {
        writes += 1;
        done(writes === 3 ? Object.assign(new Error('broken pipe'), { code: 'EPIPE' }) : null);
      },
    });
    expect(await runClassify({ files: [], stdin: endless(), stdout, stderr: new Sink() })).toBe(0);
    expect(given).toBe(3);
  });

  it('does not hide an output that is incomplete for another reason', async () => {
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('no space'), { code: 'ENOSPC' })),
    });
    await expect(runClassify({ files: [], stdin: bytes('x\n'), stdout, stderr: new Sink() })).rejects.toThrow(
      'no space',
    );
  });
});

describe('classifyLine', () => {
  it('has an answer of one of three forms for any bytes', () => {
    const field = fc.oneof(fc.string(), fc.integer(), fc.constant(null));
    const line = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .dictionary(fc.constantFrom(...Object.keys(JSON.parse(good))), field)
        .map((fields) => Buffer.from(JSON.stringify({ ...JSON.parse(good), ...fields }))),
    );
    fc.assert(
      fc.property(line, (raw) => {
        const text = JSON.stringify(classifyLine({ bytes: raw, totalBytes: raw.length, sha256: null })[0]);
        expect(text).toMatch(/^\{"(timestamp|error|skipped)":/);
        expect(text).not.toContain('\n');
      }),
    );
  });
});
