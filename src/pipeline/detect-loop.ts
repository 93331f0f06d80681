// detect: partial counts → closed windows, verdicts, alert transitions. Its state is a function of the input partition's records alone:
// a restart reads on from the last snapshot and keeps silent up to the committed offset, because that was handed over before.
import type { ConsumeOptions, OpenedPartition, PartitionProcessor } from '#ports/record-stream.ts';
import type { DetectDeps, DetectSettings } from './detect-partition.ts';
import { DetectPartition } from './detect-partition.ts';
import { DetectState } from './detect-state.ts';
import { decodeSnapshot } from './snapshot-wire.ts';

/** The detect loop, to be run by a record stream. */
export function createDetectLoop(settings: DetectSettings, deps: DetectDeps): ConsumeOptions {
  return {
    loop: 'detect',
    topics: [settings.names.partialCounts],
    stateTopic: settings.names.detectState,
    tickMs: settings.tickMs,
    open: (opened) => Promise.resolve(openDetectPartition(settings, deps, opened)),
  };
}

function openDetectPartition(
  given: DetectSettings,
  deps: DetectDeps,
  opened: OpenedPartition,
): { processor: PartitionProcessor; startOffset: number | 'earliest' } {
  const { committedOffset } = opened;
  const ruleSet = deps.ruleSource?.current;
  const settings = ruleSet === undefined ? given : { ...given, rules: ruleSet.rules, ruleSet };
  const restored = restore(settings, deps, opened);
  const state = restored?.state ?? new DetectState(settings);
  const startOffset = restored?.offset ?? committedOffset ?? 'earliest';
  const processor = new DetectPartition(settings, deps, opened, state);
  return { processor, startOffset };
}

/** The state of the last snapshot that these settings can go on from. */
function restore(
  settings: DetectSettings,
  deps: DetectDeps,
  opened: OpenedPartition,
): { state: DetectState; offset: number } | null {
  const snapshot = decodeSnapshot(opened.state);
  if (snapshot === null) {
    if (opened.committedOffset !== null) {
      deps.logger.warn('no usable snapshot: baselines are learned anew', { partition: opened.origin.partition });
    }
    return null;
  }
  const state = DetectState.restore(settings, snapshot.value, (files) => deps.ruleSource?.read(files) ?? null);
  if (state !== null) return { state, offset: snapshot.offset };
  deps.logger.warn('the snapshot was made with another window or pane: baselines are learned anew', {
    partition: opened.origin.partition,
  });
  return null;
}
