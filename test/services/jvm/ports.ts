// Free TCP ports for servers that must keep their port while they are down, as a killed broker that comes back must.
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { tryLock, unlock } from './lock-file.ts';

// Below the range (32768 and up) from which systems take the local port of outgoing connections: a client that retries
// while the server is down could otherwise be given the very port that the server needs to come back.
const firstPort = 20_000;
const portCount = 12_000;

/** Ports on 127.0.0.1 that belong to this process until it releases them or ends. */
export interface PortReservation {
  readonly ports: readonly number[];
  release(): void;
}

/** Reserves `count` ports on which nothing listens and that no other process of this kind has reserved. */
export async function reservePorts(count: number): Promise<PortReservation> {
  const folder = join(tmpdir(), `flagwatch-ports-${userInfo().username}`);
  mkdirSync(folder, { recursive: true });
  const fileOf = (port: number): string => join(folder, String(port));
  const ports: number[] = [];
  for (let attempt = 0; ports.length < count; attempt += 1) {
    if (attempt > 1000) throw new Error(`found only ${ports.length} of ${count} free ports in 1000 attempts`);
    const port = firstPort + Math.floor(Math.random() * portCount);
    if (!tryLock(fileOf(port))) continue;
    if (await canListen(port)) ports.push(port);
    else unlock(fileOf(port));
  }
  const release = (): void => {
    for (const port of ports) unlock(fileOf(port));
  };
  return { ports, release };
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
