// The API as `run` gives it to the HTTP server: with the token and the rate of the settings, and the silences of the chains of loops.
import { randomUUID } from 'node:crypto';
import type { ApiEndpoint } from '#adapters/http/server.ts';
import { apiPrefix } from '#config/api-operations.ts';
import type { Settings } from '#config/settings.ts';
import type { LoopDeps } from '#pipeline/loop-deps.ts';
import type { RuleSource } from '#ports/rule-source.ts';
import type { SilenceStore } from '#ports/silence-store.ts';
import { createApi } from './api.ts';
import { MemoryBoard } from './memory-board.ts';
import { createPeers } from './peers.ts';

/** An API, the board that it answers from, and how it is closed. */
export interface OpenedApi {
  readonly endpoint: ApiEndpoint;
  readonly board: MemoryBoard;
  close(): Promise<void>;
}

/** What the API answers from beside the board. */
export interface ApiParts {
  readonly ruleSource: RuleSource;
  /** Names of the clusters whose chains of loops there are. */
  readonly clusters: readonly string[];
  /** One for each chain of loops; closed with the API. */
  readonly silences: readonly SilenceStore[];
}

/** An API with an empty board. */
export function openApi(settings: Settings, parts: ApiParts, deps: LoopDeps): OpenedApi {
  const board = new MemoryBoard();
  const { token = null, maxRequestsPerSecond } = settings.http;
  const processId = randomUUID();
  const peers = createPeers(settings.http, { ...deps, processId });
  const handle = createApi({ board, peers, processId, ...parts, ...deps });
  return {
    endpoint: { prefix: apiPrefix, token, maxRequestsPerSecond, handle },
    board,
    close: async () => {
      await Promise.all(parts.silences.map((store) => store.close()));
    },
  };
}
