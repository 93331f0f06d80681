// Secrets that stand in the settings file itself: findings, because files are copied, committed and printed.
import type { SchemaGuide } from './json-schema.ts';
import type { PlacedFinding, YamlSource } from './yaml-source.ts';
import type { YamlNode, YamlPath } from './yaml-value.ts';

/** Slack's tokens, wherever they stand: `xoxb-…`, `xapp-…`. */
const slackToken = /\b(xox[a-z]|xapp)-[0-9A-Za-z-]{8,}/;
/** `https://user:password@host`. */
const addressWithPassword = /:\/\/[^\s/@:]*:[^\s/@]+@/;

/** Every text that must come from the environment and does not. */
export function literalSecrets(source: YamlSource, guide: SchemaGuide): readonly PlacedFinding[] {
  const found: PlacedFinding[] = [];
  const visit = (node: YamlNode, path: YamlPath, value: unknown): void => {
    for (const [step, child] of node.children) {
      visit(child, [...path, step], (value as Readonly<Record<string | number, unknown>>)[step]);
    }
    const what = node.scalar && value !== null ? secretKind(node, value, guide.isSecret(path)) : null;
    if (what === null) return;
    found.push({
      kind: 'secret-in-file',
      path,
      secret: true,
      message: `${what} stands in the file: secrets come from the environment only`,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what people are to write
      remedy: 'write "${NAME}" and set the variable; then replace this secret, it is known now',
    });
  };
  const root = source.nodeAt([]);
  if (root !== null) visit(root, [], source.value);
  return found;
}

function secretKind(node: YamlNode, value: unknown, isSecret: boolean): string | null {
  if (isSecret) return node.wholeVariable ? null : 'a secret';
  if (typeof value !== 'string' || node.fromVariable) return null;
  if (slackToken.test(value)) return 'a Slack token';
  return addressWithPassword.test(value) ? 'an address with a password' : null;
}
