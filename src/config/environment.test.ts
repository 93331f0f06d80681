// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts with ${NAME} are what is tested
import { describe, expect, it } from 'vitest';
import { environmentVariables } from './environment.ts';

const expand = environmentVariables({ A: 'x', B_2: '${A}: [y]', EMPTY: '' });

describe('environmentVariables', () => {
  it.each([
    ['plain', 'plain', false],
    ['${A}', 'x', true],
    ['a ${A} b ${A}', 'a x b x', true],
    ['${B_2}', '${A}: [y]', true],
    ['$${A}', '${A}', false],
    ['$A $ {A}', '$A $ {A}', false],
  ])('expands %s', (text, expanded, fromVariable) => {
    expect(expand(text)).toMatchObject({ text: expanded, fromVariable, problems: [] });
  });

  it('says whether a text is nothing but a variable', () => {
    expect(expand('${A}').wholeVariable).toBe(true);
    expect(expand('x${A}').wholeVariable).toBe(false);
    expect(expand('$${A}').wholeVariable).toBe(false);
  });

  it.each([
    ['${NONE}', 'the environment has no NONE'],
    ['${EMPTY}', 'EMPTY is empty in the environment'],
    ['${toString}', 'the environment has no toString'],
    ['${}', '"" is no name of a variable'],
    ['${A', '${ is never closed'],
    ['${A:-b}', '"A:-b" is no name of a variable'],
  ])('refuses %s', (text, message) => {
    expect(expand(text).problems.map((problem) => problem.message)).toEqual([message]);
    expect(expand(text).text).toBe(text);
  });
});
