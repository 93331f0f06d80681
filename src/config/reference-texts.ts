// The prose and the examples of the generated references. A test loads the examples as a user would.
import { conditionKinds } from '#core/detect/condition.ts';
import { templateVariables } from '#core/evaluate/template.ts';
import { variableNotes } from './condition-examples.ts';
import { findingKinds } from './finding.ts';
import { labelNotes } from './selection-schema.ts';

/** Introduction of docs/configuration.md. */
export const configurationIntro = `One YAML file, given with \`-c FILE\`. Every key has a default but where the lines come from. A key that is not known, a value of the
wrong type and values that do not fit together are refused at start, each with file, line, column and what to write instead. Editors complete and check the file with \`docs/configuration.schema.json\`:
\`# yaml-language-server: $schema=…/configuration.schema.json\`.

- **Durations** are texts with units, largest first: \`10s\`, \`1m30s\`, \`250ms\` (w d h m s ms).
- **Environment:** \`\${NAME}\` in a text takes a variable; \`$\${\` stands for \`\${\`. A variable that is missing or empty is refused. What a variable holds is
  text, never YAML; where a number or \`true\` is wanted it is read as one.
- **Secrets** come from the environment only: a password, a token or a key that stands in the file is refused.
- **Paths** that are relative count from the folder of this file.
- **Source:** \`kafka\`, or \`files\`, or (with neither) standard input. **Documents:** \`elasticsearch\`, or the embedded \`store\`. **Messages:** Slack, or
  (without a token) the console.`;

/** A whole file, as an installation has it. */
export const configurationExample = `
kafka:
  clusters:
    - name: dc1
      brokers: [kafka-1:9092, kafka-2:9092]
      access_log_topics: [istio-access-logs]
      tls: {}
      sasl: { mechanism: scram-sha-512, username: flagwatch, password: "\${KAFKA_PASSWORD}" }
elasticsearch:
  node: https://es:9200
  auth: { apiKey: "\${ES_API_KEY}" }
slack: { token: "\${SLACK_BOT_TOKEN}", channel: "#mesh-oncall" }
rules: ["rules/*.yaml"]
http: { listen: "0.0.0.0:9464" }
notify: { time_zone: Asia/Seoul }
`;

/** Introduction of docs/rules.md. */
export const rulesIntro = `Alert rules are YAML files in the words and the shape of Prometheus. \`flagwatch rules check PATH…\` checks files, folders and globs: each finding names file, line,
column, value and remedy. Exit status 0 without errors (warnings are shown), 3 with errors, 2 where a path leads to nothing; \`--json\` for machines, \`--format sarif\` for code review. A set of
rules is taken whole or not at all: one error in one file, and none of it is loaded. Files named \`*.test.yaml\` are tests of rules and never read as rules.
Editors complete and check rules with \`docs/rules.schema.json\`: \`# yaml-language-server: $schema=…/rules.schema.json\`.`;

/** A whole rule file. */
export const ruleExample = `
defaults:
  labels: { owner: shop-team }
groups:
  - name: shop
    rules:
      - alert: PaymentsCloseConnections
        select:
          flags: [UC]
          reporter: destination
          destination_service: payments
          matchers: ['destination_namespace =~ "shop.*"']
        by: [flag, source_service, destination_service, destination_version]
        spike: { z: 5, min_count: 5, min_ratio: 0.02 }
        for: 10s
        keep_firing_for: 30s
        labels: { severity: critical }
        annotations:
          summary: "{{ $labels.destination_service }} {{ $labels.destination_version }} closes connections: {{ $ratio }} of the requests"
          runbook_url: https://wiki.example/runbooks/uc
`;

/** What a label means, for each label of a series. */
export function labelTable(): string {
  return twoColumns(['label', 'what it is'], Object.entries(labelNotes));
}

/** What each variable of a template is, and under which conditions it has a value. */
export function variableTable(): string {
  const rows = Object.entries(variableNotes).map(([name, meaning]) => {
    const kinds = conditionKinds.filter((kind) => templateVariables[kind].some((variable) => variable === name));
    const where = kinds.length === conditionKinds.length ? 'all' : kinds.join(', ');
    return `| \`${name}\` | ${meaning} | ${where} |`;
  });
  return ['| variable | what it is | under |', '| --- | --- | --- |', ...rows].join('\n');
}

/** What each kind of finding is. */
export function findingTable(): string {
  return twoColumns(['kind', 'what is wrong'], Object.entries(findingKinds));
}

function twoColumns(
  [first, second]: readonly [string, string],
  entries: readonly (readonly [string, string])[],
): string {
  const rows = entries.map(([name, text]) => `| \`${name}\` | ${text} |`);
  return [`| ${first} | ${second} |`, '| --- | --- |', ...rows].join('\n');
}

/** What stands before the conditions in docs/rules.md. */
export const rulesConditions = `## Conditions

A rule has exactly one. Shares are numbers from 0 to 1 (0.05 is 5 %), times are durations; those that count windows are rounded up to whole ones.`;

/** What follows the table of labels in docs/rules.md. */
export const rulesOutro = `\`select\` takes each of these but \`flag\`, \`fault\` and \`party\` as a key, with a value or a list of values that must be equal; \`matchers\` and \`by\` take all of them. What is not
known is \`unknown\`. NR and UH know no version of the destination; NR lines of Istio's default formats do not tell their reporter either.

Counts are kept by flag, and one line may carry two (\`URX,UF\`): a rule on several flags without \`flag\` in \`by\` takes the most frequent of them, not their sum. A failed
request has one fault, so faults add up; it is counted on the edge that broke, once, whichever sides told of it.

## Matchers

\`label = "value"\`, \`!=\`, \`=~\`, \`!~\`; quotes may be left out around a single word. Regular expressions are anchored at both ends and matched in time linear in the
value, because values come from log lines: text, \`.\`, \`[a-z]\`, \`\\d \\w \\s\`, groups, \`|\`, \`* + ? {m,n}\`. There are no back references and no look-around. A matcher
on \`flag\`, \`fault\` or \`party\` narrows what is counted; the requests that it is compared with stay the same.

## Templates

Annotations may hold \`{{ $labels.NAME }}\` (a label of \`by\` or of \`labels\`, under \`new_version\` also \`destination_version\` and \`destination_deploy_id\`) and the
variables of the rule’s condition. Labels are no templates: they identify.`;

/** What stands before the table of findings in docs/rules.md. */
export const rulesFindings = `## What the check finds

- **Errors** (the set is not loaded): text that is no YAML, unknown keys, wrong types, durations without units, no condition or several, unknown labels in \`by\`, matchers and
  templates, variables that the condition does not have, regular expressions that are none or need backtracking, \`by\` without \`destination_service\` or with a
  name that is not counted, two alerts of one name, rules that can never fire.
- **Warnings:** thresholds below their noise floor, flags that Envoy 1.40 does not have (they may come from an extension), flags of the caller's proxy looked for at the
  destination, times of both sides' proxies taken together, dips by version, two rules of one meaning, durations that are no whole windows, settings and labels without effect, a missing severity, owner, summary or
  runbook.

A rule with \`enabled: false\` is checked like the others. With \`--json\` and \`--format sarif\` each finding has its kind:`;
