// Rules that change while detect runs: at one window, the same after any crash, and nothing lost that an edit does not mean.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCollectRecord } from '#core/count/partial-count-wire.ts';
import { metrics } from '#telemetry/metrics.ts';
import { RecordedPartition } from '../../test/support/loop-harness.ts';
import type { SetName } from '../../test/support/rule-change-world.ts';
import {
  anInput,
  aWindow,
  batch,
  liveOn,
  names,
  openDetect,
  plain,
  runDetect,
  sets,
  source,
  stateOf,
  told,
  transitionsOf,
} from '../../test/support/rule-change-world.ts';
import { NamedRules } from '../../test/support/rule-sets.ts';

describe('a change of rules', () => {
  it('ends the alerts of a deleted rule at its time, and takes a new one in', async () => {
    const { partition, meter } = await runDetect(anInput(24, [15, 16, 17, 18, 19, 20], [['none', 18]]));
    expect(told(partition)).toEqual([
      ['UC', 'firing', 151_000, false],
      ['UC', 'resolved', 180_000, false],
    ]);
    expect(transitionsOf(partition)[1]?.verdict.reason).toBe('rule removed');
    expect(meter.total(metrics.ruleChanges, { outcome: 'scheduled' })).toBe(1);
    const taken = await runDetect(anInput(24, [20], [['two', 5]]));
    expect(told(taken.partition).map(([alert]) => alert)).toEqual(['UC', 'Other', 'UC', 'Other']);
  });

  it('keeps baselines and alerts through an edit that does not change the meaning, and changes a set twice to no effect', async () => {
    const plainRun = await runDetect(anInput(24, [15, 16, 17]));
    const edited = await runDetect(
      anInput(
        24,
        [15, 16, 17],
        [
          ['relabelled', 9],
          ['relabelled', 11],
          ['one', 16],
        ],
      ),
    );
    expect(told(edited.partition)).toEqual(told(plainRun.partition));
    expect(transitionsOf(edited.partition)[0]?.labels['severity']).toBe('warning');
    expect(edited.meter.total(metrics.ruleChanges)).toBe(2);
  });

  it('is at once, in the middle of a window, where windows have passed its time', async () => {
    const input = anInput(20, [15, 16, 17, 18, 19], []);
    const rules = new NamedRules(sets, 'one');
    const { partition, meter } = await runDetect([...input, rules.record('none', 150_000), ...aWindow(20, true)]);
    expect(told(partition).at(-1)).toEqual(['UC', 'resolved', 200_000, false]);
    expect(meter.total(metrics.ruleChanges, { outcome: 'late' })).toBe(1);
  });

  it('into the shadow ends the alert for those who were told; out of it tells', async () => {
    const { partition } = await runDetect(
      anInput(
        26,
        [15, 16, 17, 18, 19, 20, 21, 22],
        [
          ['shadow', 17],
          ['one', 20],
        ],
      ),
    );
    expect(told(partition)).toEqual([
      ['UC', 'firing', 151_000, false],
      ['UC', 'resolved', 170_000, false],
      ['UC', 'firing', 200_000, false],
      ['UC', 'resolved', 250_000, false],
    ]);
  });

  it('that this build cannot read leaves the rules as they are', async () => {
    const stranger = new NamedRules({ ...sets, later: [] }, 'one');
    const input = anInput(24, [15]);
    const { partition, meter } = await runDetect([stranger.record('later', 20_000), ...input]);
    expect(told(partition).map(([, status]) => status)).toEqual(['firing', 'resolved']);
    expect(meter.total(metrics.ruleChanges, { outcome: 'unreadable' })).toBe(1);
  });

  it('in a record that is none is set aside, and a service of that name is not', async () => {
    const [counts] = aWindow(0, false);
    const { partition, meter } = await runDetect([
      { key: 'rule-set/x', value: '{"v":1,"kind":"rules","hash":"x"}' },
      { key: 'rule-set/x', value: counts?.value ?? '' },
      ...aWindow(1, false),
    ]);
    expect(partition.written(names.deadLetters)).toHaveLength(1);
    expect(meter.total(metrics.countedLines)).toBe(100);
  });

  it('whatever the moments of crashes and the files of who takes over: the same outputs, each once', async () => {
    const changes = fc.array(
      fc.tuple(fc.constantFrom<SetName>('one', 'relabelled', 'two', 'none', 'shadow'), fc.integer({ min: 2, max: 26 })),
      { minLength: 1, maxLength: 4 },
    );
    const life = fc.record({
      batches: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 6 }),
      failsAtCommit: fc.boolean(),
      files: fc.constantFrom<SetName>('one', 'two', 'none'),
    });
    await fc.assert(
      fc.asyncProperty(
        changes,
        fc.array(life, { maxLength: 8 }),
        fc.constantFrom(0, 30_000),
        async (list, lives, ms) => {
          const input = anInput(28, [15, 16, 17, 18], list);
          const wanted = await runDetect(input);
          const all = new RecordedPartition({ topic: names.partialCounts });
          const last = { batches: input.map(() => 9), failsAtCommit: false, files: 'none' as const };
          for (const one of [...lives, last]) await liveOn(all, input, one, ms);
          expect(told(all)).toEqual(told(wanted.partition));
          const ids = transitionsOf(all).map(({ id }) => id);
          expect(new Set(ids).size).toBe(ids.length);
          expect(all.written(names.windows)).toEqual(wanted.partition.written(names.windows));
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('the owner of partition 0', () => {
  const announced = (partition: RecordedPartition) =>
    partition.written(names.partialCounts).map(({ key, value }) => [key, JSON.parse(String(value)).effectiveAtMs]);

  it('announces the set of its files once, for the end of the window with the newest line', async () => {
    const rules = new NamedRules(sets, 'one');
    const { partition, processor, clock } = await runDetect(anInput(3, []), rules);
    await processor.tick(clock.atMs);
    expect(announced(partition)).toEqual([]);
    rules.load('two', clock.atMs);
    await processor.tick(clock.atMs);
    await processor.tick(clock.atMs);
    // The newest line is at 35 s.
    expect(announced(partition)).toEqual([[`rule-set/${rules.current.hash}`, 40_000]]);
    await processor.process(batch([rules.record('two', 40_000)], 6));
    await processor.tick(clock.atMs);
    expect(announced(partition)).toHaveLength(1);
  });

  it('waits with files that may be the old ones, and then believes them', async () => {
    const rules = new NamedRules(sets, 'one');
    const { partition, processor, clock } = await runDetect(anInput(3, []), rules);
    await processor.process(batch([rules.record('two', 40_000)], 6));
    await processor.tick(clock.atMs);
    clock.atMs += 179_000;
    await processor.tick(clock.atMs);
    expect(announced(partition)).toEqual([]);
    clock.atMs += 1000;
    await processor.tick(clock.atMs);
    expect(announced(partition)).toEqual([[`rule-set/${rules.current.hash}`, 40_000]]);
  });

  it('tells that rules cannot be loaded, once, and when they can again; also over a crash', async () => {
    const rules = new NamedRules(sets, 'one');
    const first = await runDetect(anInput(3, []), rules);
    rules.problem = 'rules/a.yaml:3:1: no such key';
    await first.processor.tick(first.clock.atMs);
    await first.processor.tick(first.clock.atMs + 1000);
    expect(transitionsOf(first.partition)).toMatchObject([
      {
        alert: 'RulesNotLoaded',
        status: 'firing',
        labels: { severity: 'warning', data_center: 'dc1' },
        verdict: { reason: rules.problem },
      },
    ]);
    expect(first.shown.at(-1)?.ownAlerts).toHaveLength(1);
    const committedOffset = first.partition.commits.at(-1)?.nextOffset ?? null;
    const partition = new RecordedPartition({
      topic: names.partialCounts,
      committedOffset,
      state: stateOf(first.partition),
    });
    rules.problem = null;
    const second = await openDetect(rules, partition);
    await second.processor.process(batch(aWindow(3, false), committedOffset ?? 0));
    await second.processor.tick(second.clock.atMs + 5000);
    expect(told(partition)).toEqual([['RulesNotLoaded', 'resolved', 1_005_000, false]]);
  });

  it('shows each rule with what it holds, after each hand-over', async () => {
    const { shown } = await runDetect(anInput(18, [15, 16, 17]));
    const [rule] = shown.at(-1)?.rules ?? [];
    expect(rule).toMatchObject({ rule: { alert: 'UC' }, seriesCount: 1, missingWindows: 0 });
    expect(rule?.alerts.map(({ active }) => active.status)).toEqual(['firing']);
  });

  it('ends the alert of a rule on the input that is gone', async () => {
    const rules = new NamedRules(sets, 'watched');
    const { partition, processor, clock } = await runDetect(anInput(3, []), rules);
    const idle = { partitionCount: 1, streamAtMs: 35_000, watermarkAtMs: 30_000, isIdle: true, writtenAtMs: 1 };
    const mark = plain(encodeCollectRecord({ kind: 'watermark', source, mark: idle }));
    await processor.process(batch([mark], 6));
    clock.atMs = 200_000;
    await processor.tick(clock.atMs);
    await processor.process(batch([rules.record('one', 40_000)], 7));
    await processor.tick(clock.atMs);
    expect(told(partition)).toEqual([
      ['Stalled', 'firing', 200_000, false],
      ['Stalled', 'resolved', 200_000, false],
    ]);
  });
});
