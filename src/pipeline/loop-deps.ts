// What every loop needs of the process, besides its own outside things.
import type { Logger } from '#ports/logger.ts';
import type { Meter } from '#ports/meter.ts';
import type { Clock } from '#ports/system.ts';

/** Logs, metrics and the wall clock. */
export interface LoopDeps {
  readonly logger: Logger;
  readonly meter: Meter;
  readonly clock: Clock;
}
