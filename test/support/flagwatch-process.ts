// flagwatch as a process of its own, as an operator runs it: started from source, stopped by SIGTERM or killed by SIGKILL.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const root = join(import.meta.dirname, '..', '..');

/** What a finished command said. */
export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  return spawn(
    process.execPath,
    [
      ...(process.env['FW_NODE_ARGS'] ?? '').split(' ').filter(Boolean),
      '--conditions=source',
      join(root, 'src', 'main.ts'),
      ...args,
    ],
    {
      cwd: root,
      env: { ...process.env, NODE_OPTIONS: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
}

/** Runs a command to its end. */
export async function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const child = start(args, env);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (piece: Buffer) => {
    stdout += piece.toString('utf8');
  });
  child.stderr?.on('data', (piece: Buffer) => {
    stderr += piece.toString('utf8');
  });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, stdout, stderr };
}

/** A long-running flagwatch. */
export class FlagwatchProcess {
  readonly #args: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  #child: ChildProcess | null = null;
  #closed: Promise<number | null> = Promise.resolve(null);
  /** The last of what it wrote to standard error, over all starts: for the message of a failed test. */
  log = '';

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#args = args;
    this.#env = env;
  }

  start(): void {
    const child = start(this.#args, this.#env);
    const keep = (piece: Buffer) => {
      this.log = (this.log + piece.toString('utf8')).slice(-200_000);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    this.#closed = new Promise((resolve) => child.once('close', resolve));
    this.#child = child;
  }

  get isRunning(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Ends it without any chance to finish. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#closed;
  }

  /** Sends a signal that it goes on after. */
  signal(name: 'SIGHUP'): void {
    this.#child?.kill(name);
  }

  /** Asks it to end in good order; resolves to its exit status. */
  async terminate(): Promise<number | null> {
    this.#child?.kill('SIGTERM');
    return await this.#closed;
  }
}

/** Polls until `check` gives a value other than `null`; fails with what `describe` says after `timeoutMs`. */
export async function eventually<T>(
  check: () => Promise<T | null>,
  options: { readonly timeoutMs: number; readonly describe: () => string | Promise<string>; readonly everyMs?: number },
): Promise<T> {
  const endMs = Date.now() + options.timeoutMs;
  for (;;) {
    const value = await check();
    if (value !== null) return value;
    if (Date.now() > endMs) throw new Error(`not within ${options.timeoutMs} ms: ${await options.describe()}`);
    await wait(options.everyMs ?? 250);
  }
}
