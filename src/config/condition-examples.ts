// What docs/rules.md says about each condition, each with a whole file as an example. A test loads the examples as a user would.
import type { ConditionKind } from '#core/detect/condition.ts';

/** How a condition judges, and a file that uses it. */
export interface ConditionText {
  readonly text: string;
  readonly example: string;
}

/** A file of one rule; `condition` stands in it as it is written, `summary` names only what the condition knows. */
function exampleFile(alert: string, lines: readonly string[], summary: string): string {
  const rule = lines.map((line) => `        ${line}`).join('\n');
  return `groups:
  - name: shop
    rules:
      - alert: ${alert}
${rule}
        labels: { severity: warning, owner: shop-team }
        annotations:
          summary: "${summary}"
          runbook_url: https://wiki.example/runbooks/${alert}
`;
}

/** In the order of the reference. */
export const conditionTexts: Readonly<Record<ConditionKind, ConditionText>> = {
  spike: {
    text: `Each window of a series is compared with the closed windows before it: the expected count is the usual share of the requests of this window, so that three times the
traffic with the same share is no incident. \`z\` is the distance from it in scales. An incident begins where \`z\`, \`min_count\` and \`min_ratio\` are all reached and
chance alone is out of the question; it lasts until one of them falls below half. Windows of an open incident do not enter the baseline.`,
    example: exampleFile(
      'PaymentsCloseConnections',
      [
        'select: { flags: [UC], reporter: destination, destination_service: payments }',
        'by: [flag, source_service, destination_service, destination_version]',
        'spike: { z: 5, min_count: 5, min_ratio: 0.02 }',
      ],
      '{{ $labels.destination_version }} closes connections: {{ $ratio }} of the requests, usual are {{ $baseline }}',
    ),
  },
  dip: {
    text: `The other way round: fewer requests than are usual for this series, down to none. It looks at all requests, so \`select\` names edges alone. Where flagwatch’s own
input is late or stands still a dip says nothing: that is for \`pipeline\`. Leave versions out of \`by\`: one that is replaced falls to nothing at every deploy.`,
    example: exampleFile(
      'CheckoutTrafficFell',
      [
        'select: { reporter: destination, destination_service: checkout }',
        'by: [destination_service]',
        'dip: { min_drop: 0.6 }',
      ],
      '{{ $labels.destination_service }} gets {{ $value }} requests where {{ $baseline }} are usual',
    ),
  },
  absent: {
    text: `No request at all for \`after\`, where \`min_presence\` of the windows of the baseline had some. It is for what is always there but never much, where a dip has
too few requests to judge. As with a dip, an input that stands still is no absence.`,
    example: exampleFile(
      'NightlyFeedMissing',
      ['select: { source_service: feed }', 'by: [source_service, destination_service]', 'absent: { after: 5m }'],
      '{{ $labels.source_service }} has stopped calling {{ $labels.destination_service }}',
    ),
  },
  ratio: {
    text: `A fixed limit for the share of selected lines, looked at over \`over\`. That many must not come by chance: three failures of forty requests are above 5 %, and no
incident yet. For objectives that are agreed upon; where nobody knows what is usual, \`spike\` finds it out.`,
    example: exampleFile(
      'PaymentsFailing',
      [
        'select: { failed: true, reporter: source, destination_service: payments }',
        'by: [source_service, destination_service]',
        'ratio: { above: 0.02, over: 30s }',
      ],
      '{{ $ratio }} of the requests of {{ $labels.source_service }} fail ({{ $value }} of {{ $requests }})',
    ),
  },
  sustained: {
    text: `For edges with a request now and then: most of them fail, and go on failing. The share over \`over\` is above the limit, and \`min_windows\` of its windows hold a
selected line, so that one burst is not enough.`,
    example: exampleFile(
      'QuietEdgeBroken',
      [
        'select: { parties: [callee, mesh] }',
        'by: [party, source_service, destination_service]',
        'sustained: { above: 0.8, over: 10m, min_windows: 12 }',
      ],
      '{{ $ratio }} of the few requests to {{ $labels.destination_service }} fail; {{ $labels.party }} has to act',
    ),
  },
  threshold: {
    text: `A number of selected lines in one window, whatever is usual. For what must not happen at all; nothing is learnt, so it fires from the first window on.`,
    example: exampleFile(
      'CertificatesRefused',
      ['select: { faults: [tls] }', 'by: [fault, source_service, destination_service]', 'threshold: { at_least: 3 }'],
      '{{ $value }} requests to {{ $labels.destination_service }} failed by TLS',
    ),
  },
  latency: {
    text: `A quantile of the response times of a window against its own past, or (\`above\`) against a fixed limit. The proxies of both sides measure, and not the same: write
\`reporter: destination\` for what the service itself takes, \`source\` for what its callers wait.`,
    example: exampleFile(
      'SearchSlow',
      [
        'select: { reporter: source, destination_service: search }',
        'by: [destination_service, destination_version]',
        'latency: { quantile: p95, min_rise: 1, min_rise_time: 100ms }',
        'for: 30s',
      ],
      '{{ $labels.destination_version }} takes {{ $value }} (p95), usual is {{ $baseline }}',
    ),
  },
  new_version: {
    text: `The failures of a version that is new on an edge, against those of the version that it replaces, in the same windows: whatever hits both is not the deploy. It
needs no baseline, so the first failures of a version count. \`by\` names no version; the alerts carry \`destination_version\` and
\`destination_deploy_id\` of the new one. Without flags and faults it counts lines that failed.`,
    example: exampleFile(
      'DeployFails',
      [
        'select: { reporter: [source, destination] }',
        'by: [reporter, source_service, destination_service]',
        'new_version: { certainty: 0.9995 }',
      ],
      '{{ $labels.destination_version }} fails {{ $ratio }}, {{ $old_version }} {{ $old_ratio }} (certain to {{ $certainty }})',
    ),
  },
  pipeline: {
    text: `flagwatch’s own input, on which everything else depends: a partition that brings nothing although others do (\`stalled\`), or input that is behind the clock (\`lag\`).
Such a rule has no \`select\`, and no \`by\` but \`[data_center]\`.`,
    example: exampleFile(
      'AccessLogsLate',
      ['by: [data_center]', 'pipeline: { watch: lag, above: 2m }'],
      'The access logs of {{ $labels.data_center }} are {{ $value }} late: other alerts come later than they should',
    ),
  },
};

/** What each variable of a template is. */
export const variableNotes: Readonly<Record<string, string>> = {
  $value:
    'What was judged: selected lines, requests under dip and absent, a time with its unit under latency and pipeline; of the window, or of all windows in `over`.',
  $requests: 'All lines of the same edges in that time.',
  $ratio: 'The share of the selected lines, as `13.5%`.',
  $z: 'The distance from what is usual, in scales.',
  $baseline: 'What is usual, in the unit of `$value`.',
  $old_version: 'The version that is replaced.',
  $old_count: 'Its failures in the same time.',
  $old_requests: 'Its requests in the same time.',
  $old_ratio: 'The share of its failures.',
  $certainty: 'How sure it is that the new version fails more often, as `99.95%`.',
  $reason: 'One sentence with all the numbers.',
};
