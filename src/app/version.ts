// The version of this build, from the package's own description.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `0.1.0`. */
export function flagwatchVersion(): string {
  return (JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as { version: string }).version;
}

/** The folder that holds `package.json`, `rules/` and `recordings/`: two above this file, in the sources as in the build. */
export function packageFolder(): string {
  return join(import.meta.dirname, '..', '..');
}
