// A message about an incident, independent of where it is shown. render makes it; adapters translate it.

/** A line of facts: `label` short, `value` plain text (adapters escape it: it may hold text from log lines). */
export interface MessageField {
  readonly label: string;
  readonly value: string;
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
  /** One or two sentences: what broke, for whom, since when. */
  readonly summary: string;
  readonly fields: readonly MessageField[];
  /** What to do first. */
  readonly steps: readonly string[];
  /** Request ids to search for, at most three. */
  readonly requestIds: readonly string[];
  /** Small print: rule, window, how the numbers came about. */
  readonly footer: string;
}
