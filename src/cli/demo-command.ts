// `flagwatch demo`: shows what flagwatch does, with nothing installed and nothing configured.
import { join } from 'node:path';
import type { SystemProcess } from '#adapters/system/process.ts';
import { loadConfiguration } from '#app/configuration.ts';
import { runDemo } from '#app/demo/demo.ts';
import { packageFolder } from '#app/version.ts';

/** What was asked for. */
export interface DemoCommand {
  /** How long it takes, as text. */
  readonly seconds: string;
  readonly system: SystemProcess;
}

const introduction = `flagwatch demo: two hours of real Envoy lines of a small mesh, played fast. checkout calls payments; every sidecar logs.
At the end of the second hour a new version of payments is deployed. Watch.

`;

const farewell = (lines: number): string => `
That was ${lines} lines: decoded, counted in 10-second windows, judged by the rules in rules/, told once, edited when it was over.
What to try next:
  npm run -s flagwatch -- rules check rules                       the rules that were at work: rules/*.yaml
  npm run -s flagwatch -- classify < your-access-log              what flagwatch makes of your own lines
  npm run -s flagwatch -- replay -r rules your-access-log         which alerts your own past would have given
  README.md                                                       five minutes to the first alert from your own Kafka
`;

/** Resolves to the exit status. */
export async function runDemoCommand({ seconds, system }: DemoCommand): Promise<number> {
  const { stdout, stderr } = system;
  const durationMs = Number(seconds) * 1000;
  if (!(durationMs >= 1000 && durationMs <= 7_200_000)) {
    stderr.write(`flagwatch demo: --seconds ${seconds}: write a number from 1 to 7200\n`);
    return 2;
  }
  const loaded = await loadConfiguration(null, {}, { folder: packageFolder(), withRules: true });
  if (loaded.kind === 'rejected') {
    stderr.write(`flagwatch demo: the shipped rules in ${join(packageFolder(), 'rules')} cannot be read\n`);
    return 1;
  }
  const signal = system.terminationSignal(() => undefined);
  system.endWithItsReader();
  stdout.write(introduction);
  const lines = await runDemo({ settings: loaded.settings, rules: loaded.rules, durationMs, stdout, signal });
  if (signal.aborted) return 130;
  stdout.write(farewell(lines));
  return 0;
}
