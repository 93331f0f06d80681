// One JVM that lives no longer than this process: it ends itself when its standard input closes (ParentWatch.java), and
// a hook ends it on a normal exit, when the folders given to `removeOnExit` go too.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Jdk } from './jdk.ts';

/** A program to start: its log file is made anew, and `isReady` is asked again until it says yes. */
export interface JavaProgram {
  readonly name: string;
  readonly jdk: Jdk;
  readonly jvmArgs: readonly string[];
  readonly classPath: string;
  readonly mainClass: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly logFile: string;
  readonly readyWithinMs: number;
  isReady(log: string): boolean | Promise<boolean>;
}

/** A started program. */
export interface JavaProcess {
  readonly pid: number;
  isAlive(): boolean;
  /** Sends SIGSTOP or SIGCONT. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Sends SIGKILL and waits until the process is gone; does nothing when it is gone already. */
  kill(): Promise<void>;
}

const atExit = new Set<() => void>();
let exitHookIsSet = false;

/** Starts the program and waits until it is ready. Throws with the end of its log when it ends or takes too long. */
export async function startJava(program: JavaProgram): Promise<JavaProcess> {
  const java = launch(program);
  const deadline = Date.now() + program.readyWithinMs;
  while (!(await program.isReady(readFileSync(program.logFile, 'utf8')))) {
    const problem = java.isAlive() ? 'was not ready in time' : 'ended while starting';
    if (!java.isAlive() || Date.now() > deadline) {
      await java.kill();
      const end = readFileSync(program.logFile, 'utf8').trimEnd().split('\n').slice(-25).join('\n');
      throw new Error(`${program.name} ${problem}; the end of ${program.logFile}:\n${end}`);
    }
    await sleep(50);
  }
  return java;
}

/** Removes the folder when this process exits; the function returned removes it at once instead. */
export function removeOnExit(folder: string): () => void {
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  const forget = onExit(() => {
    try {
      remove();
    } catch {
      // a process killed a moment ago may still be writing; what stays is in the system's temporary folder
    }
  });
  return () => {
    forget();
    remove();
  };
}

function launch(program: JavaProgram): JavaProcess {
  const log = openSync(program.logFile, 'w');
  const child = spawn(
    join(program.jdk.home, 'bin', 'java'),
    [...program.jvmArgs, '-cp', program.classPath, program.mainClass, ...program.args],
    // A group of its own: Ctrl-C at the terminal reaches this process alone, which then stops things in their order.
    { cwd: program.folder, stdio: ['pipe', log, log], detached: true },
  );
  closeSync(log);
  let alive = child.pid !== undefined;
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  }).then(() => {
    alive = false;
  });
  const forget = onExit(() => child.kill('SIGKILL'));
  void gone.then(forget);
  // A test that forgets to stop its services may end all the same; they end with it.
  child.unref();
  child.stdin?.on('error', () => {}); // the pipe breaks when the process is killed
  if (child.stdin !== null && 'unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  return {
    pid: child.pid ?? 0,
    isAlive: () => alive,
    signal: (signal) => void child.kill(signal),
    kill: async () => {
      child.ref();
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function onExit(action: () => void): () => void {
  if (!exitHookIsSet) {
    exitHookIsSet = true;
    // The newest first: processes before the folders they write to.
    process.once('exit', () => [...atExit].reverse().forEach((run) => void run()));
  }
  atExit.add(action);
  return () => atExit.delete(action);
}
