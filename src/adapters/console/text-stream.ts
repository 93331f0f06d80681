// Where the console writes: standard output or error, or a test's list of strings.

/** The part of a writable stream that is used; `process.stdout` and `process.stderr` have it. */
export interface TextStream {
  write(text: string): unknown;
  /** Whether a person watches. */
  readonly isTTY?: boolean;
  /** Width of the terminal in columns. */
  readonly columns?: number;
}
