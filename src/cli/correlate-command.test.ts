// The command as a whole: the fixed output, several files in any order, bounds that are told, readers that go away.
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { AdapterError } from '#ports/adapter-error.ts';
import type { RawLine } from '../../test/support/exchanges.ts';
import { aCall, arrivalLine, sourceLine } from '../../test/support/exchanges.ts';
import { line, refused } from '../../test/support/fact-lines.ts';
import type { CorrelateCommand } from './correlate-command.ts';
import { runCorrelate } from './correlate-command.ts';

class Sink extends Writable {
  text = '';

  constructor() {
    super({ decodeStrings: false });
  }

  override _write(chunk: string, _encoding: string, done: (error?: Error) => void): void {
    this.text += chunk;
    done();
  }

  objects(): readonly Record<string, unknown>[] {
    return this.text
      .split('\n')
      .filter(Boolean)
      .map((each) => JSON.parse(each));
  }
}

async function* bytes(...chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

const toText = (lines: readonly RawLine[]): string => lines.map((each) => `${JSON.stringify(each)}\n`).join('');

async function run(command: Partial<CorrelateCommand>) {
  const [stdout, stderr] = [new Sink(), new Sink()];
  const status = await runCorrelate({ files: [], stdin: bytes(), stdout, stderr, ...command });
  return { status, stdout, stderr: stderr.text };
}

const call = aCall({ traceId: 'a'.repeat(32) });
const source = sourceLine(call, line('-', 503));
const arrival = arrivalLine(call, line('UF', 503, refused));
const startedAt = new Date(call.startAtMs).toISOString();

describe('runCorrelate', () => {
  it('prints the fixed fields in the fixed order', async () => {
    const { status, stdout, stderr } = await run({ stdin: bytes(toText([source, arrival])) });
    expect(status).toBe(0);
    expect(stderr).toBe('');
    const checkout = {
      service: 'checkout',
      namespace: 'shop',
      version: 'v1',
      version_from: 'node',
      deploy_id: 'd-checkout',
    };
    const payments = { ...checkout, service: 'payments', version: 'v2', deploy_id: 'd-payments' };
    expect(stdout.text).toBe(
      `${JSON.stringify({
        request_id: call.requestId,
        trace_id: 'a'.repeat(32),
        started_at: startedAt,
        party: 'callee',
        fault: 'app_down',
        root: { source: checkout, destination: payments, fault: 'app_down' },
        hops: [
          {
            reporter: 'source',
            source: checkout,
            destination: { ...payments, version_from: 'upstream_metadata' },
            flags: [],
            code: 503,
            details: 'via_upstream',
            started_at: startedAt,
            duration_ms: 100,
            pod: 'checkout-v1-5d4f9c-x1',
            depth: 0,
            root: true,
          },
          {
            reporter: 'destination',
            source: { ...checkout, version_from: 'peer_metadata', deploy_id: 'd-1' },
            destination: payments,
            flags: ['UF'],
            code: 503,
            details: refused,
            started_at: new Date(call.startAtMs + 1).toISOString(),
            duration_ms: 98,
            pod: 'payments-v2-5d4f9c-x1',
            depth: 0,
            root: true,
          },
        ],
        evidence: 'both sides',
        why: 'payments v2’s sidecar is up, but its application takes no connection (UF at its own sidecar); checkout v1 saw 503.',
      })}\n`,
    );
  });

  it('tells requests without an id by their client, and speaks Korean', async () => {
    const tcp = aCall({ requestId: null, protocol: null });
    const lines = toText([sourceLine(tcp, line('URX,UF', 0, null, { upstream_local_address: null }))]);
    const { stdout } = await run({ stdin: bytes(lines), language: 'ko' });
    expect(stdout.objects()).toMatchObject([
      { request_id: null, client: '10.1.0.11:40001', fault: 'unreachable', why: expect.stringContaining('연결하지') },
    ]);
  });

  it('merges files by event time, so that both sides may lie in files of their own', async () => {
    const later = aCall({ requestId: 'later', startAtMs: call.startAtMs + 3_600_000 });
    const files: Readonly<Record<string, string>> = {
      sources: toText([source, sourceLine(later, line('-', 503))]),
      arrivals: toText([arrival, arrivalLine(later, line('UF', 503, refused))]),
    };
    const { status, stdout, stderr } = await run({
      files: ['sources', 'missing', 'arrivals', '-'],
      stdin: bytes(toText([source]), '\n'),
      readFile: (path) => {
        const content = files[path];
        if (content !== undefined) return bytes(...content.split(/(?<=\n)/));
        throw new AdapterError('FILE_UNREADABLE', `${path}: no such file`, { retryable: false });
      },
    });
    expect(status).toBe(2);
    expect(stdout.objects()).toMatchObject([
      { request_id: call.requestId, fault: 'app_down', evidence: 'both sides' },
      { request_id: 'later', fault: 'app_down', evidence: 'both sides' },
    ]);
    expect(stderr).toBe(
      [
        'flagwatch correlate: cannot read missing: no such file',
        'flagwatch correlate: lines that could not be read (flagwatch classify shows why): 1',
        'flagwatch correlate: lines that came twice, counted once: 1',
        '',
      ].join('\n'),
    );
  });

  it('prints while it reads, when the wait is over', async () => {
    const stdout = new Sink();
    const seen: number[] = [];
    async function* live(): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 4; i += 1) {
        seen.push(stdout.objects().length);
        const each = aCall({ requestId: `r${i}`, startAtMs: call.startAtMs + i * 10_000 });
        yield Buffer.from(toText([sourceLine(each, line('-', 503))]));
      }
    }
    await runCorrelate({ files: [], stdin: live(), stdout, stderr: new Sink(), waitMs: 5000 });
    expect(seen).toEqual([0, 0, 1, 2]);
    expect(stdout.objects()).toHaveLength(4);
  });

  it('prints a correction again, with its revision', async () => {
    const later = sourceLine(aCall({ requestId: 'later', startAtMs: call.startAtMs + 30_000 }));
    const stdin = bytes(toText([arrival]), toText([later]), toText([source]));
    const { stdout, stderr } = await run({ stdin, waitMs: 5000 });
    expect(stdout.objects()).toMatchObject([
      { evidence: 'destination only' },
      { evidence: 'both sides', fault: 'app_down', revision: 2 },
    ]);
    expect(stderr).toContain('(what they changed was printed again): 1');
  });

  it('says what its bounds cost', async () => {
    const lines = Array.from({ length: 5 }, (_, i) => sourceLine(aCall({ requestId: `r${i}` }), line('-', 500)));
    const { stdout, stderr } = await run({ stdin: bytes(toText(lines)), maxRequests: 2 });
    expect(stdout.objects()).toHaveLength(5);
    expect(stderr).toBe('flagwatch correlate: requests told of before their wait was over, for want of room: 3\n');
  });

  it('ends in good order when the reader of its output is gone, and stops reading', async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        const each = aCall({ requestId: `r${given}`, startAtMs: call.startAtMs + given * 60_000 });
        given += 1;
        yield Buffer.from(toText([sourceLine(each, line('-', 500))]));
      }
    }
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('broken pipe'), { code: 'EPIPE' })),
    });
    expect(await runCorrelate({ files: [], stdin: endless(), stdout, stderr: new Sink(), waitMs: 1000 })).toBe(0);
    expect(given).toBeLessThan(5);
  });

  it('does not hide an output that is incomplete for another reason', async () => {
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('no space'), { code: 'ENOSPC' })),
    });
    await expect(run({ stdin: bytes(toText([source])), stdout })).rejects.toThrow('no space');
  });
});
