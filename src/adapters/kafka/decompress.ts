// Unpacks the payload of a record batch. gzip and zstd come with Node; snappy and lz4 do not.
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { AdapterError } from '#ports/adapter-error.ts';

const codecNames = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/** The unpacked payload. Throws `KAFKA_REJECTED` on a codec that this process cannot unpack, or on more than `maxBytes`. */
export function decompress(codec: number, payload: Buffer, maxBytes: number): Buffer {
  if (codec === 0) return payload;
  const name = codecNames[codec] ?? `codec ${codec}`;
  try {
    if (name === 'gzip') return gunzipSync(payload, { maxOutputLength: maxBytes });
    if (name === 'zstd') return zstdDecompressSync(payload, { maxOutputLength: maxBytes });
  } catch (cause) {
    const message = `cannot unpack ${payload.length} bytes of ${name} into at most ${maxBytes} bytes`;
    throw new AdapterError('KAFKA_REJECTED', message, { retryable: false, cause });
  }
  throw new AdapterError(
    'KAFKA_REJECTED',
    `a batch is compressed with ${name}: only gzip and zstd are read; set compression.type of the topic or its producers`,
    { retryable: false },
  );
}
