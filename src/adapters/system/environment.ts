// What the process is given by its surroundings: environment variables and termination signals.

/** Environment variables by name. */
export function readEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** Calls `listener` at each SIGHUP: the usual word for “read your files again”. Without it SIGHUP ends the process. */
export function onReloadSignal(listener: () => void): void {
  process.on('SIGHUP', listener);
}

/**
 * A signal that is aborted by the first SIGTERM or SIGINT. A second one ends the process at once, with the status that shells
 * expect: an operator who presses Ctrl-C twice means it.
 */
export function terminationSignal(onFirst: (name: string) => void): AbortSignal {
  const controller = new AbortController();
  for (const [name, status] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(status);
      onFirst(name);
      controller.abort();
    });
  }
  return controller.signal;
}
