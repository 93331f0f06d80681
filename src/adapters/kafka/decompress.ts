// Unpacks the payload of a record batch. gzip and zstd come with Node; snappy and lz4 are read here: of the packages for
// them none bounds what a frame of lz4 unpacks to.
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { AdapterError } from '#ports/adapter-error.ts';
import { unpackLz4 } from './unpack-lz4.ts';
import { unpackSnappy } from './unpack-snappy.ts';

interface Codec {
  readonly name: string;
  readonly unpack: (payload: Buffer, maxBytes: number) => Buffer;
}

/** By the number that stands in a batch. */
const codecs: readonly Codec[] = [
  { name: 'none', unpack: (payload) => payload },
  { name: 'gzip', unpack: (payload, maxBytes) => gunzipSync(payload, { maxOutputLength: maxBytes }) },
  { name: 'snappy', unpack: unpackSnappy },
  { name: 'lz4', unpack: unpackLz4 },
  { name: 'zstd', unpack: (payload, maxBytes) => zstdDecompressSync(payload, { maxOutputLength: maxBytes }) },
];

/** The unpacked payload. Throws `KAFKA_REJECTED` on an unknown codec, on broken bytes, and on more than `maxBytes`. */
export function decompress(codec: number, payload: Buffer, maxBytes: number): Buffer {
  const { name, unpack } = codecs[codec] ?? unknownCodec(codec);
  try {
    return unpack(payload, maxBytes);
  } catch (cause) {
    const message = `cannot unpack ${payload.length} bytes of ${name} into at most ${maxBytes} bytes`;
    throw new AdapterError('KAFKA_REJECTED', message, { retryable: false, cause });
  }
}

function unknownCodec(codec: number): never {
  const known = codecs.map(({ name }) => name).join(', ');
  const message = `a batch is compressed with codec ${codec}: only ${known} are read; set compression.type of the topic`;
  throw new AdapterError('KAFKA_REJECTED', message, { retryable: false });
}
