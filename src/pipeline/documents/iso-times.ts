// Renders instants for documents. Every line needs two, so the part that a minute's lines share is rendered once.

const minuteMs = 60_000;
/** First instant that documents do not hold: the year 10000 has no four digits. */
const endOfTimeMs = 253_402_300_800_000;

/** Whether an instant (epoch milliseconds) can be rendered: 1970 to 9999. */
export function isRenderableTime(atMs: unknown): atMs is number {
  return Number.isInteger(atMs) && (atMs as number) >= 0 && (atMs as number) < endOfTimeMs;
}

/** Renders whole epoch milliseconds of 1970 to 9999; remembers the last minute and the last day. */
export class IsoTimes {
  #minute = -1;
  #minuteText = '';
  #day = -1;
  #dayText = '';

  /** `2026-11-21T05:21:17.136Z`. */
  render(atMs: number): string {
    const minute = Math.floor(atMs / minuteMs);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#minuteText = new Date(minute * minuteMs).toISOString().slice(0, 17);
    }
    const inMinuteMs = atMs - minute * minuteMs;
    const second = Math.floor(inMinuteMs / 1000);
    const ms = inMinuteMs - second * 1000;
    return `${this.#minuteText}${second < 10 ? '0' : ''}${second}.${ms < 10 ? '00' : ms < 100 ? '0' : ''}${ms}Z`;
  }

  /** UTC day of an instant as index names have it: `2026.11.21`. */
  day(atMs: number): string {
    const day = Math.floor(atMs / 86_400_000);
    if (day !== this.#day) {
      this.#day = day;
      this.#dayText = new Date(day * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '.');
    }
    return this.#dayText;
  }
}
