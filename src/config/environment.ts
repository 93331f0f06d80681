// `${NAME}` in the texts of the settings file: takes an environment variable. Values are text, never YAML, so nothing in the
// environment can add a key. Secrets come no other way.
import type { ExpandedText, TextVariables } from './yaml-value.ts';

/** Names and values of the environment, as the caller gives them; config/ never reads the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

const variablePattern = /(\$?)\$\{([^}]*)(\}?)/g;
const namePattern = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Expands `${NAME}`; `$${` stands for `${`. What is missing, empty or malformed is a problem, and stays as it is. */
export function environmentVariables(environment: Environment): TextVariables {
  return (text) => expand(text, environment);
}

function expand(text: string, environment: Environment): ExpandedText {
  const problems: { source: string; message: string; remedy: string }[] = [];
  let fromVariable = false;
  const expanded = text.replace(variablePattern, (source, dollar: string, name: string, close: string) => {
    if (dollar !== '') return source.slice(1);
    fromVariable = true;
    const problem = nameProblem(name, close) ?? valueProblem(name, environment);
    if (problem !== null) {
      problems.push({ source, ...problem });
      return source;
    }
    return environment[name] ?? '';
  });
  const wholeVariable = /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/.test(text);
  return { text: expanded, fromVariable, wholeVariable, problems };
}

function nameProblem(name: string, close: string) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what people are to write
  const remedy = 'write ${NAME}; for the characters themselves write $${';
  if (close === '') return { message: '${ is never closed', remedy };
  return namePattern.test(name) ? null : { message: `"${name.slice(0, 40)}" is no name of a variable`, remedy };
}

function valueProblem(name: string, environment: Environment) {
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  if (value === undefined) {
    return { message: `the environment has no ${name}`, remedy: `set ${name}, or take the key out` };
  }
  if (value === '')
    return { message: `${name} is empty in the environment`, remedy: `set ${name}, or take the key out` };
  return null;
}
