// Name and port → the addresses behind the name, as the system resolves it.
import { lookup } from 'node:dns/promises';

/** `10.1.2.3:9464` and `[fd00::1]:9464`, in order. Rejects where the name cannot be resolved; may take as long as the system lets it. */
export async function resolveHost(hostAndPort: string): Promise<readonly string[]> {
  const separator = hostAndPort.lastIndexOf(':');
  const host = hostAndPort.slice(0, separator).replace(/^\[|\]$/g, '');
  const port = hostAndPort.slice(separator + 1);
  const found = await lookup(host, { all: true });
  const addresses = found.map(({ address, family }) => (family === 6 ? `[${address}]` : address));
  return [...new Set(addresses)].sort().map((address) => `${address}:${port}`);
}
