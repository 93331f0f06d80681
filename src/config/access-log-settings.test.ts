import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { accessLogTopic, checkAccessLogTopics, toAccessLogTopics } from './access-log-settings.ts';
import { createGuide, toJsonSchema } from './json-schema.ts';
import { schemaFindings } from './schema-findings.ts';
import { parseYaml } from './yaml-source.ts';

const schema = z.strictObject({ access_log_topics: z.array(accessLogTopic) });
const good = '%START_TIME% %RESPONSE_CODE% %RESPONSE_FLAGS%';

/** What the settings' checks say about a list, `line:column message`. */
function findingsOf(text: string): readonly string[] {
  const parsed = parseYaml(`access_log_topics:\n${text}`, 'f.yaml');
  if (!('source' in parsed)) throw new Error(JSON.stringify(parsed.findings));
  const { source } = parsed;
  const result = schema.safeParse(source.value, { reportInput: true });
  const findings = result.success
    ? checkAccessLogTopics(result.data.access_log_topics, ['access_log_topics']).map((placed) => source.finding(placed))
    : schemaFindings(result.error.issues, source, createGuide(toJsonSchema(schema)));
  return findings.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

describe('access_log_topics', () => {
  it('are names, or names with pins', () => {
    const entries = schema.parse({
      access_log_topics: ['plain', { topic: 'pinned', format: 'text', text_format: good }, { topic: 'half' }],
    });
    expect(entries.access_log_topics[2]).toEqual({ topic: 'half', format: 'auto', envelope: 'auto' });
    const [plain, pinned, half] = toAccessLogTopics([
      'plain',
      { topic: 'pinned', format: 'text', envelope: 'cri', textFormat: good },
      { topic: 'half', format: 'auto', envelope: 'vector' },
    ]);
    const any = { format: 'auto', envelope: 'auto', textFormat: null };
    expect(plain).toEqual({ topic: 'plain', reading: any });
    expect(pinned).toMatchObject({
      topic: 'pinned',
      reading: { format: 'text', envelope: 'cri', textFormat: { source: good } },
    });
    expect(half).toEqual({ topic: 'half', reading: { ...any, envelope: 'vector' } });
  });

  it('compile no format that the checks refuse', () => {
    expect(() => toAccessLogTopics([{ topic: 't', format: 'auto', envelope: 'auto', textFormat: '%A%' }])).toThrow(
      'text_format of t',
    );
  });

  it.each([
    ['- a', []],
    [`- { topic: a, text_format: '${good}' }`, []],
    [
      "- { topic: a, text_format: '%START_TIME%%RESPONSE_CODE%' }",
      [
        '2:41 text_format, column 13: nothing stands between %START_TIME% and %RESPONSE_CODE%, so nobody can tell where one ends',
      ],
    ],
    [
      "- topic: a\n  text_format: '%RESPONSE_CODE% %START_TIME(%H:%M)%'",
      ['3:33 text_format, column 17: the time of %START_TIME(%H:%M)% cannot be read: it does not tell the year'],
    ],
    [
      "- { topic: a, text_format: '%START_TIME%' }",
      ['2:29 text_format, column 1: neither %RESPONSE_FLAGS% nor %RESPONSE_CODE%'],
    ],
    [
      `- { topic: a, format: json, text_format: '${good}' }`,
      ['2:42 text_format stands beside format: json, under which no TEXT line is read'],
    ],
    ['- a\n- { topic: a }', ['3:12 access_log_topics[1] names a again, as access_log_topics[0] does']],
    ['- a\n- a', ['3:3 access_log_topics[1] names a again, as access_log_topics[0] does']],
    ['- { topic: a, format: xml }', ['2:23 format (xml) is not known here']],
    ['- { topic: a, envelope: vektor }', ['2:25 envelope (vektor) is not known here']],
    ['- { topic: a, text: x }', ['2:15 unknown key text']],
    ['- { topic: "a b" }', ['2:12 topic ("a b") has not the right form']],
    ['- { format: json }', ['2:3 topic is missing']],
  ])('%j: %j', (text, expected) => {
    expect(findingsOf(text)).toEqual(expected);
  });
});
