// Metrics by prom-client, behind the meter port: registers the whole catalogue at start, so that every metric is there from the first scrape.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Meter, MetricLabels, MetricSpec } from '#ports/meter.ts';

/** A meter and what a scrape of it shows. */
export interface PrometheusMeter extends Meter {
  readonly contentType: string;
  /** The text of a scrape. */
  render(): Promise<string>;
  /** Sum over all label values of a counter or gauge, or over those with the given ones: for status lines and tests. */
  total(metric: MetricSpec, labels?: MetricLabels): Promise<number>;
}

/** A meter with its own registry. `withProcessMetrics` adds memory, CPU and event loop of the process. */
export function createPrometheusMeter(
  catalogue: readonly MetricSpec[],
  options: { readonly withProcessMetrics: boolean },
): PrometheusMeter {
  const registry = new Registry();
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  for (const { name, help, kind, labels, buckets } of catalogue) {
    const configuration = { name, help, labelNames: [...labels], registers: [registry] };
    if (kind === 'counter') counters.set(name, new Counter(configuration));
    else if (kind === 'gauge') gauges.set(name, new Gauge(configuration));
    else histograms.set(name, new Histogram({ ...configuration, ...(buckets && { buckets: [...buckets] }) }));
  }
  if (options.withProcessMetrics) collectDefaultMetrics({ register: registry, prefix: 'flagwatch_' });
  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    add: (metric, amount, labels = {}) => counterpart(counters, metric).inc(labels, amount),
    set: (metric, value, labels = {}) => counterpart(gauges, metric).set(labels, value),
    observe: (metric, value, labels = {}) => counterpart(histograms, metric).observe(labels, value),
    total: async (metric, wanted = {}) => {
      const found = await registry.getSingleMetric(metric.name)?.get();
      const values = (found?.values ?? []).filter(({ labels }) =>
        Object.entries(wanted).every(([name, value]) => (labels as MetricLabels)[name] === value),
      );
      return values.reduce((sum, { value }) => sum + value, 0);
    },
  };
}

function counterpart<T>(registered: ReadonlyMap<string, T>, metric: MetricSpec): T {
  const found = registered.get(metric.name);
  if (found === undefined) throw new Error(`metric ${metric.name} is not in the catalogue as a ${metric.kind}`);
  return found;
}
