// Turns a pom.xml and a few Java sources into a folder to run from, once: later runs find it in the git-ignored cache.
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Jdk } from './jdk.ts';
import { withLock } from './lock-file.ts';

const cacheFolder = join(import.meta.dirname, '..', '.cache');
const copyDependencies = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';
// The first build downloads some 90 MB; a second test run waits for it rather than download them again.
const lockWaitMs = 15 * 60_000;

/** What to build: a name for the folder, every file that goes into it, and how to fill it. */
export interface Recipe {
  readonly name: string;
  readonly inputs: readonly string[];
  build(folder: string): Promise<void>;
}

/**
 * The folder built by `recipe`, from the cache where its inputs are unchanged. Parallel runs wait for one another, and
 * the folder appears by a rename only when it is whole, so an interrupted build leaves nothing that is taken for good.
 */
export async function buildOnce(recipe: Recipe): Promise<string> {
  const hash = createHash('sha256');
  for (const input of recipe.inputs) hash.update(readFileSync(input));
  const folder = join(cacheFolder, `${recipe.name}-${hash.digest('hex').slice(0, 12)}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cacheFolder, { recursive: true });
  await withLock(join(cacheFolder, 'lock'), lockWaitMs, async () => {
    if (existsSync(folder)) return;
    // Whoever holds the lock is the only builder: drafts that are here now were left behind by killed ones.
    const left = readdirSync(cacheFolder).filter((name) => name.startsWith('draft-'));
    for (const name of left) rmSync(join(cacheFolder, name), { recursive: true, force: true });
    const draft = join(cacheFolder, `draft-${randomUUID()}`);
    try {
      mkdirSync(draft);
      await recipe.build(draft);
      renameSync(draft, folder);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  });
  return folder;
}

/** Copies the runtime jars of a pom.xml into `folder`, by Maven and its local repository. */
export async function resolveJars(pom: string, folder: string, jdk: Jdk): Promise<void> {
  const args = ['-q', '-B', '-f', pom, copyDependencies, '-DincludeScope=runtime', `-DoutputDirectory=${folder}`];
  try {
    await run('mvn', args, { ...process.env, JAVA_HOME: jdk.home });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    throw new Error(
      'Maven (mvn) is missing: it fetches the jars of the real Kafka and Elasticsearch once. Install it (Debian: ' +
        'apt-get install maven; macOS: brew install maven) and see that mvn is on the PATH, or point KAFKA_BROKERS ' +
        'and ELASTICSEARCH_URL at services that run already.',
      { cause: error },
    );
  }
}

/** Compiles Java sources into `folder`, for every Java from `release` on. */
export async function compile(
  jdk: Jdk,
  job: { readonly release: number; readonly classPath: string; readonly sources: readonly string[]; folder: string },
): Promise<void> {
  const options = ['--release', String(job.release), '-proc:none', '-cp', job.classPath, '-d', job.folder];
  await run(join(jdk.home, 'bin', 'javac'), [...options, ...job.sources], process.env);
}

/** Packs the classes in `folder` into one jar file, whose own folder is made where it is missing. */
export async function pack(jdk: Jdk, folder: string, jar: string): Promise<void> {
  mkdirSync(dirname(jar), { recursive: true });
  await run(join(jdk.home, 'bin', 'jar'), ['-cf', jar, '-C', folder, '.'], process.env);
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-4000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code ?? signal}:\n${output}`));
    });
  });
}
