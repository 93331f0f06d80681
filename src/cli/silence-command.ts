// `flagwatch silence add|list|end`: silences in Kafka, where the alerts are (of several clusters each gets each silence), or in a flagwatch
// that runs, through its API.
import { randomUUID } from 'node:crypto';
import { createPinoLogger } from '#adapters/pino/logger.ts';
import type { SystemProcess } from '#adapters/system/process.ts';
import { findSilencePlaces, type SilencePlace } from '#app/silence-places.ts';
import { renderDuration } from '#core/duration.ts';
import { renderAlertMatcher } from '#core/notify/alert-matcher.ts';
import type { Silence } from '#core/notify/silence.ts';
import { silenceStatus } from '#core/notify/silence.ts';
import { toVisibleText } from '#core/notify/visible-text.ts';
import type { Clock } from '#ports/system.ts';
import { readConfiguration } from './configured.ts';
import { type SilenceRequest, toSilence } from './silence-request.ts';

/** What was asked for. */
export interface SilenceCommand {
  readonly action:
    | { readonly kind: 'add'; readonly request: SilenceRequest }
    | { readonly kind: 'list'; readonly isAll: boolean; readonly json: boolean }
    | { readonly kind: 'end'; readonly id: string };
  readonly file: string | null;
  /** Of a flagwatch that runs. */
  readonly url: string | null;
  readonly system: SystemProcess;
  readonly clock: Clock;
}

type Places = readonly SilencePlace[];

/** How long a new silence is looked for in notify's state. */
const confirmMs = 5000;
const confirmPauseMs = 250;

/** Resolves to the exit status: 2 for arguments that make no silence, 1 where there is no such silence. Rejects with `AdapterError`. */
export async function runSilence(command: SilenceCommand): Promise<number> {
  const { file, url, system, clock, action } = command;
  const configuration = await readConfiguration(file, system, { withRules: false });
  if (configuration === null) return 1;
  const deps = { logger: createPinoLogger({ level: 'error' }), clock };
  const found = findSilencePlaces(configuration.settings, url, deps);
  if ('problem' in found) {
    system.stderr.write(`flagwatch silence: ${found.problem}\n`);
    return 2;
  }
  const { places } = found;
  try {
    if (action.kind === 'list') return await list(command, places, action);
    return action.kind === 'add' ? await add(command, places, action.request) : await end(command, places, action.id);
  } finally {
    await Promise.all(places.map((place) => place.close()));
  }
}

async function add({ system, clock }: SilenceCommand, places: Places, request: SilenceRequest): Promise<number> {
  const author = request.author ?? system.environment['USER'];
  const asked = author === undefined ? request : { ...request, author };
  const silence = toSilence(asked, randomUUID().slice(0, 8), clock.nowMs());
  if ('problem' in silence) {
    system.stderr.write(`flagwatch silence add: ${silence.problem}\n`);
    return 2;
  }
  return await write(places, (place) => place.add(silence), { system, clock });
}

async function end({ system, clock }: SilenceCommand, places: Places, id: string): Promise<number> {
  const silences = (await Promise.all(places.map((place) => place.list()))).flat();
  const silence = silences.find((one) => one.id === id);
  const nowMs = clock.nowMs();
  if (silence === undefined) {
    system.stderr.write(
      `flagwatch silence end: notify knows no silence ${toVisibleText(id)}; “silence list” shows all\n`,
    );
    return 1;
  }
  if (silenceStatus(silence, nowMs) === 'expired') {
    system.stderr.write(`flagwatch silence end: ${silence.id} is over already\n`);
    return 0;
  }
  return await write(places, (place) => place.end(silence, nowMs), { system, clock });
}

async function write(
  places: Places,
  into: (place: SilencePlace) => Promise<Silence>,
  { system, clock }: { readonly system: SystemProcess; readonly clock: Clock },
): Promise<number> {
  const written: (readonly [SilencePlace, Silence])[] = [];
  for (const place of places) written.push([place, await into(place)]);
  for (const id of new Set(written.map(([, silence]) => silence.id))) system.stdout.write(`${toVisibleText(id)}\n`);
  for (const [place, silence] of written) {
    if (await isTaken(place, silence, clock)) system.stderr.write(`${place.name}: notify has taken it\n`);
    else system.stderr.write(`${place.name}: written; notify has not taken it yet: is it running?\n`);
  }
  return 0;
}

async function isTaken(place: SilencePlace, silence: Silence, clock: Clock): Promise<boolean> {
  const untilMs = clock.nowMs() + confirmMs;
  do {
    const taken = await place.list();
    if (taken.some(({ id, untilMs: end }) => id === silence.id && end === silence.untilMs)) return true;
    await clock.sleep(confirmPauseMs, new AbortController().signal);
  } while (clock.nowMs() < untilMs);
  return false;
}

async function list(
  { system, clock }: SilenceCommand,
  places: Places,
  { isAll, json }: { readonly isAll: boolean; readonly json: boolean },
): Promise<number> {
  const nowMs = clock.nowMs();
  const byId = new Map<string, Silence>();
  for (const place of places) for (const one of await place.list()) byId.set(one.id, one);
  const shown = [...byId.values()].filter((one) => isAll || silenceStatus(one, nowMs) !== 'expired');
  for (const one of shown) system.stdout.write(`${json ? toJson(one, nowMs) : toLine(one, nowMs)}\n`);
  if (shown.length === 0 && !json) system.stderr.write('no silences\n');
  return 0;
}

/** One silence as a person reads it. */
export function toLine(silence: Silence, nowMs: number): string {
  const status = silenceStatus(silence, nowMs);
  const ends =
    status === 'active' ? ` (${renderDuration(Math.ceil((silence.untilMs - nowMs) / 1000) * 1000)} left)` : '';
  const span = `${new Date(silence.fromMs).toISOString()} - ${new Date(silence.untilMs).toISOString()}${ends}`;
  const matchers = silence.matchers.map(renderAlertMatcher).join(', ');
  const said = [silence.id, status, span, silence.author, `{${matchers}}`, silence.reason];
  return said.map(toVisibleText).join('  ');
}

function toJson(silence: Silence, nowMs: number): string {
  const { id, author, reason, matchers } = silence;
  return JSON.stringify({
    id,
    status: silenceStatus(silence, nowMs),
    from: new Date(silence.fromMs).toISOString(),
    until: new Date(silence.untilMs).toISOString(),
    author,
    reason,
    matchers: matchers.map(renderAlertMatcher),
  });
}
