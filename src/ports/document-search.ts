// Looking documents up: what developers ask for by request id, trace id and deploy id.

/** Which lines: those of a request, or of a whole trace. */
export interface LineQuery {
  readonly by: 'request' | 'trace';
  readonly id: string;
}

/** Which windows: those of a deploy as the callee, or of a service as the callee in a span of event time. */
export type WindowQuery =
  | { readonly by: 'deploy'; readonly id: string }
  | { readonly by: 'service'; readonly name: string; readonly fromMs: number; readonly toMs: number };

/** Finds documents. Ids are matched whole and as plain text, whatever they hold. Throws `AdapterError`. */
export interface DocumentSearch {
  /** Documents of lines as parsed JSON, the earliest first, at most `limit`. */
  findLines(query: LineQuery, limit: number, signal: AbortSignal): Promise<readonly unknown[]>;
  /** Documents of windows as parsed JSON, the earliest first, at most `limit`. */
  findWindows(query: WindowQuery, limit: number, signal: AbortSignal): Promise<readonly unknown[]>;
  close(): Promise<void>;
}
