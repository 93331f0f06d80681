// The rules of the settings' files, watched: what `run` gives to detect.
import { relative } from 'node:path';
import { fileSignature } from '#adapters/file/file-signature.ts';
import { findYamlFiles, readYamlFiles, type YamlFileText } from '#adapters/file/yaml-files.ts';
import type { Settings } from '#config/settings.ts';
import type { RuleText } from '#core/evaluate/rule-set.ts';
import type { LoopDeps } from '#pipeline/loop-deps.ts';
import type { RuleFiles } from './rule-reload.ts';
import { RuleReload } from './rule-reload.ts';

/** `texts` are the files as the program started with them. Nothing is watched before `watch` is called. */
export function openRuleReload(
  settings: Settings,
  root: string,
  texts: readonly RuleText[],
  deps: LoopDeps,
): RuleReload {
  const { windowMs, rulesReload } = settings;
  return new RuleReload(
    { windowMs, intervalMs: rulesReload.intervalMs },
    texts.map((text) => named(text, root)),
    ruleFiles(settings.rules, root),
    deps,
  );
}

function ruleFiles(paths: readonly string[], root: string): RuleFiles {
  return {
    signature: async () => {
      const { files, unmatched } = await find(paths, root);
      return `${JSON.stringify(unmatched)}\n${await fileSignature(files)}`;
    },
    read: async () => {
      const { files, unmatched } = await find(paths, root);
      const read = await readYamlFiles(files);
      return {
        files: read.map((file) => named(file, root)),
        problems: unmatched.map(({ path, why }) => `${path} ${why}`),
      };
    },
  };
}

/** Folders may go away while they are looked at. */
async function find(paths: readonly string[], root: string): ReturnType<typeof findYamlFiles> {
  try {
    return await findYamlFiles(paths, root);
  } catch (error) {
    return { files: [], unmatched: [{ path: paths.join(', '), why: `cannot be looked at: ${String(error)}` }] };
  }
}

/** Named as every process names it, whatever folder its files are in. */
function named<File extends YamlFileText>(file: File, root: string): File {
  return { ...file, file: relative(root, file.file) };
}
