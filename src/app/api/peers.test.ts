// Peers by a name that leads nowhere. What they answer is tried on real sockets: test/contract/http-peers.int.test.ts.
import { expect, it } from 'vitest';
import { defaultSettings } from '#config/load-settings.ts';
import { metrics } from '#telemetry/metrics.ts';
import { SummingMeter } from '../../../test/support/loop-harness.ts';
import { RecordingLogger, SkippingClock } from '../../../test/support/recording.ts';
import { createPeers } from './peers.ts';

function aName(resolve: () => Promise<readonly string[]>) {
  const { http } = defaultSettings();
  const [meter, logger] = [new SummingMeter(), new RecordingLogger()];
  const named = { ...http, peers: { ...http.peers, dns: 'flagwatch-peers:9464' } };
  const peers = createPeers(named, { meter, logger, clock: new SkippingClock(), processId: 'me', resolve });
  return { peers, meter, logger };
}

it('are none where nothing is set', () => {
  const deps = {
    meter: new SummingMeter(),
    logger: new RecordingLogger(),
    clock: new SkippingClock(),
    processId: 'me',
  };
  expect(createPeers(defaultSettings().http, deps).areThere).toBe(false);
});

it.each([
  ['is not known', () => Promise.reject(new Error('ENOTFOUND'))],
  ['takes too long', () => new Promise<never>(() => undefined)],
])('are left out where their name %s, which is counted each time and logged once', async (_name, resolve) => {
  let asked = 0;
  const { peers, meter, logger } = aName(() => {
    asked += 1;
    return resolve();
  });
  expect(peers.areThere).toBe(true);
  expect(await peers.ask({ show: 'rules' })).toEqual([]);
  expect(await peers.ask({ show: 'alerts' })).toEqual([]);
  expect(meter.total(metrics.peerRequests, { outcome: 'unresolved' })).toBe(2);
  expect(logger.lines).toEqual(['warn http.peers.dns (flagwatch-peers:9464) cannot be resolved']);
  expect(asked).toBeLessThanOrEqual(2);
});
