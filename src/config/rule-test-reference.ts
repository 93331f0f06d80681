// The reference page of rule tests: prose and an example around the table that the schema gives. A test runs the example as a user would.
import { fieldTable } from './field-table.ts';
import { ruleTestJsonSchema } from './rule-test-schema.ts';

/** Introduction of docs/rule-tests.md. */
const intro = `Tests of rules stand beside the rules, in files named \`*.test.yaml\`, and are never read as rules. \`flagwatch rules test PATH…\` runs those of files, folders and globs, of a rule file those beside
it: exit status 0 when all pass, 3 when one fails or cannot be read, 2 where a path leads to nothing; \`--json\` for machines, \`-c FILE\` for the routes and the other settings of an installation. Each test has its own virtual time and
its own state; the rules run through the same code as live, messages are rendered and sent to nobody. A failed test shows what was expected beside what came, and the verdicts of the windows around it.
Editors complete and check the files with \`docs/rule-tests.schema.json\`: \`# yaml-language-server: $schema=…/rule-tests.schema.json\`.`;

/** A whole file of tests, for the rule of docs/rules.md. */
export const ruleTestExample = `
edge: { reporter: destination, source_service: checkout, destination_service: payments }
route: { receiver: shop-team }
receivers: [{ name: shop-team, slack_configs: [{ channel: "#shop-oncall" }] }]
tests:
  - name: a new version closes connections
    input_series:
      - edge: { destination_version: v1, destination_namespace: shop }
        requests: 100x89
      - edge: { destination_version: v2, destination_namespace: shop }
        requests: _x60 20x29
        flags: { UC: _x60 8x8 0x20 }
    alerts:
      - alert: PaymentsCloseConnections
        at: 10m10s
        labels: { destination_version: v2, severity: critical }
        value: 8
        z: ">= 5"
        reason: 8 of 20 requests ended with UC
        receivers: [shop-team]
        message: { title: payments v2, text: "closes connections: 40% of the requests" }
      - alert: PaymentsCloseConnections
        status: resolved
        at: 12m
  - name: one line wakes nobody
    input_series:
      - edge: { destination_version: v1, destination_namespace: shop }
        requests: 100x89
        flags: { UC: 0x59 1 0x28 }
    alerts: []
`;

const notation = `## Series

Values stand for intervals one after the other (an interval is a window unless \`interval\` says less), in the expanding notation of Prometheus:

| written | values |
| --- | --- |
| \`5\` | 5 |
| \`5x3\` | 5 5 5 5: the value, then three more |
| \`0+10x3\` | 0 10 20 30 |
| \`30-10x3\` | 30 20 10 0 |
| \`_\`, \`_x3\` | nothing; three times nothing |

Texts join them with spaces: \`0x29 20x5 0x10\`. A number without a text (\`requests: 100\`) holds for every interval. A test lasts as long as its longest series; behind its end a series is 0. Counts of an interval come at its
end, so a window's alert comes when the window closes; with an interval of \`1s\` what only grows is told before. Requests are at least as many as what failed of them.

\`at\` counts from the start of the series, of lines from the start of the window of the first; a window of 10 s with the values \`0x29 20\` ends 5m10s after the start.`;

/** Text of docs/rule-tests.md. */
export function renderRuleTestReference(generated: string): string {
  const { tests, ...top } = ruleTestJsonSchema.properties ?? {};
  const own = ['rule_files', 'window', 'start', 'edge'].map((name) => [name, top[name] ?? {}] as const);
  const routing = ['route', 'receivers', 'inhibit_rules', 'time_intervals'].map((name) => {
    const { description = '' } = top[name] ?? {};
    return [name, { type: 'object', description: `${description} As in the settings.` }] as const;
  });
  const file = fieldTable({ properties: Object.fromEntries([...own, ...routing]) });
  return [
    '# Tests of rules',
    generated,
    intro,
    `\`\`\`yaml\n${ruleTestExample.trim()}\n\`\`\``,
    notation,
    '## The file',
    file,
    '## A test',
    fieldTable(tests?.items ?? {}),
  ]
    .join('\n\n')
    .concat('\n');
}
