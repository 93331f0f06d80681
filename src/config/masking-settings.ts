// Settings of what is masked before it leaves for documents and messages: `masking:`.
import { z } from 'zod';
import {
  addressModes,
  defaultPatternNames,
  maskDefaults,
  queryModes,
  reservedPatternNames,
} from '#core/mask/mask-settings.ts';
import { findSearchError } from '#core/mask/pattern-search.ts';
import { notes, patternField, secretField, textField } from './fields.ts';

/** Length of a salt from which on nobody tries all of them. */
const minSaltLength = 16;
/** Every pattern looks at every text; and each is a value of a metric's label. */
const maxPatterns = 50;

const pattern = z.strictObject({
  name: patternField(
    { description: 'Its name: shown in the place of a match, and counted under.', examples: ['employee'] },
    /^[a-z][a-z0-9_-]{0,39}$/,
    'small letters, digits, hyphens and underscores, a letter first, at most 40',
  ),
  pattern: textField({
    description:
      'Regular expression of linear time, as in matchers (literals, `.`, classes, groups, `|`, `* + ? {m,n}`), searched anywhere in a text, so without `^` and `$`. Everything that it matches is masked; overlapping matches are one.',
    examples: ['EMP-[0-9]{6}'],
  }).superRefine((source, context) => {
    const problem = findSearchError(source);
    if (problem !== null) refuse(context, [], `is no pattern: ${problem}`, 'write a pattern of linear time');
  }),
  replacement: textField(
    { description: 'What stands in the place of a match; `[masked:NAME]` without it.' },
    100,
  ).optional(),
});

/** `masking:`. */
export const maskingSettings = z
  .strictObject({
    enabled: z
      .boolean()
      .prefault(true)
      .meta(
        notes({
          description: 'Whether anything is masked.',
          reason: 'documents and channels are read by more people than the lines.',
        }),
      ),
    query: z
      .enum(queryModes)
      .prefault(maskDefaults.query)
      .meta(
        notes({
          description:
            'Query strings: `mask` them whole, keep the `names` of parameters, or `keep` them and leave them to the patterns.',
          reason: 'nobody knows what applications put there; the rest of the path tells the operation.',
        }),
      ),
    default_patterns: z
      .array(z.enum(defaultPatternNames))
      .max(defaultPatternNames.length)
      .prefault([...defaultPatternNames])
      .meta(
        notes({
          description:
            'Which of the built-in patterns are used; `[]` for none. `token`: JSON Web Tokens, issuers’ prefixes, `Bearer` and `Basic`, values behind names such as `password=`, random parts of paths. `card`: card numbers with their check digit. `account`: Korean bank accounts written with hyphens. `iban`: with its check digits. `resident`: Korean resident registration numbers. `email`: mail addresses.',
          reason: 'none of them takes a UUID, a trace id, the name of a pod, a time or an IP address for a secret.',
        }),
      ),
    patterns: z
      .array(pattern)
      .max(maxPatterns)
      .prefault([])
      .meta(notes({ description: 'Patterns of your own, besides the built-in ones.' })),
    addresses: z
      .enum(addressModes)
      .prefault(maskDefaults.addresses)
      .meta(
        notes({
          description:
            'IP addresses: `keep`, or `hash` them with `address_salt` (HMAC-SHA-256, the first 64 bits, as `addr-…`). The same address has the same hash, so it can still be searched for; fields of type `ip` are left out.',
          reason: 'addresses of pods tell which pod it was; hash them where callers’ addresses are personal data.',
        }),
      ),
    address_salt: secretField({
      description: `Salt of the hashes, at least ${minSaltLength} characters. Who knows it can try all addresses; with another one nothing old is found by its new hash.`,
    }).optional(),
  })
  .superRefine((masking, context) => {
    checkSalt(masking, context);
    checkNames(masking.patterns, context);
  });

type Context = Parameters<Parameters<typeof maskingSettings.superRefine>[0]>[1];

function refuse(context: Pick<Context, 'addIssue'>, path: (string | number)[], message: string, remedy: string): void {
  context.addIssue({ code: 'custom', path, message, params: { remedy } });
}

interface SaltSettings {
  readonly addresses: (typeof addressModes)[number];
  readonly address_salt?: string | undefined;
}

function checkSalt({ addresses, address_salt: salt }: SaltSettings, context: Pick<Context, 'addIssue'>): void {
  const remedy = `add address_salt: "\${NAME}" and set the variable to ${minSaltLength} characters and more`;
  if (addresses === 'hash' && salt === undefined) {
    refuse(context, ['addresses'], 'needs address_salt: without a salt anybody can try all addresses', remedy);
  }
  if (salt !== undefined && salt.length < minSaltLength) {
    refuse(context, ['address_salt'], `must have at least ${minSaltLength} characters`, remedy);
  }
}

function checkNames(patterns: readonly { readonly name: string }[], context: Pick<Context, 'addIssue'>): void {
  const taken = new Set<string>([...defaultPatternNames, ...reservedPatternNames]);
  for (const [i, { name }] of patterns.entries()) {
    if (taken.has(name)) {
      refuse(context, ['patterns', i, 'name'], 'is the name of another pattern', 'choose another name');
    }
    taken.add(name);
  }
}
