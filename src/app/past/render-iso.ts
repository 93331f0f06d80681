// Times of the past, as people read and write them.

/** `2026-11-21T05:40:10Z`. */
export function renderIso(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}
