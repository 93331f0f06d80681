import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { decodeFetchResponse, encodeFetchRequest, fetchApi } from './fetch-protocol.ts';

const load = createRequire(import.meta.url);
// Not typed and not public: an oracle for tests alone.
const { protocol } = load('kafkajs/src/protocol/requests/fetch');
const Encoder = load('kafkajs/src/protocol/encoder');

describe('encodeFetchRequest', () => {
  it('writes what kafkajs writes', async () => {
    const request = {
      topic: 'istio-access-logs',
      partition: 7,
      offset: 2 ** 40 + 3,
      maxWaitMs: 500,
      maxBytes: 4_194_304,
    };
    const { request: oracle } = protocol({ version: fetchApi.version })({
      maxWaitTime: request.maxWaitMs,
      minBytes: 1,
      maxBytes: request.maxBytes,
      rackId: '',
      topics: [
        {
          topic: request.topic,
          partitions: [{ partition: 7, fetchOffset: String(request.offset), maxBytes: request.maxBytes }],
        },
      ],
    });
    const bytes: Buffer = (await oracle.encode()).buffer;
    expect(encodeFetchRequest(request).toString('hex')).toBe(bytes.toString('hex'));
    expect(oracle).toMatchObject({ apiKey: fetchApi.key, apiVersion: fetchApi.version, apiName: fetchApi.name });
  });
});

describe('decodeFetchResponse', () => {
  it('reads the partition, its aborted transactions and its records', () => {
    const partition = new Encoder()
      .writeInt32(7)
      .writeInt16(0)
      .writeInt64('9007199254740991')
      .writeInt64('120')
      .writeInt64('5')
      .writeArray([new Encoder().writeInt64('42').writeInt64('100')])
      .writeInt32(-1)
      .writeBytes(Buffer.from('records'));
    expect(decodeFetchResponse(aResponse([partition]))).toEqual({
      errorCode: 0,
      highWatermark: 9007199254740991,
      lastStableOffset: 120,
      aborted: [{ producerId: 42n, firstOffset: 100 }],
      bytes: Buffer.from('records'),
      throttleMs: 30,
    });
  });

  it('reads an error with nothing beside it', () => {
    const partition = new Encoder()
      .writeInt32(7)
      .writeInt16(1)
      .writeInt64('-1')
      .writeInt64('-1')
      .writeInt64('-1')
      .writeInt32(-1)
      .writeInt32(-1)
      .writeInt32(-1);
    const response = decodeFetchResponse(aResponse([partition]));
    expect(response).toMatchObject({ errorCode: 1, highWatermark: -1, aborted: [], bytes: Buffer.alloc(0) });
  });

  it('is an error when the broker says so for the whole, or says nothing', () => {
    expect(decodeFetchResponse(aResponse([], 70))).toMatchObject({ errorCode: 70, bytes: Buffer.alloc(0) });
    const nothing = new Encoder().writeInt32(0).writeInt16(0).writeInt32(0).writeInt32(0);
    expect(decodeFetchResponse(nothing.buffer).errorCode).not.toBe(0);
  });
});

function aResponse(partitions: readonly unknown[], errorCode = 0): Buffer {
  const topic = new Encoder().writeString('istio-access-logs').writeArray(partitions);
  return new Encoder().writeInt32(30).writeInt16(errorCode).writeInt32(0).writeArray([topic]).buffer;
}
