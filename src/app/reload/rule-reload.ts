// The rules of this process's files, loaded again when they change: whole or not at all. What comes into force, and when, detect decides
// from the log.
import { hasErrors } from '#config/finding.ts';
import { parseRuleSet } from '#config/parse-rules.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import { type RuleText, ruleSetHash } from '#core/evaluate/rule-set.ts';
import type { LoopDeps } from '#pipeline/loop-deps.ts';
import { encodeRuleSet } from '#pipeline/rule-set-wire.ts';
import type { LoadedRules, RuleSource } from '#ports/rule-source.ts';
import { metrics } from '#telemetry/metrics.ts';

/** A file as it was read, named from the folder of the settings file; or why it has no text. */
export type ReadRuleFile = RuleText | { readonly file: string; readonly problem: string };

/** The files of the rules. */
export interface RuleFiles {
  /** Changes when a file may have changed. Never rejects. */
  signature(): Promise<string>;
  /** Reads all; `problems` are paths that lead to nothing. Never rejects. */
  read(): Promise<{ readonly files: readonly ReadRuleFile[]; readonly problems: readonly string[] }>;
}

/** How files are watched. */
export interface RuleReloadSettings {
  /** Length of a window: rules are read with it. */
  readonly windowMs: number;
  /** How often the files are looked at. */
  readonly intervalMs: number;
}

/** What times and sizes do not show, this shows: some editors keep both. */
const fullReadMs = 60_000;

/** Loads rules, and keeps the last good set. */
export class RuleReload implements RuleSource {
  readonly #settings: RuleReloadSettings;
  readonly #files: RuleFiles;
  readonly #deps: LoopDeps;
  #current: LoadedRules;
  #problem: string | null = null;
  /** Of what was read last. */
  #readSignature: string | null = null;
  #seenSignature: string | null = null;
  #readAtMs: number;
  #wake: AbortController = new AbortController();
  #isAsked = false;

  /** `texts` were loaded without an error: the program does not start with others. */
  constructor(settings: RuleReloadSettings, texts: readonly RuleText[], files: RuleFiles, deps: LoopDeps) {
    this.#settings = settings;
    this.#files = files;
    this.#deps = deps;
    this.#readAtMs = deps.clock.nowMs();
    this.#current = this.#toLoaded(texts, this.read(texts) ?? []);
    this.#gauge();
  }

  get current(): LoadedRules {
    return this.#current;
  }

  get problem(): string | null {
    return this.#problem;
  }

  read(files: readonly RuleText[]): readonly AlertRule[] | null {
    const parsed = parseRuleSet(files, this.#settings);
    return hasErrors(parsed.findings) ? null : parsed.rules;
  }

  /** Asks for the files to be read now: SIGHUP. */
  reload(): void {
    this.#isAsked = true;
    this.#wake.abort();
  }

  /** Looks at the files until `signal` is aborted. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look();
      if (this.#wake.signal.aborted) this.#wake = new AbortController();
      if (this.#isAsked) continue;
      await this.#deps.clock.sleep(this.#settings.intervalMs, AbortSignal.any([signal, this.#wake.signal]));
    }
  }

  /**
   * One look: reads the files when it was asked for, when they have changed and then stood still between two looks (a file may be half
   * written), and now and then.
   */
  async look(): Promise<void> {
    const isAsked = this.#isAsked;
    this.#isAsked = false;
    const nowMs = this.#deps.clock.nowMs();
    const signature = await this.#files.signature();
    this.#readSignature ??= signature;
    const isStill = signature === this.#seenSignature;
    this.#seenSignature = signature;
    const isChanged = signature !== this.#readSignature && isStill;
    if (!isAsked && !isChanged && nowMs - this.#readAtMs < fullReadMs) return;
    this.#readSignature = signature;
    this.#readAtMs = nowMs;
    await this.#load(isAsked || isChanged);
  }

  async #load(isNoticed: boolean): Promise<void> {
    const { files, problems } = await this.#files.read();
    const loaded = this.#parse(files, problems);
    if ('problem' in loaded) {
      this.#reject(loaded.problem, isNoticed);
      return;
    }
    const isSame = loaded.hash === this.#current.hash;
    if (isSame && this.#problem === null) {
      if (isNoticed) this.#count('unchanged');
      return;
    }
    this.#problem = null;
    if (!isSame) this.#current = loaded;
    this.#gauge();
    this.#count('loaded');
    this.#deps.logger.info('rules loaded', { set: loaded.hash, rules: loaded.rules.length, files: files.length });
  }

  #reject(problem: string, isNoticed: boolean): void {
    if (!isNoticed && problem === this.#problem) return;
    this.#problem = problem;
    this.#count('rejected');
    this.#deps.logger.error('the rules cannot be loaded; those of before stay in force', {
      problem,
      set: this.#current.hash,
    });
  }

  #parse(files: readonly ReadRuleFile[], problems: readonly string[]): LoadedRules | { readonly problem: string } {
    const { rules, findings } = parseRuleSet(files, this.#settings);
    const errors = findings.filter(({ severity }) => severity === 'error');
    const said = [
      ...problems.map((problem) => `rules: ${problem}`),
      ...errors.map(({ file, line, column, message, remedy }) => `${file}:${line}:${column}: ${message}: ${remedy}`),
    ];
    if (said.length > 0) return { problem: sentence(said) };
    const texts = files.filter((file) => 'text' in file);
    const loaded = this.#toLoaded(texts, rules);
    if (encodeRuleSet({ set: loaded, effectiveAtMs: 0 }) !== null) return loaded;
    return { problem: 'the files are too large for one record of Kafka: some 3 MB of YAML are the most' };
  }

  #toLoaded(files: readonly RuleText[], rules: readonly AlertRule[]): LoadedRules {
    return { hash: ruleSetHash(files), files, rules, loadedAtMs: this.#deps.clock.nowMs() };
  }

  #count(outcome: 'loaded' | 'rejected' | 'unchanged'): void {
    this.#deps.meter.add(metrics.rulesReload, 1, { outcome });
  }

  #gauge(): void {
    const { meter } = this.#deps;
    meter.set(metrics.rules, this.#current.rules.length);
    meter.set(metrics.rulesLoadedAt, this.#current.loadedAtMs / 1000);
  }
}

const maxProblemLength = 500;

function sentence([first = '', ...others]: readonly string[]): string {
  const short = first.length > maxProblemLength ? `${first.slice(0, maxProblemLength)}…` : first;
  return others.length === 0 ? short : `${short} (and ${others.length} more)`;
}
