// Where commands find silences: each Kafka cluster of the settings, or a flagwatch that runs, through its API.
import { isWebAddress } from '#config/fields.ts';
import type { Settings } from '#config/settings.ts';
import type { Silence } from '#core/notify/silence.ts';
import type { LoopDeps } from '#pipeline/loop-deps.ts';
import type { SilenceStore } from '#ports/silence-store.ts';
import { createApiSilences } from './silence-api.ts';
import { openSilenceStores } from './silences.ts';

/** The silences of one chain of loops, or of a flagwatch that writes to all of its chains. Every method throws `AdapterError`. */
export interface SilencePlace {
  /** Name of the cluster, or the address. */
  readonly name: string;
  /** Those that notify has taken, the oldest first. */
  list(): Promise<readonly Silence[]>;
  /** Sets a new silence; resolves to it as it is kept there, its id perhaps another. */
  add(silence: Silence): Promise<Silence>;
  /** Ends it at `nowMs`, epoch milliseconds; resolves to it as it is kept then. */
  end(silence: Silence, nowMs: number): Promise<Silence>;
  close(): Promise<void>;
}

/** The places, or what to write so that there are some. */
export type FoundPlaces = { readonly places: readonly SilencePlace[] } | { readonly problem: string };

/** `url` names a flagwatch that runs; `null`: Kafka where the settings name it, else the flagwatch that these settings would start. */
export function findSilencePlaces(
  settings: Settings,
  url: string | null,
  deps: Pick<LoopDeps, 'logger' | 'clock'>,
): FoundPlaces {
  if (url === null && settings.kafka !== undefined) {
    return { places: openSilenceStores(settings, deps).map(([name, store]) => toPlace(name, store)) };
  }
  const address = url ?? toAddress(settings.http.listen);
  if (address === null) {
    return {
      problem: `http.listen (${settings.http.listen}) takes a free port: say which with --url http://HOST:PORT`,
    };
  }
  if (!isWebAddress(address)) {
    return { problem: '--url is no address: write http://host:port or https://host:port, without user and password' };
  }
  const { token = null } = settings.http;
  return { places: [createApiSilences({ url: address.replace(/\/+$/, ''), token })] };
}

/** Where a server that listens there is reached from its own machine. */
function toAddress(listen: string): string | null {
  const separator = listen.lastIndexOf(':');
  const [host, port] = [listen.slice(0, separator), listen.slice(separator + 1)];
  if (Number(port) === 0) return null;
  const own: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '[::]': '[::1]' };
  return `http://${own[host] ?? host}:${port}`;
}

function toPlace(name: string, store: SilenceStore): SilencePlace {
  const write = async (silence: Silence): Promise<Silence> => {
    await store.put(silence);
    return silence;
  };
  return {
    name,
    list: () => store.list(new AbortController().signal),
    add: write,
    end: (silence, nowMs) => write({ ...silence, fromMs: Math.min(silence.fromMs, nowMs), untilMs: nowMs }),
    close: () => store.close(),
  };
}
