// Why a request failed, in one sentence that an on-call engineer understands without knowing Envoy's flags.
import type { Fault } from '#core/classify/classification.ts';
import type { LocalizedText } from '#core/classify/response-flag.ts';
import { explainInEnglish } from './explain-in-english.ts';
import { explainInKorean } from './explain-in-korean.ts';
import type { FaultScene } from './fault-scene.ts';

/** What there is to say. */
export interface FaultStory {
  readonly fault: Fault;
  /** The request's first hop. */
  readonly head: FaultScene;
  /** The hop that broke, with its own fault; other than the first where that is a `dependency`. */
  readonly root: FaultScene;
  readonly rootFault: Fault;
  /** Name of what the callee itself was waiting for when its caller gave up. */
  readonly waitingFor: string | null;
}

/** The sentence in each language. Plain text on one line; names in it come from log lines. */
export function explainFault(story: FaultStory): LocalizedText {
  return { en: explainInEnglish(story), ko: explainInKorean(story) };
}

/** The sentence of a correction that takes an earlier result back. */
export function explainRetraction(): LocalizedText {
  return {
    en: 'A line that came late shows that this request did not fail, or is a part of another that did.',
    ko: '늦게 도착한 로그에 따르면 이 요청은 실패하지 않았거나 실패한 다른 요청의 일부입니다.',
  };
}
