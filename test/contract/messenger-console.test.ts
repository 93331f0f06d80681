// The console keeps the messenger's contract.
import { consoleDefaults, createConsoleMessenger } from '#adapters/console/messenger.ts';
import { SkippingClock } from '../support/recording.ts';
import { describeMessengerContract } from './messenger-contract.ts';

describeMessengerContract('console', () => {
  const messenger = createConsoleMessenger(consoleDefaults, {
    stream: { write: () => true },
    clock: new SkippingClock(),
  });
  return Promise.resolve({ messenger, stop: () => Promise.resolve() });
});
