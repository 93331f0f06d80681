// Structured logs.

/** Named values beside a message. Log lines' own text goes into fields, never into the message. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Levels as operators read them: `error` needs a person, `warn` may, `info` is the story, `debug` the details. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to each entry. */
  child(fields: LogFields): Logger;
}

/** Says nothing: for tests and pure tools. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};
