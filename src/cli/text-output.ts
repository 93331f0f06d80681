// Standard output as a command writes data to it: with back-pressure, and in good order when its reader goes away.
import type { Writable } from 'node:stream';

/** What takes a command's data. */
export interface TextOutput {
  /** Resolves when the stream has taken the text, or is closed. Throws what makes the output incomplete. */
  write(text: string): Promise<void>;
  isClosed(): boolean;
}

/** Opens `stdout` for a command; its errors are heard from here on. */
export function openTextOutput(stdout: Writable): TextOutput {
  let isClosed = false;
  // Stays for good: a stream emits its error after the callback of the write has told it, and unheard it ends the process.
  stdout.on('error', () => {
    isClosed = true;
  });
  return {
    isClosed: () => isClosed || stdout.destroyed,
    write(text) {
      return new Promise((resolve, reject) => {
        stdout.write(text, (error) => {
          if (error === null || error === undefined) return resolve();
          isClosed = true;
          // The reader that goes away (`| head`) is no error of ours; a full disk is.
          return isReaderGone(error) ? resolve() : reject(error);
        });
      });
    },
  };
}

function isReaderGone(error: Error): boolean {
  return 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED');
}
