// `flagwatch run`: the pipeline, live, on Kafka or embedded.
import { createPinoLogger } from '#adapters/pino/logger.ts';
import type { SystemProcess } from '#adapters/system/process.ts';
import { type LoopName, loopNames } from '#app/loops.ts';
import { runPipeline } from '#app/run.ts';
import { runEmbedded } from '#app/run-embedded.ts';
import { readConfiguration } from './configured.ts';

/** What was asked for. */
export interface RunCommand {
  readonly file: string | null;
  /** Names separated by commas. */
  readonly loops: string;
  readonly system: SystemProcess;
}

/** Runs until SIGTERM, or until the files are read; resolves to the exit status. */
export async function runRun({ file, loops, system }: RunCommand): Promise<number> {
  const names = loops.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !(loopNames as readonly string[]).includes(name));
  if (unknown.length > 0) {
    system.stderr.write(`flagwatch run: no loop “${unknown.join('”, “')}”: there are ${loopNames.join(', ')}\n`);
    return 2;
  }
  const configuration = await readConfiguration(file, system);
  if (configuration === null) return 1;
  const { settings, rules, ruleFiles, root } = configuration;
  system.endWithItsReader();
  const logger = createPinoLogger(settings.log);
  const signal = system.terminationSignal((name) => logger.info('stopping', { signal: name }));
  const { stdin, stdout, onReloadSignal } = system;
  const common = { settings, rules, ruleFiles, root, logger, stdout, signal, onReloadSignal };
  if (settings.kafka === undefined) return await runEmbedded({ ...common, stdin });
  return await runPipeline({ ...common, loops: [...new Set(names)] as LoopName[] });
}
