// One entry of the catalogue of response flags: what people are told about a flag, in each language.
import type { Party } from './classification.ts';

/** Languages in which flagwatch explains. */
export const languages = ['en', 'ko'] as const;
export type Language = (typeof languages)[number];

/** The same text in each language. */
export type LocalizedText = Readonly<Record<Language, string>>;

/** One thing to look at. `command` is for a shell; its words in capitals (POD, NAMESPACE, SERVICE …) are to be replaced. */
type FlagCheck = LocalizedText & { readonly command: string };

/** What flagwatch knows about one flag of Envoy. */
export interface ResponseFlag {
  readonly shortName: string;
  /** Envoy's own long name, as `%RESPONSE_FLAGS_LONG%` writes it. */
  readonly longName: string;
  /** Who usually has to act; the line's other evidence and the other side may say otherwise. */
  readonly party: Party;
  /** Whether the flag by itself marks a failed request. */
  readonly marksFailure: boolean;
  readonly meaning: LocalizedText;
  /** Most usual first. */
  readonly causes: readonly LocalizedText[];
  /** The first three things to look at, in order. */
  readonly checks: readonly [FlagCheck, FlagCheck, FlagCheck];
}
