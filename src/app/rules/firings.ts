// What fired in a past, and how long: transitions laid together by alert.
import { compareText } from '#core/compare-text.ts';
import type { Verdict } from '#core/detect/verdict.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import type { Labels } from '#core/labels.ts';

/** One firing of one alert. */
export interface Firing {
  readonly alert: string;
  readonly fingerprint: string;
  readonly labels: Labels;
  readonly isShadow: boolean;
  /** When the condition became true, when it fired, when it was over; `null`: it still fired at the end. */
  readonly sinceAtMs: number;
  readonly firedAtMs: number;
  readonly resolvedAtMs: number | null;
  /** Of the transition that fired. */
  readonly verdict: Verdict;
  readonly peak: Verdict;
  readonly summary: string;
}

/** Gathers firings. */
export class Firings {
  readonly #open = new Map<string, Firing>();
  readonly #all = new Map<string, Firing>();
  /** Alerts that were pending and never fired. */
  pendingOnly = 0;

  /** Takes the next transition. */
  take(transition: AlertTransition): void {
    const { status, fingerprint, atMs, sinceAtMs, verdict, peak } = transition;
    if (status === 'inactive') this.pendingOnly += 1;
    if (status === 'firing') {
      const { alert, labels, isShadow, annotations } = transition;
      const named = { alert, fingerprint, labels, isShadow, summary: annotations['summary'] ?? '' };
      this.#put({ ...named, sinceAtMs, firedAtMs: atMs, resolvedAtMs: null, verdict, peak });
    }
    const open = this.#open.get(fingerprint);
    if (status !== 'resolved' || open === undefined) return;
    this.#put({ ...open, resolvedAtMs: atMs, peak });
    this.#open.delete(fingerprint);
  }

  #put(firing: Firing): void {
    this.#open.set(firing.fingerprint, firing);
    this.#all.set(`${firing.fingerprint} ${firing.firedAtMs}`, firing);
  }

  /** All, by the time at which they fired. */
  list(): readonly Firing[] {
    return [...this.#all.values()].sort(
      (a, b) => a.firedAtMs - b.firedAtMs || compareText(a.fingerprint, b.fingerprint),
    );
  }
}

/** `UpstreamConnectionTermination on checkout v1 -> payments v2`: who it is about, short; other labels in braces where no service is named. */
export function renderSubject({ alert, labels }: Pick<Firing, 'alert' | 'labels'>): string {
  const end = (side: string): string => {
    const known = [labels[`${side}_service`], labels[`${side}_version`]];
    return known.filter((name) => name !== undefined && name !== 'unknown').join(' ');
  };
  const ends = [end('source'), end('destination')].filter((name) => name !== '');
  const names = ['flag', 'fault', 'party', 'reporter', 'data_center'].flatMap((name) => labels[name] ?? []);
  const about = ends.length > 0 ? ` ${ends.join(' -> ')}` : '';
  return `${alert}${about}${names.length === 0 ? '' : ` (${names.join(', ')})`}`;
}
