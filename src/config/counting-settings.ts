// Settings of the time rules and of the loops that count and judge: collect and detect.
import { z } from 'zod';
import { countField, durationField, timeZoneField } from './fields.ts';

/** Keys at the top of the file that fix how event time is cut and when it is over. */
export const timeSettings = {
  window: durationField(
    {
      description: 'Length of the tumbling windows in which lines are counted and judged. `rules` count in these.',
      reason: 'short enough to tell in seconds, long enough to hold a count worth judging.',
    },
    { atLeast: '1s', atMost: '1h' },
  ).prefault('10s'),
  pane: durationField(
    {
      description: 'Length of the slices that collect counts in; a window is made of whole panes.',
      reason: 'the grain of early verdicts, and a tenth of a window costs little.',
    },
    { atLeast: '100ms', atMost: '1h' },
  ).prefault('1s'),
  allowed_lateness: durationField(
    {
      description:
        'How far behind the newest line of its partition a line may come and still be counted. Later ones are counted as late.',
      reason: 'shippers flush every second or so; each second here is a second of delay for every alert.',
    },
    { atLeast: '0', atMost: '1h' },
  ).prefault('5s'),
  idle_timeout: durationField(
    {
      description:
        'A partition that brings nothing new for this long (by the wall clock) does not hold the others’ windows back.',
      reason: 'outlasts a rebalance of the shipper; a quiet partition delays alerts by no more.',
    },
    { atLeast: '1s', atMost: '1h' },
  ).prefault('10s'),
  future_bound: durationField(
    {
      description: 'Lines dated further in the future than this are set aside in the dead-letter topic, not believed.',
      reason: 'clocks of one mesh agree far better; one line from next year would close every window.',
    },
    { atLeast: '1s', atMost: '1d' },
  ).prefault('1m'),
} satisfies Readonly<Record<string, z.ZodType>>;

/** `collect:`. */
export const collectSettings = z.strictObject({
  flush_interval: durationField(
    {
      description: 'How often partial counts, watermarks and offsets are handed over, in one transaction.',
      reason: 'part of the delay of an alert; two transactions a second and partition cost little.',
    },
    { atLeast: '50ms', atMost: '1m' },
  ).prefault('500ms'),
  max_lines_per_flush: countField(
    {
      description: 'Hand over earlier after this many lines.',
      unit: 'lines',
      reason: 'bounds what is read again after a kill: about a second of work.',
    },
    { min: 1, max: 10_000_000 },
  ).prefault(50_000),
  max_edges: countField(
    {
      description:
        'Edges (a source calling a destination, with versions, as one side saw it) kept at hand for each partition.',
      unit: 'edges',
      reason:
        'some 20 MB; a mesh of 500 services has a few thousand. Names come from log lines, so there must be a bound.',
    },
    { min: 1, max: 10_000_000 },
  ).prefault(50_000),
});

/** `detect:`. */
export const detectSettings = z.strictObject({
  time_zone: timeZoneField({
    description: 'Time zone whose hours and weekdays tell what is usual: where the users live.',
    reason: 'a day begins when people get up; name yours, or mornings at home look like incidents at summer time.',
  }),
  snapshot_interval: durationField(
    {
      description: 'How often the state of a partition is written beside its offset.',
      reason: 'bounds what is read again after a restart; a snapshot of some MB twice a minute is little.',
    },
    { atLeast: '1s', atMost: '1h' },
  ).prefault('30s'),
  commit_interval: durationField(
    {
      description: 'How often the offset is moved where nothing was to be written.',
      reason: 'only bounds what is read again after a restart.',
    },
    { atLeast: '100ms', atMost: '10m' },
  ).prefault('5s'),
  max_gap_windows: countField(
    {
      description: 'After a gap in event time longer than this many windows, only that many empty ones are judged.',
      unit: 'windows',
      reason:
        'an hour of 10s windows: a whole baseline of zeros. A weekend without input must not take minutes to catch up.',
    },
    { min: 1, max: 1_000_000 },
  ).prefault(360),
  max_edges: countField(
    {
      description:
        'Edges (a source calling a destination, with versions, as one side saw it) kept for each partition. Further ones are counted together as `other`.',
      unit: 'edges',
      reason:
        'some 50 MB; a mesh of 500 services has a few thousand. Names come from log lines, so there must be a bound.',
    },
    { min: 1, max: 10_000_000 },
  ).prefault(50_000),
  max_series: countField(
    {
      description:
        'Series (one rule, one set of `by` labels) kept for each partition. Further ones are not judged, and counted.',
      unit: 'series',
      reason: 'an hour of 10s windows is 360 numbers a series, so some 300 MB at worst.',
    },
    { min: 1, max: 10_000_000 },
  ).prefault(100_000),
});
