// What is masked: vocabulary of the settings section `masking` and of the masker. Masking is the last thing that happens to outside
// text before it leaves for a document or a message; counting, detecting and correlating see what the line said.

/** Patterns that flagwatch brings along; also the names under which their finds are counted. */
export const defaultPatternNames = ['token', 'card', 'account', 'iban', 'resident', 'email'] as const;
export type DefaultPatternName = (typeof defaultPatternNames)[number];

/** Query strings: masked whole, masked but for the names of parameters, or left to the patterns. */
export const queryModes = ['mask', 'names', 'keep'] as const;
export type QueryMode = (typeof queryModes)[number];

/** IP addresses: as they are, or as a salted hash. */
export const addressModes = ['keep', 'hash'] as const;
type AddressMode = (typeof addressModes)[number];

/** Names of finds that are no pattern's: no pattern may be called so. */
export const reservedPatternNames = ['query', 'address'] as const;

/** A pattern of the user's: searched anywhere in a text, in linear time. */
interface MaskPattern {
  readonly name: string;
  readonly pattern: string;
  /** What stands in the place of a match; `[masked:<name>]` where it is not given. */
  readonly replacement?: string | undefined;
}

/** Everything that can be set about masking. */
export interface MaskSettings {
  readonly enabled: boolean;
  readonly query: QueryMode;
  readonly defaultPatterns: readonly DefaultPatternName[];
  readonly patterns: readonly MaskPattern[];
  readonly addresses: AddressMode;
  /** Secret; needed where addresses are hashed. */
  readonly addressSalt?: string | undefined;
}

/** What holds where nothing is set. */
export const maskDefaults: MaskSettings = {
  enabled: true,
  query: 'mask',
  defaultPatterns: defaultPatternNames,
  patterns: [],
  addresses: 'keep',
};
