// The process as commands see it: streams, surroundings, termination.
import type { Readable, Writable } from 'node:stream';
import { onReloadSignal, readEnvironment, terminationSignal } from './environment.ts';

/** Standard output as a stream that may be a terminal. */
type TerminalStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** What a command is given of the process. Standard output is data, standard error is for people. */
export interface SystemProcess {
  readonly stdin: Readable;
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
  /** A signal that the first SIGTERM or SIGINT aborts; asked for by long-running commands alone. */
  terminationSignal(onFirst: (name: string) => void): AbortSignal;
  /** Calls `listener` at each SIGHUP; asked for by long-running commands alone. */
  onReloadSignal(listener: () => void): void;
  /** Ends the process with 1, and says why, when whoever reads its messages goes away: what nobody reads is not delivered. */
  endWithItsReader(): void;
}

/** This process. */
export function readProcess(): SystemProcess {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    environment: readEnvironment(),
    workingFolder: process.cwd(),
    terminationSignal,
    onReloadSignal,
    endWithItsReader: () => {
      process.stdout.on('error', (error) => {
        process.stderr.write(`flagwatch: standard output is gone (${error.message}): nobody reads the messages\n`);
        process.exit(1);
      });
    },
  };
}
