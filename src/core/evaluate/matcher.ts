// Prometheus' matchers, compiled: on label values of edges, and on flags.
import { compilePattern } from './pattern.ts';
import type { Matcher } from './rule.ts';

/** Whether a label's value is accepted. */
export type ValueTest = (value: string) => boolean;

/** Compiles one matcher, whatever label it names. Throws `PatternError` on a pattern that is none: configuration checks that before. */
export function compileMatcher(matcher: Pick<Matcher, 'operator' | 'value'>): ValueTest {
  const { operator, value: wanted } = matcher;
  switch (operator) {
    case '=':
      return (value) => value === wanted;
    case '!=':
      return (value) => value !== wanted;
    case '=~': {
      const pattern = compilePattern(wanted);
      return (value) => pattern.matches(value);
    }
    case '!~': {
      const pattern = compilePattern(wanted);
      return (value) => !pattern.matches(value);
    }
  }
}
