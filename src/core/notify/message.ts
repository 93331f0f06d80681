// A message about an incident, independent of where it is shown. render makes it; adapters translate it.
import type { Labels } from '#core/labels.ts';

/** A line of facts: `label` short, `value` plain text (adapters escape it: it may hold text from log lines). */
export interface MessageField {
  readonly label: string;
  readonly value: string;
}

/** A place to look at. `url` begins with `https://` or `http://`. */
export interface MessageLink {
  readonly text: string;
  readonly url: string;
}

/** One thing to look at first. */
export interface MessageStep {
  /** The same sentence in each language of the message. */
  readonly lines: readonly string[];
  /** For a shell; `null` where no command tells. */
  readonly command: string | null;
}

/** An alert of the incident, for receivers that are machines. Labels and annotations are plain text. */
export interface MessageAlert {
  readonly status: 'firing' | 'resolved';
  readonly fingerprint: string;
  /** `alertname` among them. */
  readonly labels: Labels;
  readonly annotations: Labels;
  /** Event time, epoch milliseconds. */
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
}

/** Plain text throughout: nothing in it is markup, whatever it looks like. */
export interface MessageContent {
  /** Identity of the incident; travels with the message as metadata. */
  readonly key: string;
  /** Id of the transition that the message shows. */
  readonly step: string;
  readonly status: 'firing' | 'resolved';
  readonly severity: string;
  /** What and where, one line. */
  readonly title: string;
  /** One or two sentences for each language, a language a line: what broke, for whom, since when. */
  readonly summary: string;
  readonly fields: readonly MessageField[];
  /** What to do first; empty once it is over. */
  readonly steps: readonly MessageStep[];
  /** Request ids to search for, at most three. */
  readonly requestIds: readonly string[];
  /** For each of `requestIds`, in its order, where to look it up; `null` where no search is configured. */
  readonly requestUrls: readonly (string | null)[];
  /** Other places to look at, such as the rule's runbook. */
  readonly links: readonly MessageLink[];
  /** What stands above `steps` and above `requestIds`, in the reader's language. */
  readonly headings: { readonly steps: string; readonly requests: string };
  /** Small print: rule, window, how the numbers came about. */
  readonly footer: string;
  /** Name of the receiver that the message is for. */
  readonly receiver?: string;
  /** The labels that the alerts of the incident share by `group_by`. */
  readonly groupLabels?: Labels;
  /** The alerts of the incident, the worst first. */
  readonly alerts?: readonly MessageAlert[];
}
