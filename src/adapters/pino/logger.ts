// Structured logs as JSON lines by pino, behind the logger port.
import { destination, type Logger as PinoLogger, pino } from 'pino';
import type { LogFields, Logger } from '#ports/logger.ts';

/** Levels that can be set. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** A logger to standard error (standard output is data). Written synchronously, so that nothing is lost when the process ends. */
export function createPinoLogger(settings: { readonly level: LogLevel }): Logger {
  const options = {
    level: settings.level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { error: describeError },
    redact: { paths: ['*.token', '*.password', 'token', 'password'], censor: '[redacted]' },
  };
  return wrap(pino(options, destination({ fd: 2, sync: true })));
}

function wrap(inner: PinoLogger): Logger {
  return {
    debug: (message, fields = {}) => inner.debug(fields, message),
    info: (message, fields = {}) => inner.info(fields, message),
    warn: (message, fields = {}) => inner.warn(fields, message),
    error: (message, fields = {}) => inner.error(fields, message),
    child: (fields: LogFields) => wrap(inner.child(fields)),
  };
}

/** Chains of causes are a few links long; a longer one is a loop. */
const maxCauses = 5;

/**
 * What a log entry holds of an error: its kind, text, code, stack and causes. Nothing else that hangs on it: clients hang requests
 * on their errors, with bodies of megabytes and credentials.
 */
export function describeError(error: unknown, depth: number = 0): unknown {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? { code: String(error.code) } : {};
  const cause = error.cause === undefined || depth >= maxCauses ? {} : { cause: describeError(error.cause, depth + 1) };
  return { type: error.name, message: error.message, ...code, stack: error.stack, ...cause };
}
