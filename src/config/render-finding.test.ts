import { describe, expect, it } from 'vitest';
import type { Finding } from './finding.ts';
import { hiddenValue } from './finding.ts';
import { renderFinding } from './render-finding.ts';

const finding: Finding = {
  kind: 'wrong-value',
  severity: 'error',
  file: 'r.yaml',
  line: 2,
  column: 8,
  path: 'for',
  value: '5q',
  message: 'for (5q) is not a duration',
  remedy: 'write 5s',
};

describe('renderFinding', () => {
  it('shows the line and marks the value', () => {
    expect(renderFinding(finding, 'a: 1\r\n\tfor:  5q\r\nb: 2')).toBe(
      ['r.yaml:2:8: error: for (5q) is not a duration', '2 |  for:  5q', '  |        ^^', '  = write 5s', ''].join(
        '\n',
      ),
    );
  });

  it('cuts a long line around the place', () => {
    const text = `\n${'x'.repeat(500)}5q${'y'.repeat(500)}`;
    const [, source = '', caret = ''] = renderFinding({ ...finding, column: 501 }, text).split('\n');
    expect(source.length).toBeLessThan(200);
    expect(source.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1)).toBe('5q');
  });

  it('lets nothing of the file reach the terminal but visible text', () => {
    const shown = renderFinding({ ...finding, column: 3 }, '\n\u001b[2J5q');
    expect(shown).toContain('␛[2J5q');
    expect(shown).not.toContain('\u001b');
  });

  it('shows no line of a secret, nor without the text, nor beyond it', () => {
    const short = 'r.yaml:2:8: error: for (5q) is not a duration\n  = write 5s\n';
    expect(renderFinding({ ...finding, value: hiddenValue }, 'a\nfor:   5q')).toBe(short);
    expect(renderFinding(finding, null)).toBe(short);
    expect(renderFinding(finding, 'a')).toBe(short);
    expect(renderFinding(finding, 'a\nb')).toBe(short);
  });
});
