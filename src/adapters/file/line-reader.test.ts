// Lines come out as they went in, however the bytes are cut into chunks and however long a line is.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Line, LineLimits } from './line-reader.ts';
import { defaultLineLimits, readFileBytes, readLineBatches, readLines } from './line-reader.ts';

async function* chunksOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function linesOf(chunks: readonly (string | Uint8Array)[], limits?: LineLimits): Promise<readonly Line[]> {
  const source = chunksOf(chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk)));
  return collect(readLines(source, limits));
}

const texts = (lines: readonly Line[]) => lines.map((line) => Buffer.from(line.bytes).toString());

describe('readLines', () => {
  it.each([
    [[], []],
    [['a\nb\n'], ['a', 'b']],
    [['a\nb'], ['a', 'b']],
    [['a\r\nb\r\n'], ['a', 'b']],
    [
      ['a\r', '\nb'],
      ['a', 'b'],
    ],
    [['a\rb\n'], ['a\rb']],
    [['\n\nx\n'], ['', '', 'x']],
    [
      ['on', 'e\ntw', 'o'],
      ['one', 'two'],
    ],
    [['\r\n'], ['']],
  ])('cuts %j into %j', async (chunks, expected) => {
    expect(texts(await linesOf(chunks))).toEqual(expected);
  });

  it('cuts a line over the bound and tells its length and hash', async () => {
    const limits = { maxLineBytes: 8, keptBytes: 4 };
    const sha256 = createHash('sha256').update('123456789').digest('hex');
    for (const chunks of [
      ['123456789\nok\n'],
      ['1234', '56789\r', '\nok'],
      ['123456789\r\nok\n'],
      [...'123456789\nok'],
    ]) {
      const lines = await linesOf(chunks, limits);
      expect(texts(lines)).toEqual(['1234', 'ok']);
      expect(lines[0]).toMatchObject({ totalBytes: 9, sha256 });
      expect(lines[1]).toMatchObject({ totalBytes: 2, sha256: null });
    }
  });

  it('gives a line of exactly the bound whole, with either line end', async () => {
    const limits = { maxLineBytes: 8, keptBytes: 4 };
    for (const end of ['', '\n', '\r\n']) {
      expect(texts(await linesOf([`12345678${end}`], limits))).toEqual(['12345678']);
    }
  });

  it('gives the same lines for every way of cutting the bytes', async () => {
    const limits = { maxLineBytes: 20, keptBytes: 7 };
    const bytes = fc.array(fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(10, 13)), { maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(bytes, fc.array(fc.nat({ max: 199 })), async (values, cuts) => {
        const whole = Buffer.from(values);
        const sorted = [0, ...cuts.filter((cut) => cut <= whole.length).sort((a, b) => a - b), whole.length];
        const chunks = sorted.slice(1).map((end, i) => whole.subarray(sorted[i], end));
        const expected = splitPlainly(whole).map((line) => ({
          text: (line.length > limits.maxLineBytes ? line.subarray(0, limits.keptBytes) : line).toString('latin1'),
          totalBytes: line.length,
          sha256: line.length > limits.maxLineBytes ? createHash('sha256').update(line).digest('hex') : null,
        }));
        const got = (await linesOf(chunks, limits)).map((line) => ({
          text: Buffer.from(line.bytes).toString('latin1'),
          totalBytes: line.totalBytes,
          sha256: line.sha256,
        }));
        expect(got).toEqual(expected);
      }),
    );
  });

  it('takes a line that comes byte by byte', async () => {
    const long = 'x'.repeat(5000);
    expect(texts(await linesOf([...long, '\n', 'y']))).toEqual([long, 'y']);
  });

  it('holds no more than the bound of a line that never ends', async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (; given < 64; given += 1) yield new Uint8Array(1_048_576).fill(0x61);
    }
    const [line, ...others] = await collect(readLines(endless()));
    expect(others).toEqual([]);
    expect(line?.totalBytes).toBe(64 * 1_048_576);
    expect(line?.bytes.length).toBe(defaultLineLimits.keptBytes);
    expect(line?.bytes.buffer.byteLength).toBe(defaultLineLimits.keptBytes);
  });
});

describe('readLineBatches', () => {
  it('gives what a chunk completes at once, and asks for more only when it is asked', async () => {
    let asked = 0;
    async function* source(): AsyncGenerator<Uint8Array> {
      for (const chunk of ['a\nb\nc', 'd\n', 'e']) {
        asked += 1;
        yield Buffer.from(chunk);
      }
    }
    const batches = readLineBatches(source());
    expect(texts((await batches.next()).value ?? [])).toEqual(['a', 'b']);
    expect(asked).toBe(1);
    expect(texts((await batches.next()).value ?? [])).toEqual(['cd']);
    expect(texts((await batches.next()).value ?? [])).toEqual(['e']);
    expect((await batches.next()).done).toBe(true);
  });
});

describe('readFileBytes', () => {
  it('names the file that it cannot read, and why', async () => {
    const path = '/nowhere/lines.log';
    await expect(readFileBytes(path).next()).rejects.toMatchObject({
      name: 'AdapterError',
      code: 'FILE_UNREADABLE',
      retryable: false,
      message: `${path}: no such file`,
    });
  });
});

function splitPlainly(bytes: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const end = rest.indexOf(10);
    const line = end === -1 ? rest : rest.subarray(0, end);
    lines.push(line.at(-1) === 13 ? line.subarray(0, -1) : line);
    rest = end === -1 ? rest.subarray(rest.length) : rest.subarray(end + 1);
  }
  return lines;
}
