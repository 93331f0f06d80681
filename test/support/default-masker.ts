// The masker that an installation has where its configuration says nothing.
import { maskDefaults } from '#core/mask/mask-settings.ts';
import { createMasker } from '#core/mask/masker.ts';

/** Masks as configured by default. */
export const defaultMasker = createMasker(maskDefaults);
