// The words for verdicts that are not about a share of failed lines: response times, traffic, and a new version beside the old one.
import { unknownName } from '#core/attribute/traffic.ts';
import type { Language } from '#core/classify/response-flag.ts';
import type { VerdictUnit, VersionComparison } from '#core/detect/verdict.ts';
import { renderNumber, renderShare } from './figures.ts';
import { cutText, toVisibleText } from './visible-text.ts';

/** What the sentences are made of, all of it plain text on one line. */
export interface MeasureFacts {
  readonly edge: string | null;
  readonly now: string;
  readonly peak: string;
  readonly usual: string | null;
  readonly requests: string;
  /** Lengths in the reader's language. */
  readonly window: string;
  readonly lasted: string;
  readonly since: string;
  readonly span: string;
}

/** What is measured where it is no count of failed lines. */
export type Measure = Exclude<VerdictUnit, 'lines'>;

/** One language's words for a measure. */
interface MeasurePhrases {
  firing(facts: MeasureFacts): string;
  resolved(facts: MeasureFacts): string;
  /** A value with its unit. */
  value(figure: string, window: string): string;
}

/** A comparison as text. */
export interface ComparisonFacts {
  readonly verdict: VersionComparison['verdict'];
  readonly service: string;
  readonly newVersion: string;
  readonly oldVersion: string | null;
  /** `d-1057`, or `null` where the lines do not tell. */
  readonly deploy: string | null;
  /** `152 of 300 (50.7 %)`, by language. */
  readonly newFailed: Readonly<Record<Language, string>>;
  readonly oldFailed: Readonly<Record<Language, string>>;
  /** `99.9 %`. */
  readonly certainty: string;
}

const on = (edge: string | null, preposition = ' on '): string => (edge === null ? '' : `${preposition}${edge}`);

/** The words for each measure, in each language. */
export const measurePhrases: Readonly<Record<Measure, Readonly<Record<Language, MeasurePhrases>>>> = {
  ms: {
    en: {
      firing: ({ edge, now, usual, requests, window, since }) =>
        `Responses${on(edge)} take ${now} ms in ${window} (${requests} requests); ${usual === null ? 'over the rule’s fixed limit' : `usual is ${usual} ms`}. Since ${since}.`,
      resolved: ({ edge, peak, usual, lasted, span }) =>
        `Over: responses${on(edge)} took up to ${peak} ms for ${lasted}, ${span}${usual === null ? '' : `; usual is ${usual} ms`}.`,
      value: (figure) => `${figure} ms`,
    },
    ko: {
      firing: ({ edge, now, usual, requests, window, since }) =>
        `${on(edge, '')} 응답 시간이 ${window} 동안 ${now}ms입니다 (요청 ${requests}건, ${usual === null ? '규칙의 고정 한도 초과' : `평소 ${usual}ms`}). 시작: ${since}.`.trimStart(),
      resolved: ({ edge, peak, usual, lasted, span }) =>
        `종료: ${on(edge, '')} 응답 시간이 ${lasted} 동안 최대 ${peak}ms였습니다 (${span}${usual === null ? '' : `, 평소 ${usual}ms`}).`,
      value: (figure) => `${figure}ms`,
    },
  },
  age_ms: {
    en: {
      firing: ({ now, since }) => `It has been so for ${now} ms. Since ${since}.`,
      resolved: ({ peak, span }) => `Over: it was so for up to ${peak} ms, ${span}.`,
      value: (figure) => `${figure} ms`,
    },
    ko: {
      firing: ({ now, since }) => `${now}ms 동안 계속되고 있습니다. 시작: ${since}.`,
      resolved: ({ peak, span }) => `종료: 최대 ${peak}ms 동안 계속되었습니다 (${span}).`,
      value: (figure) => `${figure}ms`,
    },
  },
  requests: {
    en: {
      firing: ({ edge, now, usual, window, since }) =>
        `Traffic is missing${on(edge)}: ${now} requests in ${window}; ${usual === null ? 'what is usual is not known yet' : `usual is ${usual}`}. Since ${since}.`,
      resolved: ({ edge, peak, usual, window, lasted, span }) =>
        `Over: traffic${on(edge)} is back after ${lasted}, ${span}. At its worst ${peak} requests in ${window}${usual === null ? '' : `; usual is ${usual}`}.`,
      value: (figure, window) => `${figure} requests in ${window}`,
    },
    ko: {
      firing: ({ edge, now, usual, window, since }) =>
        `${on(edge, '')} 트래픽이 줄었습니다: ${window} 동안 요청 ${now}건 (${usual === null ? '평소 수준은 아직 모릅니다' : `평소 ${usual}건`}). 시작: ${since}.`.trimStart(),
      resolved: ({ edge, peak, usual, window, lasted, span }) =>
        `종료: ${on(edge, '')} 트래픽이 ${lasted} 만에 회복되었습니다 (${span}). 가장 심했을 때 ${window}에 ${peak}건${usual === null ? '' : `, 평소 ${usual}건`}.`,
      value: (figure, window) => `${window}에 요청 ${figure}건`,
    },
  },
};

/** The comparison of a verdict, as text; its names come from log lines. */
export function toComparisonFacts(comparison: VersionComparison, service: string | null): ComparisonFacts {
  const { newCount, newRequestCount, oldCount, oldRequestCount, newVersion, oldVersion, newDeployId } = comparison;
  return {
    verdict: comparison.verdict,
    service: service ?? '?',
    newVersion: toName(newVersion),
    oldVersion: oldVersion === null ? null : toName(oldVersion),
    deploy: newDeployId === unknownName || newDeployId === '' ? null : toName(newDeployId),
    newFailed: toFailed(newCount, newRequestCount),
    oldFailed: toFailed(oldCount, oldRequestCount),
    // Never "100 %": nothing is.
    certainty: `${Math.floor(comparison.certainty * 999.99) / 10} %`,
  };
}

function toFailed(count: number, requestCount: number): Readonly<Record<Language, string>> {
  const [part, whole] = [renderNumber(count), renderNumber(requestCount)];
  const share = renderShare(count, requestCount);
  return {
    en: `${part} of ${whole}${share === null ? '' : ` (${share})`}`,
    ko: `${whole}건 중 ${part}건${share === null ? '' : `(${share})`}`,
  };
}

/** Where nobody names versions the deploys are told apart. */
function isNamed(version: string): boolean {
  return version !== unknownName;
}

function toName(text: string): string {
  return cutText(toVisibleText(text), 100);
}

/** What a comparison says, a sentence or two. */
export const comparisonPhrases: Readonly<Record<Language, (facts: ComparisonFacts, since: string) => string>> = {
  en: ({ verdict, service, newVersion, oldVersion, newFailed, oldFailed, deploy, certainty }, since) => {
    const version = isNamed(newVersion)
      ? `${newVersion} of ${service}${deploy === null ? '' : ` (deploy ${deploy})`}`
      : `of ${service}, deploy ${deploy},`;
    const old =
      oldVersion === null
        ? 'there is no older version beside it'
        : `${isNamed(oldVersion) ? oldVersion : 'the deploy before'}: ${oldFailed.en}`;
    const seen = `${newFailed.en} requests failed; ${old}. Since ${since}.`;
    if (verdict === 'only_new')
      return `The new version ${version} fails and the old one does not: ${seen} Sure to ${certainty}.`;
    if (verdict === 'both')
      return `The new version ${version} and the old one both fail, so it is not the deploy: ${seen}`;
    if (verdict === 'suspect')
      return `The new version ${version} may fail more than the old one: ${seen} Sure to ${certainty}.`;
    if (verdict === 'fine') return `The new version ${version} fails no more than the old one: ${seen}`;
    return `Too few requests to judge the new version ${version}: ${seen}`;
  },
  ko: ({ verdict, service, newVersion, oldVersion, newFailed, oldFailed, deploy, certainty }, since) => {
    const version = isNamed(newVersion)
      ? `${service}의 새 버전 ${newVersion}${deploy === null ? '' : `(배포 ${deploy})`}`
      : `${service}의 새 배포 ${deploy}`;
    const old =
      oldVersion === null
        ? '비교할 이전 버전이 없습니다'
        : `${isNamed(oldVersion) ? `이전 버전 ${oldVersion}` : '이전 배포'}: ${oldFailed.ko}`;
    const seen = `요청 ${newFailed.ko} 실패, ${old}. 시작: ${since}.`;
    if (verdict === 'only_new') return `${version}만 실패하고 이전 버전은 정상입니다. ${seen} 확실성 ${certainty}.`;
    if (verdict === 'both') return `${version} 및 이전 버전이 모두 실패하므로 배포 때문이 아닙니다. ${seen}`;
    if (verdict === 'suspect') return `${version}: 이전 버전보다 더 실패하는 것 같습니다. ${seen} 확실성 ${certainty}.`;
    if (verdict === 'fine') return `${version}: 이전 버전보다 더 실패하지 않습니다. ${seen}`;
    return `${version}: 판단하기에는 요청이 너무 적습니다. ${seen}`;
  },
};

/** What to do first, where a comparison says it; `null` where it does not. */
export const comparisonSteps: Readonly<Record<Language, (facts: ComparisonFacts) => string | null>> = {
  en: ({ verdict, service, newVersion, oldVersion, oldFailed, deploy }) => {
    const named = isNamed(newVersion) ? ` (${newVersion})` : '';
    const what = deploy === null ? `${newVersion} of ${service}` : `deploy ${deploy} of ${service}${named}`;
    const old = oldVersion !== null && isNamed(oldVersion) ? oldVersion : 'the old version';
    if (verdict === 'only_new')
      return `Roll back ${what}${oldVersion === null ? '' : `: ${old} is fine, ${oldFailed.en} failed`}.`;
    if (verdict === 'both')
      return `Do not roll back ${what} for this: ${old} fails as well. Look at what both depend on.`;
    return null;
  },
  ko: ({ verdict, service, newVersion, oldVersion, oldFailed, deploy }) => {
    const named = isNamed(newVersion) ? ` ${newVersion}` : '';
    const what = deploy === null ? `${service}${named}` : `${service}${named}의 배포 ${deploy}`;
    const old = oldVersion !== null && isNamed(oldVersion) ? `이전 버전 ${oldVersion}` : '이전 버전';
    if (verdict === 'only_new')
      return `롤백하세요: ${what}.${oldVersion === null ? '' : ` ${old} 정상: ${oldFailed.ko} 실패.`}`;
    if (verdict === 'both')
      return `롤백으로는 해결되지 않습니다(${what}). 이전 버전도 실패합니다. 둘이 함께 의존하는 것을 보세요.`;
    return null;
  },
};
