// The command line: which commands there are, their arguments, and which function does the work. Exit status: 0 done, 1 failed,
// 2 wrong usage, 3 findings. A command's code is loaded when it is called: `classify` has no use for a Kafka client.
import { Command, CommanderError, Option } from 'commander';
import { systemClock } from '#adapters/system/clock.ts';
import { readProcess, type SystemProcess } from '#adapters/system/process.ts';
import { loopNames } from '#app/loops.ts';
import { flagwatchVersion } from '#app/version.ts';
import { AdapterError } from '#ports/adapter-error.ts';
import type { SilenceCommand } from './silence-command.ts';
import type { SilenceRequest } from './silence-request.ts';

type Finish = (status: number) => void;

/** Runs the command that the arguments name; resolves to the exit status. */
export async function runCli(args: readonly string[]): Promise<number> {
  const system = readProcess();
  let status = 0;
  const program = createProgram(system, (code) => {
    status = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof AdapterError) {
      system.stderr.write(`flagwatch: ${error.message} (${error.code})\n`);
      return 1;
    }
    system.stderr.write(`flagwatch: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return 1;
  }
}

function createProgram(system: SystemProcess, finish: Finish): Command {
  const program = new Command('flagwatch')
    .description('Tells which hop of an Istio mesh broke, what broke it, and since which deploy.')
    .version(flagwatchVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void system.stdout.write(text),
      writeErr: (text) => void system.stderr.write(text),
    })
    .showHelpAfterError('(flagwatch --help, or flagwatch COMMAND --help)');
  addPipelineCommands(program, system, finish);
  addLineCommands(program, system, finish);
  addRuleCommands(program, system, finish);
  addSilenceCommands(program, system, finish);
  return program;
}

function addPipelineCommands(program: Command, system: SystemProcess, finish: Finish): void {
  program
    .command('run')
    .description('the pipeline, live')
    .option('-c, --config <file>', 'settings file; without it standard input, the embedded store and the console')
    .addOption(
      new Option('--loops <names>', `loops to run, separated by commas: ${loopNames.join(',')}`).default(
        loopNames.join(','),
      ),
    )
    .action(async ({ config, loops }: { config?: string; loops: string }) => {
      const { runRun } = await import('./run-command.ts');
      finish(await runRun({ file: config ?? null, loops, system }));
    });
  program
    .command('demo')
    .description('the pipeline on recorded lines with an incident in them; nothing to install, nothing to configure')
    .option('--seconds <n>', 'how long the two hours of recorded lines take', '24')
    .action(async ({ seconds }: { seconds: string }) => {
      const { runDemoCommand } = await import('./demo-command.ts');
      finish(await runDemoCommand({ seconds, system }));
    });
  program
    .command('search')
    .description('what the store knows of a request, a trace or a deploy')
    .option('--request <id>', 'request id: every hop, the broken one marked')
    .option('--trace <id>', 'trace id: the same for all requests of the trace')
    .option('--deploy <id>', 'deploy id: its flags and faults beside those of the version that it replaces')
    .option('-c, --config <file>', 'settings file; without it the embedded store in this folder')
    .action(async ({ config, ...ids }: { config?: string; request?: string; trace?: string; deploy?: string }) => {
      const { runSearch } = await import('./search-command.ts');
      finish(await runSearch({ ...ids, file: config ?? null, system }));
    });
  program
    .command('setup')
    .description('creates or updates topics and index templates; can be run again')
    .option('-c, --config <file>', 'settings file')
    .action(async ({ config }: { config?: string }) => {
      const { runSetup } = await import('./setup-command.ts');
      finish(await runSetup({ file: config ?? null, system, clock: systemClock }));
    });
}

function addLineCommands(program: Command, system: SystemProcess, finish: Finish): void {
  const { stdin, stdout, stderr } = system;
  program
    .command('classify')
    .description('access-log lines in, one JSON object a line out')
    .argument('[files...]', 'files; none, or -, is standard input')
    .action(async (files: string[]) => {
      const { runClassify } = await import('./classify-command.ts');
      finish(await runClassify({ files, stdin, stdout, stderr }));
    });
  program
    .command('explain')
    .description('what a response flag or a fault means, who acts, and what to check first')
    .addOption(new Option('--language <code>', 'language').choices(['en', 'ko']).default('en'))
    .argument('<name>', 'a flag (UC, UpstreamConnectionTermination, URX,UF) or a fault (app_closed)')
    .action(async (name: string, { language }: { language: 'en' | 'ko' }) => {
      const { runExplain } = await import('./explain-command.ts');
      finish(await runExplain({ name, language, stdout, stderr }));
    });
  program
    .command('correlate')
    .description('lines of both sides in, one JSON object for each failed request out')
    .addOption(new Option('--language <code>', 'language of “why”').choices(['en', 'ko']).default('en'))
    .argument('[files...]', 'files, merged by event time; none, or -, is standard input')
    .action(async (files: string[], { language }: { language: 'en' | 'ko' }) => {
      const { runCorrelate } = await import('./correlate-command.ts');
      finish(await runCorrelate({ files, stdin, stdout, stderr, language }));
    });
  program
    .command('replay')
    .description('runs recorded lines through the whole core; prints each alert transition as JSON')
    .requiredOption('-r, --rules <path>', 'rule file, folder or glob; may be given several times', append)
    .option('-c, --config <file>', 'settings file, for window, lateness and the like')
    .argument('<files...>', 'files with lines, merged by event time')
    .action(async (files: string[], { rules, config }: { rules: readonly string[]; config?: string }) => {
      const { runReplay } = await import('./replay-command.ts');
      finish(await runReplay({ files, rules, config: config ?? null, system }));
    });
  program
    .command('detect')
    .description('CSV timestamp,value in, CSV timestamp,score,anomaly out: the shipped detector on one series')
    .option('--time-zone <name>', 'whose hours and weekdays tell what is usual', 'UTC')
    .argument('<file>', 'CSV file')
    .action(async (path: string, { timeZone }: { timeZone: string }) => {
      const { runDetect } = await import('./detect-command.ts');
      finish(await runDetect({ path, stdout, stderr, timeZone }));
    });
}

/** Collects an option that may be given several times; a variadic one would swallow the arguments behind it. */
function append(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function addRuleCommands(program: Command, system: SystemProcess, finish: Finish): void {
  const { stdout, stderr } = system;
  const rules = program.command('rules').description('alert rules');
  rules
    .command('check')
    .description('checks rule files; exits with 3 where there are errors')
    .option('--json', 'short for --format json', false)
    .option('--format <name>', 'text, json, or sarif for code review')
    .argument('<paths...>', 'files, folders or globs')
    .action(async (paths: string[], { json, format }: { json: boolean; format?: string }) => {
      const { runRulesCheck } = await import('./rules-check-command.ts');
      finish(await runRulesCheck({ paths, json, stdout, stderr, ...(format === undefined ? {} : { format }) }));
    });
  rules
    .command('test')
    .description('runs the tests of rules (*.test.yaml) in virtual time; exits with 3 where one fails')
    .option('--json', 'one JSON document instead of text', false)
    .option('-c, --config <file>', 'settings file, for routes, receivers and the like')
    .argument('<paths...>', 'test files, rule files, folders or globs')
    .action(async (paths: string[], { json, config }: { json: boolean; config?: string }) => {
      const { runRulesTest } = await import('./rules-test-command.ts');
      finish(await runRulesTest({ paths, json, config: config ?? null, system }));
    });
  addPastCommands(rules, system, finish);
}

/** What the commands on the past share. */
interface PastFlags {
  readonly from: readonly string[];
  readonly to?: string;
  readonly kafka?: string | true;
  readonly jobs?: string;
  readonly json: boolean;
  readonly config?: string;
}

function addPastCommands(rules: Command, system: SystemProcess, finish: Finish): void {
  const from = 'files with lines (may be given several times), or since when, from the store: 2026-03-02T09:00:00Z, 2h';
  const jobs = 'threads that share the work on windows that were kept; as many as there are cores';
  const onPast = (command: Command): Command =>
    command
      .requiredOption('--from <file|time>', from, append)
      .option('--to <time>', 'until when; now')
      .option('--kafka [cluster]', 'the windows that are still in Kafka, instead of the document store')
      .option('--json', 'one JSON document instead of text', false)
      .option('-c, --config <file>', 'settings file, for window, routes and the store');
  onPast(rules.command('backtest').description('what rules would have told of the past; sends nothing'))
    .option('--messages', 'with the rendered messages', false)
    .option('--jobs <number>', jobs)
    .argument('<rules...>', 'rule files, folders or globs')
    .action(async (paths: string[], { messages, ...flags }: PastFlags & { messages: boolean }) => {
      const { runRulesBacktest } = await import('./rules-backtest-command.ts');
      finish(await runRulesBacktest({ rules: paths, messages, ...pastOf(flags), system }));
    });
  onPast(rules.command('diff').description('the same past under old and new rules: gained, lost, earlier, later'))
    .option('--jobs <number>', jobs)
    .argument('<old>', 'rule file, folder or glob')
    .argument('<new>', 'rule file, folder or glob')
    .action(async (before: string, after: string, flags: PastFlags) => {
      const { runRulesDiff } = await import('./rules-diff-command.ts');
      finish(await runRulesDiff({ before, after, ...pastOf(flags), system }));
    });
  onPast(rules.command('explain').description('why an alert fired at a time, or did not'))
    .requiredOption('--at <time>', 'when: 2026-03-02T09:06:10Z')
    .option('-r, --rules <path>', 'rule file, folder or glob; those of the settings', append, [])
    .argument('<alert>', 'name of the alert')
    .argument('[labels...]', 'destination_service=payments …: only series with these')
    .action(async (alert: string, labels: string[], flags: PastFlags & { at: string; rules: readonly string[] }) => {
      const { runRulesExplain } = await import('./rules-explain-command.ts');
      const { at, rules: paths } = flags;
      finish(await runRulesExplain({ alert, labels, at, rules: paths, ...pastOf(flags), system }));
    });
}

function pastOf({ from, to, kafka, jobs, json, config }: PastFlags) {
  return { from, to: to ?? null, kafka: kafka ?? null, jobs: jobs ?? null, json, config: config ?? null };
}

/** Where silences are looked for. */
interface SilenceFlags {
  readonly config?: string;
  readonly url?: string;
}

function addSilenceCommands(program: Command, system: SystemProcess, finish: Finish): void {
  const silence = program.command('silence').description('silences: alerts that nobody is to be told of for a time');
  const run = async ({ config, url }: SilenceFlags, action: SilenceCommand['action']): Promise<void> => {
    const { runSilence } = await import('./silence-command.ts');
    finish(await runSilence({ action, file: config ?? null, url: url ?? null, system, clock: systemClock }));
  };
  const onPlaces = (command: Command): Command =>
    command
      .option(
        '-c, --config <file>',
        'settings file: its Kafka, else the flagwatch at its http.listen, with its http.token',
      )
      .option(
        '--url <address>',
        'a flagwatch that runs: http://127.0.0.1:9464 (without Kafka it keeps silences as long as it lives)',
      );
  onPlaces(silence.command('add').description('sets a silence; prints its id'))
    .option('--for <duration>', 'how long: 30m, 2h, 1d')
    .option('--until <time>', 'or until when: 2026-08-03T09:00:00+09:00')
    .option('--from <time>', 'from when; now')
    .option('--author <name>', 'who asks for it; $USER')
    .requiredOption('--reason <text>', 'why, for those who find it')
    .argument('<matchers...>', `on labels and alertname: 'alertname = "…"' 'destination_service =~ "pay.*"'`)
    .action((matchers: string[], flags: Omit<SilenceRequest, 'matchers'> & SilenceFlags) =>
      run(flags, { kind: 'add', request: { ...flags, matchers } }),
    );
  onPlaces(silence.command('list').description('the silences that notify knows'))
    .option('--all', 'those that are over too', false)
    .option('--json', 'one JSON object a line', false)
    .action(({ all, json, ...places }: SilenceFlags & { all: boolean; json: boolean }) =>
      run(places, { kind: 'list', isAll: all, json }),
    );
  onPlaces(silence.command('end').description('ends a silence now; what it held back and still fires is told'))
    .argument('<id>', 'as “silence list” shows it')
    .action((id: string, places: SilenceFlags) => run(places, { kind: 'end', id }));
}
