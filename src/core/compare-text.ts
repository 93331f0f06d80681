// One order of texts for all: by code units, whatever the machine's language.

/** Less than 0 where `a` comes first, more where `b` does; for `sort`. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
