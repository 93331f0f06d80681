// Tells the meter what a masker did since it was asked last.
import type { Masker } from '#core/mask/masker.ts';
import type { Meter } from '#ports/meter.ts';
import { metrics } from '#telemetry/metrics.ts';

/** Counts the masked texts by pattern. Loops call it once a batch: a counter for each text would cost more than the masking. */
export function countMasked(masker: Masker, meter: Meter): void {
  for (const { pattern, count } of masker.takeCounts()) meter.add(metrics.maskedTexts, count, { pattern });
}
