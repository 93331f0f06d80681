// Flags in words: what `explain` prints and what messages give as first steps. Plain text; names may come from log lines.
import type { Party } from './classification.ts';
import type { Language, LocalizedText, ResponseFlag } from './response-flag.ts';
import { findFlag, responseFlags } from './response-flags.ts';

/** The parties of a fault, for people. */
export const partyNames: Readonly<Record<Party, LocalizedText>> = {
  none: { en: 'nobody', ko: '조치 불필요' },
  caller: { en: 'the team of the calling service', ko: '호출하는 서비스 담당 팀' },
  callee: { en: 'the team of the called service', ko: '호출받는 서비스 담당 팀' },
  mesh: { en: 'the platform team (mesh configuration)', ko: '플랫폼 팀(메시 설정)' },
  policy: { en: 'whoever owns the policy; it refused on purpose', ko: '해당 정책 담당자(의도된 거부)' },
  beyond: { en: 'the team of a service further on', ko: '그 뒤쪽 서비스 담당 팀' },
};

/** What stands above the parts of an explained flag or fault. */
export const headings = {
  meaning: { en: 'What it means', ko: '의미' },
  shows: { en: 'What the lines show', ko: '로그에 나타나는 모습' },
  causes: { en: 'Usual causes', ko: '주요 원인' },
  party: { en: 'Who acts', ko: '조치 주체' },
  failure: { en: 'A failure by itself', ko: '그 자체로 실패 여부' },
  yes: { en: 'yes', ko: '예' },
  no: { en: 'no', ko: '아니요' },
  checks: { en: 'Look first at', ko: '먼저 확인할 것' },
} as const satisfies Record<string, LocalizedText>;

// Longer than any flag that an extension would register; keeps a broken line from filling a message.
const maxUnknownNameLength = 40;

/** Everything about a flag (short or long name) as text of several lines; a flag that is not known gets a text as well. */
export function renderFlag(name: string, language: Language): string {
  const flag = findFlag(name);
  return flag === null ? renderUnknownFlag(name, language) : renderKnownFlag(flag, language);
}

/** First steps for a flag, one line each: what to look at, and the command. Empty for a flag that is not known. */
export function renderFlagSteps(name: string, language: Language): readonly string[] {
  return (findFlag(name)?.checks ?? []).map((check) => `${check[language]} ${check.command}`);
}

function renderKnownFlag(flag: ResponseFlag, language: Language): string {
  const heading = (key: keyof typeof headings) => headings[key][language];
  return [
    `${flag.shortName} (${flag.longName})`,
    '',
    `${heading('meaning')}: ${flag.meaning[language]}`,
    `${heading('party')}: ${partyNames[flag.party][language]}`,
    `${heading('failure')}: ${heading(flag.marksFailure ? 'yes' : 'no')}`,
    '',
    `${heading('causes')}:`,
    ...flag.causes.map((cause) => `  - ${cause[language]}`),
    '',
    `${heading('checks')}:`,
    ...flag.checks.flatMap((check, i) => [`  ${i + 1}. ${check[language]}`, `     $ ${check.command}`]),
  ].join('\n');
}

function renderUnknownFlag(name: string, language: Language): string {
  const shown = name.slice(0, maxUnknownNameLength).replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '\ufffd');
  const texts: LocalizedText = {
    en: `${shown} is none of the ${responseFlags.length} flags of Envoy 1.40. Extensions register flags of their own, and new releases of Envoy add some. flagwatch keeps and counts it, and rules can select it; what it means, its extension’s documentation tells.`,
    ko: `${shown}은(는) Envoy 1.40의 응답 플래그 ${responseFlags.length}개에 없는 플래그입니다. 확장이 자체 플래그를 등록하거나 새 버전의 Envoy가 플래그를 추가할 수 있습니다. flagwatch는 이 플래그도 보존하고 집계하며 규칙에서 선택할 수 있습니다. 의미는 해당 확장의 문서를 확인하십시오.`,
  };
  return texts[language];
}
