// Durations as people write them: `10s`, `1m30s`, `250ms`. Used by settings, rules and messages.
const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Milliseconds of a duration in Prometheus' notation (`1h30m`, units w d h m s ms, largest first), or `null`. */
export function parseDuration(text: string): number | null {
  if (text === '0') return 0;
  const match = /^(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/.exec(text);
  if (match === null || text === '') return null;
  const units = ['w', 'd', 'h', 'm', 's', 'ms'];
  let total = 0;
  units.forEach((unit, i) => {
    total += Number(match[i + 1] ?? 0) * (unitMs[unit] ?? 0);
  });
  return Number.isSafeInteger(total) ? total : null;
}

/** The shortest such text for whole milliseconds of 0 or more: `90000` gives `1m30s`. */
export function renderDuration(durationMs: number): string {
  if (durationMs <= 0) return '0s';
  let rest = Math.round(durationMs);
  let text = '';
  for (const [unit, size] of Object.entries(unitMs).sort((a, b) => b[1] - a[1])) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}
