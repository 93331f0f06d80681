// What every record stream keeps of the port's promises. Run on the memory broker and on Kafka.
import { afterAll, beforeAll, describe } from 'vitest';
import { describeDelivery } from './record-stream-delivery.ts';
import type { StreamUnderTest } from './record-stream-drive.ts';
import { describeOwnership } from './record-stream-ownership.ts';

/** The suite. `setUp` starts a broker with nothing in it. */
export function describeRecordStreamContract(name: string, setUp: () => Promise<StreamUnderTest>): void {
  describe(`record stream contract: ${name}`, () => {
    let broker: StreamUnderTest;
    beforeAll(async () => {
      broker = await setUp();
    });
    afterAll(() => broker.stop());

    describeDelivery(() => broker);
    describeOwnership(() => broker);
  });
}
