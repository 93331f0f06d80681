// Numbers for Prometheus. The catalogue of names is in telemetry; this is the shape of an instrument.

/** Label values must come from closed sets or from the configuration: bounded. */
export type MetricLabels = Readonly<Record<string, string>>;

/** What a metric is, for registration and for the reference. */
export interface MetricSpec {
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  /** Upper bounds of a histogram, in the unit of its name. */
  readonly buckets?: readonly number[];
}

/** Records measurements under the names of the catalogue. */
export interface Meter {
  add(metric: MetricSpec, amount: number, labels?: MetricLabels): void;
  set(metric: MetricSpec, value: number, labels?: MetricLabels): void;
  observe(metric: MetricSpec, value: number, labels?: MetricLabels): void;
}
