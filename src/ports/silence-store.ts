// Silences as people set and look at them from outside the pipeline: commands, the HTTP API, buttons.
import type { Silence } from '#core/notify/silence.ts';

/** Writes and reads the silences of one chain of loops. */
export interface SilenceStore {
  /**
   * Sets a silence, or replaces the one with its id. Resolves when it is durable: notify takes it in one order with the alerts, so
   * those that are written later come under it. Throws `AdapterError`.
   */
  put(silence: Silence): Promise<void>;
  /** The silences that notify has taken, pending and recently expired ones too, the oldest first. Throws `AdapterError`. */
  list(signal: AbortSignal): Promise<readonly Silence[]>;
  close(): Promise<void>;
}
