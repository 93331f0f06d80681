// The catalogue of metrics: every name, label and unit there is. Raw names appear nowhere else.
import type { MetricSpec } from '#ports/meter.ts';

const counter = (name: string, help: string, labels: readonly string[] = []): MetricSpec => ({
  name: `flagwatch_${name}`,
  help,
  kind: 'counter',
  labels,
});
const gauge = (name: string, help: string, labels: readonly string[] = []): MetricSpec => ({
  name: `flagwatch_${name}`,
  help,
  kind: 'gauge',
  labels,
});
const latencyBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const latency = (name: string, help: string, labels: readonly string[] = []): MetricSpec => ({
  name: `flagwatch_${name}`,
  help,
  kind: 'histogram',
  labels,
  buckets: latencyBuckets,
});

/** Every metric by its use in code. Labels: `loop` of loops, `topic` of configured topics, `outcome` and `reason` of closed lists. */
export const metrics = {
  lines: counter('lines_total', 'Access-log lines taken in by collect, by outcome: counted, skipped, dead_lettered.', [
    'topic',
    'outcome',
  ]),
  deadLetters: counter('dead_letters_total', 'Records set aside in the dead-letter topic, by reason.', [
    'loop',
    'reason',
  ]),
  skippedLines: counter('skipped_lines_total', 'Lines that are nobody’s request, by reason.', ['reason']),
  lateLines: counter('late_lines_total', 'Lines whose window was closed when they came (counted by detect).'),
  countedLines: counter('counted_lines_total', 'Lines that are in a window (counted by detect).'),
  consumedRecords: counter('consumed_records_total', 'Records read from the input topics.', ['loop', 'topic']),
  consumedBytes: counter('consumed_bytes_total', 'Bytes of the values read from the input topics.', ['loop', 'topic']),
  lagRecords: gauge('lag_records', 'Records in a partition that are not processed yet.', [
    'loop',
    'topic',
    'partition',
  ]),
  lostRecords: counter('lost_records_total', 'Records that retention deleted before they were read.', [
    'loop',
    'topic',
  ]),
  commits: counter('commits_total', 'Hand-overs (transactions) committed.', ['loop']),
  commitSeconds: latency('commit_seconds', 'Duration of a hand-over.', ['loop']),
  partitionsOpened: counter('partitions_opened_total', 'Partitions taken over by this process.', ['loop']),
  partitionFailures: counter('partition_failures_total', 'Times that work on partitions failed and was begun anew.', [
    'loop',
    'code',
  ]),
  watermarkLagSeconds: gauge('watermark_lag_seconds', 'Wall clock less the watermark, by input partition of detect.', [
    'partition',
  ]),
  idlePartitions: gauge('idle_source_partitions', 'Source partitions that are idle, as detect knows them.'),
  lateFaults: counter(
    'late_faults_total',
    'Failed requests that were told when their window was closed (counted by detect).',
  ),
  forwardedLines: counter(
    'forwarded_lines_total',
    'Lines that show a failure or several attempts, handed to correlate by collect.',
  ),
  correlatedLines: counter('correlated_lines_total', 'Such lines taken in by correlate.'),
  unusualLines: counter(
    'correlate_unusual_lines_total',
    'Of these, by reason: repeated (came twice), late (its request had been told), dropped (its request holds the most lines it may).',
    ['reason'],
  ),
  requestFaults: counter('request_faults_total', 'Failed requests told by correlate for the first time.', [
    'party',
    'evidence',
  ]),
  faultCorrections: counter(
    'request_fault_corrections_total',
    'Results of correlate that a late line changed, or took back (kind: changed, taken_back).',
    ['kind'],
  ),
  curtailedRequests: counter(
    'correlate_curtailed_requests_total',
    'Failed requests for which correlate had no room, by reason: given_up (told before the wait was over), forgotten (no longer corrected).',
    ['reason'],
  ),
  heldRequests: gauge('correlate_held_requests', 'Failed requests that correlate holds, waiting or remembered.', [
    'partition',
  ]),
  waitingRequests: gauge('correlate_waiting_requests', 'Of these, those that wait for their partners.', ['partition']),
  correlateLagSeconds: gauge(
    'correlate_watermark_lag_seconds',
    'Wall clock less the event time up to which failed requests are told, by input partition of correlate.',
    ['partition'],
  ),
  correlateSnapshotBytes: gauge('correlate_snapshot_bytes', 'Size of correlate’s last snapshot.', ['partition']),
  windowsClosed: counter('windows_closed_total', 'Windows closed.'),
  windowRows: counter('window_rows_total', 'Edges with traffic in closed windows.'),
  amendedWindowRows: counter(
    'amended_window_rows_total',
    'Edges of closed windows to which late lines were added afterwards.',
  ),
  openWindows: gauge('open_windows', 'Windows that are not closed yet.', ['partition']),
  series: gauge('series', 'Series that detection keeps a baseline for.', ['partition']),
  seriesOverflow: counter(
    'series_overflow_total',
    'What a cap left out: rows folded into “other”, series not judged, edges with more versions than are compared.',
  ),
  verdicts: counter('verdicts_total', 'Verdicts of detection, by kind.', ['kind']),
  transitions: counter('alert_transitions_total', 'Steps of alerts, by status.', ['status']),
  firingAlerts: gauge('firing_alerts', 'Alerts firing now.', ['partition']),
  snapshotSeconds: latency('snapshot_seconds', 'Duration of making a snapshot of detect’s state.'),
  snapshotBytes: gauge('snapshot_bytes', 'Size of the last snapshot.', ['partition']),
  documents: counter(
    'documents_total',
    'Records of index by kind (lines, requests, windows, window-blocks, alerts) and outcome: created, duplicate, retried, rejected, skipped, unreadable.',
    ['kind', 'outcome'],
  ),
  openBlockBytes: gauge('open_block_bytes', 'Memory of the blocks of windows that index still adds to.', ['partition']),
  maskedTexts: counter(
    'masked_texts_total',
    'Secrets masked in documents and messages, by pattern: the built-in ones, query, address, and your own.',
    ['pattern'],
  ),
  sinkSeconds: latency('sink_seconds', 'Duration of a request to a sink.', ['sink']),
  sinkRetries: counter('sink_retries_total', 'Requests to a sink that are tried again, by error code.', [
    'sink',
    'code',
  ]),
  messages: counter(
    'messages_total',
    'Alert transitions by what was told: posted, updated, adopted (found after a crash), fell_back, waiting (for its group), overtaken (by a newer step, while the place was away), forgotten; or why nothing was: not_firing, already_told, no_incident, older_than_incident, too_many_alerts, no_receiver, shadow, inhibited, silenced, muted.',
    ['outcome'],
  ),
  deliveries: counter(
    'deliveries_total',
    'Messages by the place that was told (a receiver’s, or default) and outcome: posted, updated, adopted (found after a crash), fell_back.',
    ['target', 'outcome'],
  ),
  replies: counter('replies_total', 'What was said below messages: reminders, rising severity, silences that end.'),
  silences: gauge('silences', 'Silences that notify knows, by status.', ['status']),
  rules: gauge('rules', 'Alert rules loaded.'),
  rulesLoadedAt: gauge('rules_loaded_at', 'When the rules were last loaded from their files, in seconds since 1970.'),
  rulesReload: counter(
    'rules_reload_total',
    'Times that the files of the rules had changed, or that it was asked for, by outcome: loaded, rejected (the rules of before stay in force), unchanged.',
    ['outcome'],
  ),
  ruleChanges: counter(
    'rule_changes_total',
    'Changes of rules that partitions of detect have read, by outcome: scheduled, late (their window had passed: at once), unreadable (by this build).',
    ['outcome'],
  ),
  peerRequests: counter(
    'peer_requests_total',
    'Requests to other processes for partitions that this one does not hold, by outcome: answered, itself (it is this process), refused (another status than 200), busy (too many under way for the whole timeout), timeout, unreachable, too_large, unreadable, unresolved (the name has no address).',
    ['outcome'],
  ),
  peerSeconds: latency('peer_seconds', 'Duration of such a request.'),
} as const satisfies Record<string, MetricSpec>;
