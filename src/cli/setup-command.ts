// `flagwatch setup`: creates or updates topics and index templates.
import { createPinoLogger } from '#adapters/pino/logger.ts';
import { createPrometheusMeter } from '#adapters/prometheus/meter.ts';
import type { SystemProcess } from '#adapters/system/process.ts';
import { setUp } from '#app/setup.ts';
import type { Clock } from '#ports/system.ts';
import { metrics } from '#telemetry/metrics.ts';
import { readConfiguration } from './configured.ts';

/** What was asked for. */
export interface SetupCommand {
  readonly file: string | null;
  readonly system: SystemProcess;
  readonly clock: Clock;
}

/** Resolves to the exit status; prints a line for each thing that was made, changed or found. */
export async function runSetup({ file, system, clock }: SetupCommand): Promise<number> {
  const configuration = await readConfiguration(file, system);
  if (configuration === null) return 1;
  const { settings, root } = configuration;
  const logger = createPinoLogger(settings.log);
  const meter = createPrometheusMeter(Object.values(metrics), { withProcessMetrics: false });
  const signal = system.terminationSignal(() => undefined);
  for (const line of await setUp(settings, root, { logger, meter, clock, signal })) system.stdout.write(`${line}\n`);
  return signal.aborted ? 1 : 0;
}
