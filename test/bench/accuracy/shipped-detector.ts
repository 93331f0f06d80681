// The detector as `flagwatch detect` runs it, at its shipped settings: the only place where the benchmark asks for its decisions.
import { Writable } from 'node:stream';
import { runDetect } from '#cli/detect-command.ts';

/** The decisions of the command on a CSV with a header, one for each data row. Throws where the command refuses a row. */
export async function detectAnomalies(csv: string): Promise<readonly boolean[]> {
  const output = new CollectingStream();
  const complaints = new CollectingStream();
  const status = await runDetect({
    path: 'series.csv',
    stdout: output,
    stderr: complaints,
    readFile: () => oneChunk(csv),
  });
  if (status !== 0) throw new Error(`detect ended with ${status}: ${complaints.text}`);
  const [header = '', ...rows] = output.text.trimEnd().split('\n');
  const column = header.split(',').indexOf('anomaly');
  return rows.map((row) => Number(row.split(',')[column]) === 1);
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

class CollectingStream extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString('utf8');
    done();
  }
}
