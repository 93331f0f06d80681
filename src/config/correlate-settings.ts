// Settings of the loop that brings the lines of failed requests together.
import { z } from 'zod';
import { countField, durationField } from './fields.ts';

/** `correlate:`. */
export const correlateSettings = z.strictObject({
  wait: durationField(
    {
      description:
        'How long a failed request waits in event time, after its last line, for lines of other proxies. A later one corrects what was told.',
      reason:
        'both sides log within a round trip of each other, and shippers differ by a second or two. Rules on faults are later by this.',
    },
    { atLeast: '0', atMost: '10m' },
  ).prefault('5s'),
  max_hold: durationField(
    {
      description: 'How long its first line waits at most, however many follow.',
      reason: 'a trace may go on for hours; what failed at its beginning is told within a minute all the same.',
    },
    { atLeast: '1s', atMost: '1h' },
  ).prefault('1m'),
  remember: durationField(
    {
      description: 'How long a request is known in event time after it was told, so that a late line corrects it.',
      reason: 'longer than the usual limit of a request with retries, whose first attempt comes that much earlier.',
    },
    { atLeast: '0', atMost: '1h' },
  ).prefault('1m'),
  max_requests: countField(
    {
      description:
        'Failed requests held for each partition, waiting or remembered. Beyond it the oldest told are forgotten, then the oldest waiting told early; both are counted.',
      unit: 'requests',
      reason:
        'some 25 MB; with the times above 150 failures a second and partition before anything is forgotten early.',
    },
    { min: 10, max: 1_000_000 },
  ).prefault(10_000),
  max_lines_per_request: countField(
    {
      description: 'Lines held of one request, or of one trace. Further ones are dropped and counted.',
      unit: 'lines',
      reason:
        'a request through ten services with two retries each has 60; ids come from log lines, so there must be a bound.',
    },
    { min: 2, max: 10_000 },
  ).prefault(128),
  snapshot_interval: durationField(
    {
      description: 'How often the requests that are held are written beside their offset.',
      reason: 'bounds what is read again after a restart.',
    },
    { atLeast: '1s', atMost: '1h' },
  ).prefault('30s'),
  commit_interval: durationField(
    {
      description: 'How often results, counts, watermarks and offsets are handed over, in one transaction.',
      reason: 'little beside the wait; two transactions a second and partition cost little.',
    },
    { atLeast: '50ms', atMost: '1m' },
  ).prefault('500ms'),
});
