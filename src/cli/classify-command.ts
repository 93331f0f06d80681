// `flagwatch classify`: lines in (files, or standard input), one JSON object a line out, in the order of the input.
import type { Writable } from 'node:stream';
import type { Line } from '#adapters/file/line-reader.ts';
import { defaultLineLimits, readFileBytes, readLineBatches, readStreamBytes } from '#adapters/file/line-reader.ts';
import { decodeValue } from '#core/access-log/decode-line.ts';
import type { AccessLogRecord, Outcome } from '#core/access-log/record.ts';
import { attribute } from '#core/attribute/attribute.ts';
import { renderEndpoint } from '#core/attribute/render-endpoint.ts';
import { classify } from '#core/classify/classify.ts';
import { AdapterError } from '#ports/adapter-error.ts';
import type { TextOutput } from './text-output.ts';
import { openTextOutput } from './text-output.ts';

/** What the command reads and writes. */
export interface ClassifyCommand {
  /** Paths in order; `-` is standard input. None: standard input alone. */
  readonly files: readonly string[];
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: Writable;
  /** For people: what could not be read. */
  readonly stderr: Writable;
  /** How a file is read; a test may give its own. */
  readonly readFile?: (path: string) => AsyncIterable<Uint8Array>;
}

/**
 * Classifies every line and resolves to the exit status: 0, or 2 when a file could not be read (the others are still done).
 * Memory is constant: it reads on only when `stdout` has taken what was written. Ends early, with 0, when the reader of
 * `stdout` has gone (`| head`).
 */
export async function runClassify(command: ClassifyCommand): Promise<number> {
  const { stdin, stdout, stderr, readFile = readFileBytes } = command;
  const files = command.files.length === 0 ? ['-'] : command.files;
  const output = openTextOutput(stdout);
  let status = 0;
  for (const file of files) {
    if (output.isClosed()) break;
    try {
      await classifyStream(file === '-' ? readStreamBytes(stdin, 'standard input') : readFile(file), output);
    } catch (error) {
      if (!(error instanceof AdapterError)) throw error;
      stderr.write(`flagwatch classify: cannot read ${error.message}\n`);
      status = 2;
    }
  }
  return status;
}

async function classifyStream(source: AsyncIterable<Uint8Array>, output: TextOutput): Promise<void> {
  for await (const lines of readLineBatches(source)) {
    let text = '';
    for (const line of lines) for (const object of classifyLine(line)) text += `${JSON.stringify(object)}\n`;
    await output.write(text);
    if (output.isClosed()) return;
  }
}

/**
 * The objects printed for one line, one each for the log records in it (OTLP batches hold several): the classification;
 * `{"error", "line"}` for what cannot be read (an oversized line as its first 256 KiB); `{"skipped": reason}` for what is nobody's
 * finished request, so that every line has its object.
 */
export function classifyLine(line: Line): readonly object[] {
  if (line.totalBytes > line.bytes.length) return [{ error: 'too_long', line: toText(line.bytes) }];
  return decodeValue(line.bytes).map(({ outcome, value }) => renderOutcome(outcome, value ?? line.bytes));
}

function renderOutcome(outcome: Outcome<AccessLogRecord>, bytes: Uint8Array): object {
  switch (outcome.kind) {
    case 'ok':
      return renderRecord(outcome.value);
    case 'skip':
      return { skipped: outcome.reason };
    case 'dead-letter':
      return { error: outcome.reason, line: toText(bytes.subarray(0, defaultLineLimits.keptBytes)) };
  }
}

function renderRecord(record: AccessLogRecord): object {
  const traffic = attribute(record);
  const { flags, fault, party, confidence } = classify(record, traffic);
  return {
    timestamp: new Date(record.startAtMs).toISOString(),
    request_id: record.requestId,
    trace_id: record.traceId,
    reporter: traffic.reporter,
    flags,
    code: record.responseCode,
    duration_ms: record.durationMs,
    source: renderEndpoint(traffic.source),
    destination: renderEndpoint(traffic.destination),
    deploy_id: traffic.destination.deployId,
    fault,
    party,
    confidence,
  };
}

const utf8 = new TextDecoder();

// Bytes that are not UTF-8 become U+FFFD: the output stays valid JSON whatever came in.
function toText(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}
