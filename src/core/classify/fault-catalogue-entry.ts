// One entry of the catalogue of faults: what people are told about a fault, in each language. The party stands in faultParties.
import type { Fault } from './classification.ts';
import type { LocalizedText, ResponseFlag } from './response-flag.ts';

/** What flagwatch tells about one fault. */
export interface FaultEntry {
  readonly name: Fault;
  /** A few words, without a full stop. */
  readonly title: LocalizedText;
  /** What the access-log lines of both sides look like. */
  readonly shows: LocalizedText;
  /** Most usual first. */
  readonly causes: readonly LocalizedText[];
  /** The first three things to look at, in order. */
  readonly checks: ResponseFlag['checks'];
}
