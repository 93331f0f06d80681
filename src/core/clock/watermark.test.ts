import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SourceMark } from './watermark.ts';
import { WatermarkTracker } from './watermark.ts';

const topic = 'dc1/istio-access-logs';
const second = 1000;

function mark(streamAtS: number | null, changes: Partial<SourceMark> = {}): SourceMark {
  const streamAtMs = streamAtS === null ? null : streamAtS * second;
  const watermarkAtMs = streamAtMs === null ? null : streamAtMs - 5 * second;
  return { partitionCount: 2, streamAtMs, watermarkAtMs, isIdle: false, writtenAtMs: 0, ...changes };
}

const settings = { sourceTopics: [topic], windowMs: 10 * second, idleLeaseMs: 10 * second };
const newTracker = () => new WatermarkTracker(settings);

describe('WatermarkTracker', () => {
  it('is the minimum over partitions, as the example in its comment says', () => {
    const tracker = newTracker();
    tracker.update(topic, 0, mark(47));
    expect(tracker.update(topic, 1, mark(31))).toBe(26 * second);
    expect(tracker.update(topic, 1, mark(31, { isIdle: true }))).toBe(42 * second);
    expect(tracker.update(topic, 0, mark(47, { isIdle: true }))).toBe(50 * second);
  });

  it('goes further by the grace when all are idle, and only then', () => {
    const tracker = new WatermarkTracker({ ...settings, idleGraceMs: 5 * second });
    tracker.update(topic, 0, mark(47));
    expect(tracker.update(topic, 1, mark(31, { isIdle: true }))).toBe(42 * second);
    expect(tracker.update(topic, 0, mark(47, { isIdle: true }))).toBe(55 * second);
  });

  it('does not start before every partition of every topic was heard of', () => {
    const tracker = new WatermarkTracker({ ...settings, sourceTopics: [topic, 'dc1/other'] });
    expect(tracker.update(topic, 0, mark(47))).toBeNull();
    expect(tracker.update(topic, 1, mark(47))).toBeNull();
    expect(tracker.update('dc1/other', 0, mark(null, { partitionCount: 1, isIdle: true }))).toBe(42 * second);
  });

  it('waits for a partition that has no line yet and is not idle', () => {
    const tracker = newTracker();
    tracker.update(topic, 0, mark(47));
    expect(tracker.update(topic, 1, mark(null))).toBeNull();
  });

  it('takes a partition for idle only as long as its reader says so: a dead one may have left lines unread', () => {
    const tracker = newTracker();
    tracker.update(topic, 1, mark(31, { isIdle: true, writtenAtMs: 0 }));
    expect(tracker.update(topic, 0, mark(47, { writtenAtMs: 10 * second }))).toBe(42 * second);
    expect(tracker.update(topic, 0, mark(60, { writtenAtMs: 11 * second }))).toBe(42 * second);
    expect(tracker.idleCount).toBe(0);
    expect(tracker.update(topic, 1, mark(31, { isIdle: true, writtenAtMs: 12 * second }))).toBe(55 * second);
  });

  it('is not set back by a reader that was restarted', () => {
    const tracker = newTracker();
    tracker.update(topic, 0, mark(47));
    tracker.update(topic, 1, mark(47));
    tracker.update(topic, 1, mark(null));
    expect(tracker.update(topic, 0, mark(60))).toBe(42 * second);
    expect(tracker.update(topic, 1, mark(60))).toBe(55 * second);
  });

  it('never goes back, and goes on from a snapshot as if it had never stopped', () => {
    const step = fc.record({
      partition: fc.nat({ max: 1 }),
      at: fc.option(fc.nat({ max: 100 }), { nil: null }),
      isIdle: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.nat({ max: 30 }), (steps, cutAt) => {
        const tracker = newTracker();
        let restored = newTracker();
        let last = Number.NEGATIVE_INFINITY;
        steps.forEach(({ partition, at, isIdle }, i) => {
          if (i === cutAt) {
            restored = WatermarkTracker.restore(settings, JSON.parse(JSON.stringify(tracker.snapshot())));
          }
          const now = tracker.update(topic, partition, mark(at, { isIdle }));
          expect(now ?? last).toBeGreaterThanOrEqual(last);
          if (i < cutAt) restored.update(topic, partition, mark(at, { isIdle }));
          else expect(restored.update(topic, partition, mark(at, { isIdle }))).toBe(now);
          last = now ?? last;
        });
      }),
    );
  });
});

it('is not complete while a partition that was busy lately is idle', () => {
  const tracker = new WatermarkTracker({ sourceTopics: ['dc1/logs'], windowMs: 10_000, idleLeaseMs: 10_000 });
  const markOf = (streamAtMs: number | null, isIdle: boolean) => ({
    partitionCount: 3,
    streamAtMs,
    watermarkAtMs: streamAtMs,
    isIdle,
    writtenAtMs: 5_000_000,
  });
  tracker.update('dc1/logs', 0, markOf(4_000_000, false));
  tracker.update('dc1/logs', 1, markOf(null, true));
  tracker.update('dc1/logs', 2, markOf(4_000_000 - 3_600_000, true));
  expect(tracker.isComplete(3_600_000)).toBe(true);
  tracker.update('dc1/logs', 1, markOf(3_990_000, true));
  expect(tracker.isComplete(3_600_000)).toBe(false);
  const files = new WatermarkTracker({
    sourceTopics: ['dc1/logs'],
    windowMs: 10_000,
    idleLeaseMs: 10_000,
    isFinite: true,
  });
  files.update('dc1/logs', 0, markOf(4_000_000, false));
  files.update('dc1/logs', 1, markOf(3_990_000, true));
  expect(files.isComplete(3_600_000)).toBe(true);
  files.update('dc1/logs', 0, markOf(4_000_000, true));
  expect(files.isComplete(3_600_000)).toBe(false);
  expect(tracker.sources()).toContainEqual({ name: 'dc1/logs/1', streamAtMs: 3_990_000, isIdle: true });
});
