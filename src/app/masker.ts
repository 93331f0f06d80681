// The masker of the configuration: one for each loop that writes documents or messages.
import type { Settings } from '#config/settings.ts';
import type { Masker } from '#core/mask/masker.ts';
import { createMasker } from '#core/mask/masker.ts';

/** What `masking:` says. */
export function configuredMasker({ masking }: Settings): Masker {
  const { enabled, query, defaultPatterns, addresses, addressSalt } = masking;
  const patterns = masking.patterns.map(({ name, pattern, replacement }) => ({ name, pattern, replacement }));
  return createMasker({ enabled, query, defaultPatterns, patterns, addresses, addressSalt });
}
