// Looking documents up: what developers ask for by request id, trace id and deploy id.

/** By what the lines of a request, or of a whole trace, carry. */
export type IdQuery = { readonly by: 'request'; readonly id: string } | { readonly by: 'trace'; readonly id: string };

/** By the callee: a deploy, or a service in a span of event time. Of a failed request it is the callee of the hop that broke. */
export type CalleeQuery =
  | { readonly by: 'deploy'; readonly id: string }
  | { readonly by: 'service'; readonly name: string; readonly fromMs: number; readonly toMs: number };

/** `[fromMs, toMs)` in event time. */
export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A block of windows: its document as parsed JSON, and by what name it is stored. */
export interface StoredBlock {
  readonly id: string;
  readonly document: unknown;
}

/** Finds documents. Ids are matched whole and as plain text, whatever they hold. Throws `AdapterError`. */
export interface DocumentSearch {
  /** Documents of lines as parsed JSON, the earliest first, at most `limit`. */
  findLines(query: IdQuery, limit: number, signal: AbortSignal): Promise<readonly unknown[]>;
  /** Documents of failed requests as parsed JSON, also of results that were taken back, the earliest first, at most `limit`. */
  findRequests(query: IdQuery | CalleeQuery, limit: number, signal: AbortSignal): Promise<readonly unknown[]>;
  /** Documents of windows as parsed JSON, the earliest first, at most `limit`. */
  findWindows(query: CalleeQuery, limit: number, signal: AbortSignal): Promise<readonly unknown[]>;
  /** All documents of windows that begin in a span of event time, the earliest first, in pages. Memory is that of a page. */
  pageWindows(span: TimeSpan, signal: AbortSignal): AsyncIterable<readonly unknown[]>;
  /**
   * All blocks of windows whose slots begin in a span of event time, the earliest first, in pages. Durations are left out where they are
   * not asked for: they are the most of a block.
   */
  pageWindowBlocks(
    span: TimeSpan & { readonly withDurations: boolean },
    signal: AbortSignal,
  ): AsyncIterable<readonly StoredBlock[]>;
  /** All documents of failed requests that began in it, also of results that were taken back; the same way. */
  pageRequests(span: TimeSpan, signal: AbortSignal): AsyncIterable<readonly unknown[]>;
  close(): Promise<void>;
}
