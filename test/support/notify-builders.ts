// Builders for tests of notify: the incident of the demo (a new version of payments answers with UC), with changes.
import type { Verdict } from '#core/detect/verdict.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import type { MessageContent } from '#core/notify/message.ts';

/** 2026-08-03 02:31:00 in Seoul. */
export const incidentStartAtMs = Date.UTC(2026, 7, 2, 17, 31, 0);

/** An anomalous window of ten seconds: 48 of 600 requests where 1.2 are usual. */
export function aVerdict(changes: Partial<Verdict> = {}): Verdict {
  return {
    kind: 'anomaly',
    windowStartAtMs: incidentStartAtMs,
    windowEndAtMs: incidentStartAtMs + 10_000,
    value: 48,
    unit: 'lines',
    requestCount: 600,
    baseline: 1.2,
    scale: 3.27,
    z: 14.31,
    reason: '48 in the window, 1.2 expected, scale 3.27: z 14.3 is over 6',
    ...changes,
  };
}

/** The alert fires at the end of its first anomalous window, with changes. */
export function aTransition(changes: Partial<AlertTransition> = {}): AlertTransition {
  const status = changes.status ?? 'firing';
  const fingerprint = changes.fingerprint ?? '3f2a9c0d1e4b5a67';
  const atMs = changes.atMs ?? incidentStartAtMs + 10_000;
  return {
    id: `${fingerprint}-${status}-${atMs}`,
    fingerprint,
    alert: 'UpstreamConnectionTermination',
    status,
    isShadow: false,
    atMs,
    sinceAtMs: incidentStartAtMs,
    labels: {
      flag: 'UC',
      reporter: 'source',
      data_center: 'dc1',
      source_service: 'checkout',
      source_namespace: 'shop',
      destination_service: 'payments',
      destination_namespace: 'shop',
      destination_version: 'v2',
      destination_deploy_id: 'd-1057',
      severity: 'critical',
    },
    annotations: {},
    verdict: aVerdict(),
    peak: aVerdict(),
    totalCount: 48,
    totalRequestCount: 600,
    examples: [
      { atMs: incidentStartAtMs + 100, requestId: '8c5e9a52-0d4f-4b7e-9a55-2f6f0f1c0a01' },
      { atMs: incidentStartAtMs + 200, requestId: '8c5e9a52-0d4f-4b7e-9a55-2f6f0f1c0a02' },
      { atMs: incidentStartAtMs + 300, requestId: '8c5e9a52-0d4f-4b7e-9a55-2f6f0f1c0a03' },
    ],
    ...changes,
  };
}

/** The same alert resolved five minutes later; its worst window had 60 of 600. */
export function aResolution(changes: Partial<AlertTransition> = {}): AlertTransition {
  const atMs = incidentStartAtMs + 310_000;
  const quiet = {
    kind: 'normal',
    windowStartAtMs: atMs - 10_000,
    windowEndAtMs: atMs,
    value: 1,
    z: -0.06,
    reason: '1 in the window, 1.2 expected',
  } as const;
  const peak = {
    windowStartAtMs: incidentStartAtMs + 120_000,
    windowEndAtMs: incidentStartAtMs + 130_000,
    value: 60,
    z: 18,
  };
  return aTransition({
    status: 'resolved',
    atMs,
    verdict: aVerdict(quiet),
    peak: aVerdict(peak),
    totalCount: 480,
    totalRequestCount: 18_000,
    examples: [],
    ...changes,
  });
}

/** A message as render would make it, with changes. */
export function aMessage(changes: Partial<MessageContent> = {}): MessageContent {
  return {
    key: '3f2a9c0d1e4b5a67-1000',
    step: '3f2a9c0d1e4b5a67-firing-2000',
    status: 'firing',
    severity: 'critical',
    title: 'UC on checkout -> payments v2',
    summary: '48 of 600 requests ended with UC.\n요청 600건 중 48건이 UC 플래그로 끝났습니다.',
    fields: [
      { label: 'Now', value: '48 of 600 requests in 10s (8.0 %)' },
      { label: 'Since', value: '2026-08-03 02:31:00 +09:00' },
    ],
    steps: [
      {
        lines: ['Did the container restart?', '컨테이너가 재시작했는지 확인합니다.'],
        command: 'kubectl get pods -n shop',
      },
      { lines: ['Did it begin with a deploy?'], command: null },
    ],
    requestIds: ['8c5e9a52-0d4f-4b7e-9a55-2f6f0f1c0a01', 'r-2'],
    requestUrls: ['https://kibana.example/r?id=8c5e9a52&x=1', null],
    links: [{ text: 'Runbook', url: 'https://wiki.example/uc' }],
    headings: { steps: 'What to do first', requests: 'Requests to begin with' },
    footer: 'flagwatch · 02:31:00 - 02:31:10 · 48 in the window',
    ...changes,
  };
}

/** A step of an alert as the tests of the loop write it. */
export interface AlertStep {
  readonly fp: string;
  /** Seconds from the base; `since` is `at` where nothing is said. */
  readonly at: number;
  readonly since?: number;
  readonly status?: 'firing' | 'resolved';
  readonly alert?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly isShadow?: boolean;
}

/** Its transition. */
export function aStep(baseMs: number, step: AlertStep): AlertTransition {
  const { fp, at, since = at, status = 'firing', alert = 'Flags', labels = {}, isShadow = false } = step;
  const times = { atMs: baseMs + at * 1000, sinceAtMs: baseMs + since * 1000 };
  return aTransition({ fingerprint: fp, status, alert, ...times, isShadow, labels });
}
