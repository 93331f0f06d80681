// Threads that share out the services tell to the byte what one tells: the same alerts, in the same order, and the same messages.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backtest } from '#app/rules/backtest.ts';
import { backtestToJson } from '#app/rules/render-backtest.ts';
import { defaultSettings } from '#config/load-settings.ts';
import { parseRuleSet } from '#config/parse-rules.ts';
import type { WindowCount } from '#core/count/count-row.ts';
import { noCounts } from '#core/count/count-row.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import { anEdge } from '../../../test/support/builders.ts';
import type { PastSlot, PastSlots } from './past-slot.ts';
import { SlotCollector } from './past-slot.ts';
import { playSlots } from './play-slots.ts';

const windowMs = 10_000;
const windows = 700;
const startAtMs = Date.UTC(2026, 2, 2, 9);
const span = { fromMs: startAtMs, toMs: startAtMs + windows * windowMs };
const settings = { ...defaultSettings(), windowMs };
const folder = join(import.meta.dirname, '..', '..', '..', 'rules');
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml') && !name.endsWith('.test.yaml'));
const texts = files.map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));
const { rules } = parseRuleSet(texts, { windowMs });

const services = Array.from({ length: 12 }, (_, i) => `callee-${i}`);

/** Several services break at the same time, one goes quiet, and for a while nothing comes at all. */
function rowsOf(n: number, i: number): readonly WindowCount[] {
  const isBroken = n % 150 > 130 && i % 3 === 0;
  const isSilent = (n > 500 && i === 5) || (n > 300 && n < 310);
  if (isSilent) return [];
  return ['v1', n > 400 ? 'v2' : 'v1b'].map((version): WindowCount => {
    const failedCount = isBroken ? 40 : (n * 7 + i) % 90 === 0 ? 1 : 0;
    const windowStartAtMs = startAtMs + n * windowMs;
    return {
      ...noCounts,
      edge: anEdge({ destination_service: services[i] ?? '', destination_version: version }),
      requestCount: 200 + ((n * 31 + i) % 23),
      failedCount,
      flagCounts: failedCount === 0 ? {} : { UC: failedCount, [i % 2 === 0 ? 'UF' : 'DC']: 1 },
      examples: failedCount === 0 ? {} : { UC: [{ atMs: windowStartAtMs + 17, requestId: `r-${n}-${i}-${version}` }] },
      durations: [isBroken ? 70 : 20, 200],
      windowStartAtMs,
      windowEndAtMs: windowStartAtMs + windowMs,
      isComplete: n % 97 !== 0,
      late: null,
    };
  });
}

function slotsOf(): readonly PastSlot[] {
  const collector = new SlotCollector('test');
  for (let n = 0; n < windows; n += 1) {
    services.forEach((_, i) => {
      const rows = rowsOf(n, i);
      collector.add(rows);
      const faults = rows.filter(({ failedCount }) => failedCount > 1);
      collector.add(
        faults.map(({ edge, ...row }) => ({ ...row, ...noCounts, edge, faultCounts: { app_closed: 40 } })),
        'faults',
      );
    });
  }
  return collector.takeUntil(Number.POSITIVE_INFINITY);
}

const slots = slotsOf();
const past = (): PastSlots => ({
  slots: (async function* () {
    for (const slot of slots) yield await Promise.resolve(slot);
  })(),
  notes: () => ['a note'],
});
const play = async (jobs: number) => {
  const told: [AlertTransition[], AlertTransition[]] = [[], []];
  const totals = await playSlots(
    past(),
    [
      { rules, onTransition: (transition) => told[0].push(transition) },
      { rules: rules.slice(0, 3), onTransition: (transition) => told[1].push(transition) },
    ],
    { settings, span, jobs, minJobBytes: 1 },
  );
  return JSON.stringify({ totals, told });
};

describe('threads', () => {
  it('tell what one tells, in the same order', { timeout: 60_000 }, async () => {
    const one = await play(1);
    expect(one.length).toBeGreaterThan(100_000);
    expect(await play(2)).toBe(one);
    expect(await play(5)).toBe(one);
  });

  it('make the same messages', { timeout: 60_000 }, async () => {
    const rehearse = async (jobs: number) => {
      const one = {
        play: (runs: Parameters<typeof playSlots>[1]) =>
          playSlots(past(), runs, { settings, span, jobs, minJobBytes: 1 }),
      };
      return JSON.stringify(backtestToJson(await backtest(one, rules, settings), true));
    };
    const one = await rehearse(1);
    expect(JSON.parse(one)).toMatchObject({ messages: { posted: expect.any(Number) } });
    expect(await rehearse(3)).toBe(one);
  });

  it('name a block that cannot be read', async () => {
    const [slot] = slots;
    const broken = {
      name: 'block 4711',
      service: 'x',
      counts: Uint8Array.of(1, 0, 10, 1, 0, 2, 0, 1, 1, 0, 0, 9),
      durations: null,
    };
    const playing = playSlots(
      {
        slots: (async function* () {
          if (slot !== undefined) yield await Promise.resolve({ ...slot, blocks: [...slot.blocks, broken] });
        })(),
        notes: () => [],
      },
      [{ rules, onTransition: () => undefined }],
      { settings, span, jobs: 2, minJobBytes: 1 },
    );
    await expect(playing).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining('block 4711'),
    });
  });
});
