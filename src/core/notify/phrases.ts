// The words of the messages, in English and Korean. Figures come in as text; render decides which language stands where.
import type { Language } from '#core/classify/response-flag.ts';
import type { VerdictUnit } from '#core/detect/verdict.ts';
import { renderDuration } from '#core/duration.ts';
import type { IncidentReply } from './incident.ts';
import type { ComparisonFacts } from './verdict-phrases.ts';

/** Languages of messages. `both`: English, with the Korean line under it. */
export const messageLanguages = ['en', 'ko', 'both'] as const;
export type MessageLanguage = (typeof messageLanguages)[number];

/** What the sentences are made of, all of it plain text on one line. */
export interface SentenceFacts {
  /** The flag, or `null` where the alert is about more than one. */
  readonly flag: string | null;
  /** What the numbers are. */
  readonly unit: VerdictUnit;
  /** A new version beside the old one, where the alert is about that. */
  readonly comparison: ComparisonFacts | null;
  readonly alert: string;
  /** `checkout -> payments v2`, or `null`. */
  readonly edge: string | null;
  /** Selected lines, all lines, and their share, in one window. */
  readonly now: Share;
  readonly peak: Share & { readonly z: string | null };
  /** Over the whole incident. */
  readonly total: Share;
  readonly usual: string | null;
  readonly windowMs: number;
  readonly since: string;
  /** From the start to the resolution. */
  readonly span: string;
  readonly lastedMs: number;
  /** Deploys that the labels name, the likeliest cause first: `d-1057` of `payments v2`. */
  readonly deploys: readonly { readonly id: string; readonly of: string }[];
}

/** Part, whole and their ratio, as text. */
export interface Share {
  readonly part: string;
  readonly whole: string;
  readonly percent: string | null;
}

/** One language's words. */
export interface Phrases {
  readonly labels: Readonly<Record<FieldName, string>>;
  readonly headings: { readonly steps: string; readonly requests: string };
  readonly runbook: string;
  readonly none: string;
  usually(who: string): string;
  firing(facts: SentenceFacts): string;
  resolved(facts: SentenceFacts): string;
  /** `48 of 600 requests in 10s (8.0 %)`. */
  share(share: Share, windowMs: number | null): string;
  perWindow(usual: string | null, windowMs: number): string;
  worst(peak: SentenceFacts['peak'], windowMs: number, at: string): string;
  deploy(id: string, of: string): string;
  seenBy(reporter: string): string;
  duration(durationMs: number): string;
  /** Of a message about several alerts. */
  alertCounts(counts: { readonly firing: number; readonly resolved: number }): string;
  andMore(count: number): string;
  more(count: number): string;
  sinceOrOver(isFiring: boolean, at: string): string;
  /** What is said below a message. */
  reply(kind: IncidentReply['kind'], facts: ReplyFacts): string;
  /** First checks where no flag says which. */
  readonly genericSteps: readonly string[];
}

/** What a reply may name, as plain text on one line. */
interface ReplyFacts {
  readonly severity: string;
  /** How long the incident has lasted. */
  readonly durationMs: number;
  /** Of a silence. */
  readonly author: string;
  readonly until: string;
  readonly leftMs: number;
  /** Name of an alert, and where. */
  readonly cause: string;
}

/** The facts that a message shows below its summary. */
export type FieldName =
  | 'now'
  | 'usual'
  | 'score'
  | 'since'
  | 'fromTo'
  | 'lasted'
  | 'worst'
  | 'affected'
  | 'deploy'
  | 'where'
  | 'severity'
  | 'owner'
  | 'rule';

const percentOf = ({ percent }: Share): string => (percent === null ? '' : ` (${percent})`);
// Korean sets no space before a bracket.
const koreanPercentOf = ({ percent }: Share): string => (percent === null ? '' : `(${percent})`);

const english: Phrases = {
  labels: {
    now: 'Now',
    usual: 'Usually',
    score: 'z-score',
    since: 'Since',
    fromTo: 'From - to',
    lasted: 'Lasted',
    worst: 'At its worst',
    affected: 'Requests affected',
    deploy: 'Deploy',
    where: 'Where',
    severity: 'Severity',
    owner: 'Owner',
    rule: 'Rule',
  },
  headings: { steps: 'What to do first', requests: 'Requests to begin with' },
  runbook: 'Runbook',
  none: 'not set',
  usually: (who) => `usually ${who}`,
  firing: (facts) => {
    const deploys = facts.deploys
      .slice(0, 1)
      .map(({ id, of }) => `, since deploy ${id} of ${of}`)
      .join('');
    const usual = facts.usual === null ? 'over the rule’s fixed limit' : `usual is ${facts.usual}`;
    return `${sentence(facts, facts.now)} in ${renderDuration(facts.windowMs)}; ${usual}. Since ${facts.since}${deploys}.`;
  },
  resolved: (facts) => {
    const z = facts.peak.z === null ? '' : `, z ${facts.peak.z}`;
    const worst = `${facts.peak.part} of ${facts.peak.whole} in ${renderDuration(facts.windowMs)}${percentOf(facts.peak)}${z}`;
    return `Over: ${sentence(facts, facts.total)} in ${renderDuration(facts.lastedMs)}, ${facts.span}. At its worst ${worst}.`;
  },
  share: (share, windowMs) =>
    `${share.part} of ${share.whole} requests${windowMs === null ? '' : ` in ${renderDuration(windowMs)}`}${percentOf(share)}`,
  perWindow: (usual, windowMs) =>
    usual === null ? 'not asked: the limit is fixed' : `${usual} in ${renderDuration(windowMs)}`,
  worst: (peak, windowMs, at) => `${english.share(peak, windowMs)}${peak.z === null ? '' : `, z ${peak.z}`}, at ${at}`,
  deploy: (id, of) => `${id} of ${of}`,
  seenBy: (reporter) => `seen by the ${reporter}’s proxy`,
  duration: renderDuration,
  alertCounts: ({ firing, resolved }) =>
    firing === 0
      ? `All ${resolved} alerts are over:`
      : `${firing} firing${resolved === 0 ? '' : `, ${resolved} over`}:`,
  andMore: (count) => `and ${count} more`,
  more: (count) => `… and ${count} more`,
  sinceOrOver: (isFiring, at) => `${isFiring ? 'since' : 'over at'} ${at}`,
  reply: (kind, { severity, durationMs, author, until, leftMs, cause }) => {
    if (kind === 'follows') return `This follows from ${cause}: begin there.`;
    if (kind === 'severity') return `It got worse: severity is ${severity} by now.`;
    if (kind === 'reminder') return `Still firing after ${renderDuration(durationMs)}, severity ${severity}.`;
    return `The silence by ${author} ends in ${renderDuration(leftMs)}, at ${until}; it is still firing.`;
  },
  genericSteps: [
    'Look the requests below up by their id: the lines of both sides show which hop failed.',
    'Compare with what changed at that time: deploys, configuration, routes and policies.',
    'If one version alone fails, take traffic off it or roll it back.',
  ],
};

const korean: Phrases = {
  labels: {
    now: '지금',
    usual: '평소',
    score: 'z 점수',
    since: '시작',
    fromTo: '기간',
    lasted: '지속 시간',
    worst: '가장 심했을 때',
    affected: '영향받은 요청',
    deploy: '배포',
    where: '구간',
    severity: '심각도',
    owner: '담당',
    rule: '규칙',
  },
  headings: { steps: '먼저 할 일', requests: '먼저 볼 요청' },
  runbook: '런북',
  none: '지정되지 않음',
  usually: (who) => `보통 ${who}`,
  firing: (facts) => {
    const deploys = facts.deploys
      .slice(0, 1)
      .map(({ id, of }) => `, ${of}의 배포 ${id}부터`)
      .join('');
    const usual = facts.usual === null ? '규칙의 고정 한도 초과' : `평소 ${facts.usual}건`;
    return `${koreanSentence(facts, facts.now, korean.duration(facts.windowMs))} (${usual}). 시작: ${facts.since}${deploys}.`;
  },
  resolved: (facts) => {
    const z = facts.peak.z === null ? '' : `, z ${facts.peak.z}`;
    const window = korean.duration(facts.windowMs);
    const worst = `${window}에 ${facts.peak.whole}건 중 ${facts.peak.part}건${koreanPercentOf(facts.peak)}${z}`;
    const lasted = korean.duration(facts.lastedMs);
    return `종료: ${koreanSentence(facts, facts.total, lasted)} (${facts.span}). 가장 심했을 때 ${worst}.`;
  },
  share: (share, windowMs) =>
    `${windowMs === null ? '' : `${korean.duration(windowMs)}에 `}요청 ${share.whole}건 중 ${share.part}건${koreanPercentOf(share)}`,
  perWindow: (usual, windowMs) =>
    usual === null ? '해당 없음(고정 한도)' : `${korean.duration(windowMs)}에 ${usual}건`,
  worst: (peak, windowMs, at) => `${at}, ${korean.share(peak, windowMs)}${peak.z === null ? '' : `, z ${peak.z}`}`,
  deploy: (id, of) => `${of}의 ${id}`,
  seenBy: (reporter) => `${reporter === 'source' ? '호출하는 쪽' : '호출받는 쪽'} 프록시 기록`,
  duration: (durationMs) =>
    renderDuration(durationMs)
      .replace(/(\d+)(ms|[wdhms])/g, (_match, count: string, unit: string) => `${count}${koreanUnits[unit] ?? unit} `)
      .trimEnd(),
  alertCounts: ({ firing, resolved }) =>
    firing === 0
      ? `알림 ${resolved}건이 모두 종료되었습니다:`
      : `발생 중 ${firing}건${resolved === 0 ? '' : `, 종료 ${resolved}건`}:`,
  andMore: (count) => `외 ${count}건`,
  more: (count) => `… 외 ${count}건`,
  sinceOrOver: (isFiring, at) => `${at} ${isFiring ? '시작' : '종료'}`,
  reply: (kind, { severity, durationMs, author, until, leftMs, cause }) => {
    if (kind === 'follows') return `다른 알림에서 이어진 결과입니다: ${cause}. 먼저 그쪽을 확인하세요.`;
    if (kind === 'severity') return `더 심해졌습니다. 현재 심각도: ${severity}.`;
    if (kind === 'reminder') return `${korean.duration(durationMs)}째 계속 발생 중입니다. 심각도: ${severity}.`;
    return `${author} 님의 무음 설정이 ${korean.duration(leftMs)} 뒤(${until})에 끝납니다. 아직 발생 중입니다.`;
  },
  genericSteps: [
    '아래 요청을 ID로 찾으세요. 양쪽 로그에서 어느 구간이 실패했는지 보입니다.',
    '그 시각에 바뀐 것과 비교하세요: 배포, 설정, 라우트, 정책.',
    '한 버전만 실패하면 그 버전의 트래픽을 빼거나 롤백하세요.',
  ],
};

const koreanUnits: Readonly<Record<string, string>> = {
  w: '주',
  d: '일',
  h: '시간',
  m: '분',
  s: '초',
  ms: '밀리초',
};

/** The words of each language. */
export const phrases: Readonly<Record<Language, Phrases>> = { en: english, ko: korean };

function sentence({ flag, alert, edge }: SentenceFacts, share: Share): string {
  const ended = flag === null ? `match ${alert}` : `ended with ${flag}`;
  const on = edge === null ? '' : ` on ${edge}`;
  return `${share.part} of ${share.whole} requests${percentOf(share)}${on} ${ended}`;
}

function koreanSentence({ flag, alert, edge }: SentenceFacts, share: Share, span: string): string {
  const ended = flag === null ? `${alert} 조건에 해당했습니다` : `${flag} 플래그로 끝났습니다`;
  const on = edge === null ? '' : `${edge} `;
  return `${on}요청 ${share.whole}건 중 ${share.part}건${koreanPercentOf(share)}이 ${span} 동안 ${ended}`;
}
