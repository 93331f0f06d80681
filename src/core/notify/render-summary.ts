// The sentences and the figures of a message: which words fit what was measured. Used by render.
import type { Language } from '#core/classify/response-flag.ts';
import { findFlag } from '#core/classify/response-flags.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import type { SentenceFacts } from './phrases.ts';
import { phrases } from './phrases.ts';
import { comparisonPhrases, type Measure, type MeasureFacts, measurePhrases } from './verdict-phrases.ts';
import { cutText, toVisibleText } from './visible-text.ts';

/** Characters of a rule's own sentence. */
const maxAnnotation = 500;

/** For each language the rule's own sentence, where it has one, and the one that the numbers make. */
export function summaryLines(
  transition: AlertTransition,
  facts: SentenceFacts,
  languages: readonly Language[],
): readonly string[] {
  return languages.flatMap((language) => {
    const built = say(transition, facts, language);
    if (language === 'en') return [...ownSentence(transition, 'summary'), built];
    const own = ownSentence(transition, 'summary_ko');
    if (own.length > 0) return [...own, built];
    // Whatever language it is in, it is better than nothing; in a message of both it stands there already.
    return languages.length > 1 ? [built] : [built, ...ownSentence(transition, 'summary')];
  });
}

function ownSentence(transition: AlertTransition, name: string): readonly string[] {
  const text = annotationText(transition, name);
  return text === null ? [] : [cutText(text, maxAnnotation)];
}

function say(transition: AlertTransition, facts: SentenceFacts, language: Language): string {
  const isResolved = transition.status === 'resolved';
  if (facts.comparison !== null && !isResolved) return comparisonPhrases[language](facts.comparison, facts.since);
  if (isMeasure(facts.unit)) {
    const words = measurePhrases[facts.unit][language];
    const measured = toMeasureFacts(facts, language);
    return isResolved ? words.resolved(measured) : words.firing(measured);
  }
  if (isResolved) return phrases[language].resolved(facts);
  const flag = facts.flag === null ? null : findFlag(facts.flag);
  const meaning = flag === null ? '' : ` ${flag.shortName}: ${flag.meaning[language]}`;
  return `${phrases[language].firing(facts)}${meaning}`;
}

function isMeasure(unit: SentenceFacts['unit']): unit is Measure {
  return unit !== 'lines';
}

function toMeasureFacts(facts: SentenceFacts, language: Language): MeasureFacts {
  const { duration } = phrases[language];
  const { edge, usual, since, span } = facts;
  return {
    edge,
    now: facts.now.part,
    peak: facts.peak.part,
    usual,
    requests: facts.now.whole,
    window: duration(facts.windowMs),
    lasted: duration(facts.lastedMs),
    since,
    span,
  };
}

/** The figures of the fields; `affected` is `null` where what is measured is no count of requests that failed. */
export function renderFigures(facts: SentenceFacts, language: Language, peakAt: string) {
  const words = phrases[language];
  if (!isMeasure(facts.unit)) {
    return {
      now: words.share(facts.now, facts.windowMs),
      worst: words.worst(facts.peak, facts.windowMs, peakAt),
      usual: words.perWindow(facts.usual, facts.windowMs),
      affected: words.share(facts.total, null),
    };
  }
  const { value } = measurePhrases[facts.unit][language];
  const window = words.duration(facts.windowMs);
  return {
    now: value(facts.now.part, window),
    worst: `${value(facts.peak.part, window)} (${peakAt})`,
    usual: facts.usual === null ? words.perWindow(null, facts.windowMs) : value(facts.usual, window),
    affected: null,
  };
}

/** An annotation, its lines joined: they are one paragraph in a message. */
export function annotationText({ annotations }: AlertTransition, name: string): string | null {
  const value: unknown = Object.hasOwn(annotations, name) ? annotations[name] : undefined;
  if (typeof value !== 'string') return null;
  const text = toVisibleText(value.trim().replace(/\s*\n\s*/g, ' '));
  return text === '' ? null : text;
}
