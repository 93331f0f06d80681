// Inhibition: one firing alert keeps others from being told, because it says what they would say, or because they follow from it.
import { unknownName } from '#core/attribute/traffic.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import type { Labels } from '#core/labels.ts';
import type { AlertMatcher } from './alert-matcher.ts';
import { alertLabels, compileAlertMatchers, labelOf } from './alert-matcher.ts';

/** An inhibition as it is configured. */
export interface InhibitRule {
  readonly sourceMatchers: readonly AlertMatcher[];
  readonly targetMatchers: readonly AlertMatcher[];
  /** Labels that both must have alike; missing in both counts as alike. */
  readonly equal: readonly string[];
  /** A label of the source → the label of the target that must have its value. Missing and `unknown` are alike to nothing. */
  readonly equalAcross?: Readonly<Record<string, string>>;
  /** How long a target that begins waits for its source, milliseconds: alerts of one moment come in any order. 0 without it. */
  readonly waitMs?: number;
  /** How long a target is still held when its source is over, milliseconds: what follows ends later. 0 without it. */
  readonly keepMs?: number;
}

/** A firing alert, as inhibition sees it. */
export interface FiringAlert {
  readonly fingerprint: string;
  /** `alertname` among them. */
  readonly labels: Labels;
  /** Event time at which it began: of several that inhibit each other in a circle, the first stays. */
  readonly sinceAtMs: number;
}

/** What inhibition looks at of a transition. */
export function firingAlertOf(transition: AlertTransition): FiringAlert {
  const { fingerprint, sinceAtMs } = transition;
  return { fingerprint, labels: alertLabels(transition), sinceAtMs };
}

/** The rules, compiled. */
export interface Inhibition {
  /** The firing alert that keeps `target` from being told, or `null`. */
  sourceOf(target: FiringAlert, firing: Iterable<FiringAlert>): FiringAlert | null;
  /** Of a chain of sources the first, which nothing inhibits; `null` where nothing inhibits `target`. */
  rootOf(target: FiringAlert, firing: Iterable<FiringAlert>): FiringAlert | null;
  /** Whether an alert with these labels may turn out to follow from another, by a rule with `equalAcross`. */
  mayFollow(labels: Labels): boolean;
  /** How long an alert with these labels waits for what may inhibit it, milliseconds. */
  waitMsOf(labels: Labels): number;
  /** How long it is held when what inhibited it is over, milliseconds. */
  keepMsOf(labels: Labels): number;
}

/**
 * Compiles the rules. An alert never inhibits itself. Without `equalAcross`, of two that are both source and target of a rule neither
 * inhibits the other; with it the labels say which of them follows. Of alerts that would inhibit each other in a circle, and that nothing
 * outside of it inhibits, the one that began first stays, of several the first by its labels. Throws `PatternError` on a pattern that is none.
 */
export function compileInhibition(rules: readonly InhibitRule[]): Inhibition {
  const compiled = rules.map(compileRule);
  const inhibits: Inhibits = (source, target) =>
    source.fingerprint !== target.fingerprint && compiled.some((rule) => rule.inhibits(source.labels, target.labels));
  const longest = (labels: Labels, timeOf: (rule: CompiledRule) => number): number =>
    Math.max(0, ...compiled.filter(({ isTarget }) => isTarget(labels)).map(timeOf));
  const sourceOf: Inhibition['sourceOf'] = (target, firing) => {
    if (!compiled.some(({ isTarget }) => isTarget(target.labels))) return null;
    const all = [...firing];
    const source = all.find((one) => inhibits(one, target)) ?? null;
    // What inhibits nothing is in no circle.
    if (source === null || !compiled.some(({ isSource }) => isSource(target.labels))) return source;
    return causeOf(target, all, inhibits);
  };
  return {
    sourceOf,
    rootOf: (target, firing) => {
      const all = [...firing];
      let root: FiringAlert | null = null;
      // Each step leaves a circle or is the last, so it ends.
      for (let next = sourceOf(target, all); next !== null; next = sourceOf(next, all)) root = next;
      return root;
    },
    mayFollow: (labels) => compiled.some(({ isAcross, isTarget }) => isAcross && isTarget(labels)),
    waitMsOf: (labels) => longest(labels, ({ waitMs }) => waitMs),
    keepMsOf: (labels) => longest(labels, ({ keepMs }) => keepMs),
  };
}

type Inhibits = (source: FiringAlert, target: FiringAlert) => boolean;

interface CompiledRule {
  readonly isAcross: boolean;
  readonly waitMs: number;
  readonly keepMs: number;
  isSource(labels: Labels): boolean;
  isTarget(labels: Labels): boolean;
  inhibits(source: Labels, target: Labels): boolean;
}

function compileRule(rule: InhibitRule): CompiledRule {
  const { equal, equalAcross = {}, waitMs = 0, keepMs = 0 } = rule;
  const isSource = compileAlertMatchers(rule.sourceMatchers);
  const isTarget = compileAlertMatchers(rule.targetMatchers);
  const across = Object.entries(equalAcross);
  return {
    isAcross: across.length > 0,
    waitMs,
    keepMs,
    isSource,
    isTarget,
    inhibits: (source, target) =>
      isSource(source) &&
      isTarget(target) &&
      equal.every((name) => labelOf(source, name) === labelOf(target, name)) &&
      across.every(([ofSource, ofTarget]) => isSameKnown(labelOf(source, ofSource), labelOf(target, ofTarget))) &&
      (across.length > 0 || !(isSource(target) && isTarget(source))),
  };
}

/** Two services that nobody knows are not therefore the same one. */
function isSameKnown(a: string, b: string): boolean {
  return a === b && a !== '' && a !== unknownName;
}

/** What `target` follows from, however many steps between; of a circle that follows from nothing else the alert that is told. */
function causeOf(target: FiringAlert, firing: readonly FiringAlert[], inhibits: Inhibits): FiringAlert | null {
  const after = reachedFrom(target, firing, inhibits);
  const before = reachedFrom(target, firing, (source, other) => inhibits(other, source));
  const outside = [...before].find((one) => !after.has(one));
  if (outside !== undefined) return outside;
  const first = [...before].reduce((a, b) => (isBefore(b, a) ? b : a), target);
  return first === target ? null : first;
}

/** Everything that follows from an alert, step by step. */
function reachedFrom(from: FiringAlert, firing: readonly FiringAlert[], inhibits: Inhibits): ReadonlySet<FiringAlert> {
  const reached = new Set<FiringAlert>();
  const rest = new Set(firing.filter(({ fingerprint }) => fingerprint !== from.fingerprint));
  const todo = [from];
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    for (const next of rest) {
      if (!inhibits(at, next)) continue;
      rest.delete(next);
      reached.add(next);
      todo.push(next);
    }
  }
  return reached;
}

function isBefore(a: FiringAlert, b: FiringAlert): boolean {
  return a.sinceAtMs < b.sinceAtMs || (a.sinceAtMs === b.sinceAtMs && nameOf(a) < nameOf(b));
}

function nameOf({ labels, fingerprint }: FiringAlert): string {
  return JSON.stringify([labelOf(labels, 'alertname'), Object.entries(labels).sort(), fingerprint]);
}
