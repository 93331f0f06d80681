import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { AdapterError } from '#ports/adapter-error.ts';
import { runDetect } from './detect-command.ts';

class Collected extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

async function detect(chunks: readonly string[] | AdapterError, timeZone = 'UTC') {
  const stdout = new Collected();
  const stderr = new Collected();
  async function* readFile(): AsyncGenerator<Uint8Array> {
    if (chunks instanceof AdapterError) throw chunks;
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  const status = await runDetect({ path: 'a.csv', stdout, stderr, timeZone, readFile });
  return { status, rows: stdout.text.trimEnd().split('\n'), errors: stderr.text };
}

const hourMs = 3_600_000;
const toCsv = (values: readonly (number | string)[]) =>
  values.map((value, i) => `${new Date(i * hourMs).toISOString()},${value}\n`).join('');
/** Around 50, a little uneven, so that there is a scale. */
const calm = Array.from({ length: 100 }, (_, i) => 50 + ((i * 7) % 5));

describe('runDetect', () => {
  it('prints a row for each row, and finds what stands out', async () => {
    const { status, rows, errors } = await detect(['timestamp,value\n', toCsv([...calm, 500, 500, 52])]);
    expect(status).toBe(0);
    expect(errors).toBe('');
    expect(rows[0]).toBe('timestamp,score,anomaly');
    expect(rows).toHaveLength(104);
    const anomalies = rows.map((row) => row.split(',')[2]).flatMap((anomaly, i) => (anomaly === '1' ? [i - 1] : []));
    expect(anomalies).toEqual([100, 101]);
    expect(rows[101]).toMatch(/^1970-01-05T04:00:00\.000Z,0\.\d+,1$/);
  });

  it('says the same however the input comes in', async () => {
    const text = `timestamp,value\r\n${toCsv([...calm, 500])}`;
    const whole = await detect([text]);
    expect(await detect([...text])).toEqual(whole);
    expect(await detect([text.trimEnd()])).toEqual(whole);
  });

  it('takes the hours of a time zone, and refuses one that is none', async () => {
    const seoul = await detect([toCsv(calm)], 'Asia/Seoul');
    expect(seoul.status).toBe(0);
    const { status, errors } = await detect([toCsv(calm)], 'Asia/Nowhere');
    expect(status).toBe(2);
    expect(errors).toContain('time zone "Asia/Nowhere" is not known');
  });

  it('never looks ahead', async () => {
    const whole = await detect([toCsv([...calm, 500, 500, 52])]);
    const part = await detect([toCsv([...calm, 500])]);
    expect(part.rows).toEqual(whole.rows.slice(0, 102));
  });

  it('keeps its place at rows that say nothing, and names those that cannot be read', async () => {
    const values = [...calm.slice(0, 50), '', ...Array.from({ length: 7 }, () => 'x'), ...calm.slice(50), 500, 500];
    const { status, rows, errors } = await detect([toCsv(values)]);
    expect(status).toBe(1);
    expect(rows).toHaveLength(111);
    expect(rows[51]).toMatch(/,0,0$/);
    expect(rows.at(-1)).toMatch(/,1$/);
    expect(errors.split('\n')[0]).toBe('flagwatch detect: a.csv:52: "x" is no number');
    expect(errors).toContain('flagwatch detect: 2 more rows cannot be read');
  });

  it('says which file cannot be read', async () => {
    const error = new AdapterError('FILE_UNREADABLE', 'a.csv: no such file', { retryable: false });
    expect(await detect(error)).toMatchObject({
      status: 2,
      errors: 'flagwatch detect: cannot read a.csv: no such file\n',
    });
  });
});
