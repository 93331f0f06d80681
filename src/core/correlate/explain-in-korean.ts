// The Korean sentence about a failed request. Particles that depend on the sound before them stand after fixed words or
// digits only, since the names of services are not Korean.
import type { Fault } from '#core/classify/classification.ts';
import { renderDuration } from '#core/duration.ts';
import type { FaultStory } from './explain-fault.ts';
import type { FaultScene } from './fault-scene.ts';

/** One sentence. */
export function explainInKorean(story: FaultStory): string {
  const { fault, head, root, rootFault } = story;
  if (fault === 'dependency') {
    const cause = `${clauses[rootFault](root)}${clue(root, rootFault)}`;
    return `${callee(head)}에서 ${code(head.code)} 응답한 원인은 뒤쪽 호출의 실패로, ${cause}, ${seen(head, fault)}.`;
  }
  const waiting = fault === 'timeout' && story.waitingFor !== null ? `${story.waitingFor}의 응답을 기다리던 ` : '';
  return `${waiting}${clauses[fault](head)}${clue(head, fault)}, ${seen(head, fault)}.`;
}

const caller = (scene: FaultScene): string => scene.caller ?? '호출 측';
const callee = (scene: FaultScene): string => scene.callee ?? '호출 대상 서비스';
const callersProxy = (scene: FaultScene): string => `${caller(scene)} 프록시`;
const proxy = (scene: FaultScene): string =>
  scene.decidedBy === 'caller' ? callersProxy(scene) : `${callee(scene)} 사이드카`;

/** Who was called, where the caller's proxy knows: its line has no upstream that would say so. */
const lost = (scene: FaultScene): string =>
  scene.decidedBy === 'caller' && scene.callee !== null ? `(${scene.callee})` : '';

const clauses: Readonly<Record<Fault, (scene: FaultScene) => string>> = {
  none: (scene) => `${callee(scene)}에서 ${code(scene.code)} 응답했고`,
  client_error: (scene) => `${callee(scene)}에서 ${code(scene.code)} 응답했고`,
  app_error: (scene) => {
    if (scene.decidedBy === 'caller')
      return `${callee(scene)}에서 ${code(scene.code)} 응답했으나 원인을 알려 줄 로그가 그쪽에 없고`;
    const attempts = scene.attemptCount > 1 ? ` ${scene.attemptCount}번의 시도에 모두` : '';
    return `${callee(scene)} 애플리케이션에서${attempts} ${code(scene.code)} 응답했고`;
  },
  app_down: (scene) => `${callee(scene)} 사이드카는 동작하지만 애플리케이션이 연결을 받지 않았고`,
  app_closed: (scene) =>
    isReset(scene)
      ? `${callee(scene)}에서 응답 전에 스트림을 리셋했고`
      : `${callee(scene)}에서 응답 전에 연결을 끊었고`,
  app_truncated: (scene) => `${callee(scene)}에서 응답 도중에 전송을 중단했고`,
  app_protocol: (scene) => `${callee(scene)}에서 올바른 HTTP가 아닌 응답을 보냈고`,
  timeout: (scene) =>
    scene.code >= 100 && scene.code < 400
      ? `${callee(scene)}에서 ${proxy(scene)}의 제한 시간(${renderDuration(scene.durationMs)}) 안에 응답을 끝내지 못했고`
      : `${callee(scene)}에서 ${proxy(scene)}의 제한 시간(${renderDuration(scene.durationMs)}) 안에 응답하지 못했고`,
  circuit_open: (scene) =>
    `${callee(scene)}의 연결 또는 요청 수가 한도에 도달하여 ${proxy(scene)}에서 요청을 더 보내지 않았고`,
  unreachable: (scene) => `${proxy(scene)}에서 ${callee(scene)}에 연결${connectResult(scene)}`,
  no_endpoint: (scene) => `요청을 보낼 수 있는 정상 상태의 ${callee(scene)} 엔드포인트가 없었고`,
  no_route: (scene) => `${proxy(scene)}에 해당 요청${lost(scene)}의 라우트가 없었고`,
  no_cluster: (scene) => `${proxy(scene)}의 라우트가 존재하지 않는 클러스터 또는 서브셋을 가리켰고`,
  egress_blocked: (scene) => `${caller(scene)}에서 메시에 등록되지 않은 호스트를 호출하여 차단되었고`,
  tls: (scene) =>
    scene.decidedBy === 'callee'
      ? `${callee(scene)}에 필요한 mTLS를 ${callersProxy(scene)}에서 사용하지 않았고`
      : `${callersProxy(scene)}에서 ${callee(scene)}에 연결할 때 TLS 협상이 실패했고`,
  dns: (scene) => `${proxy(scene)}에서 ${callee(scene)}의 이름을 조회하지 못했고`,
  shed: (scene) => `${proxy(scene)}에서 과부하 또는 드롭 정책에 따라 요청을 버렸고`,
  injected: (scene) =>
    scene.flags.includes('DI')
      ? `${proxy(scene)}에 설정된 장애 주입으로 요청이 지연되었고`
      : `${proxy(scene)}에 설정된 장애 주입으로 요청이 중단되었고`,
  max_duration: (scene) => `연결이 허용된 시간보다 오래 지속되어 ${proxy(scene)}에서 종료했고`,
  denied: (scene) => `${proxy(scene)}에서 정책에 따라 요청을 거부했고`,
  rate_limited: (scene) => `요청 수 제한을 초과하여 ${proxy(scene)}에서 요청을 거부했고`,
  limiter_down: (scene) => `요청 수 제한 서비스가 응답하지 않아 ${proxy(scene)}에서 요청을 거부했고`,
  caller_left: (scene) => `${callee(scene)}의 응답이 끝나기 전에 ${caller(scene)}에서 연결을 끊었고`,
  caller_protocol: (scene) =>
    `${caller(scene)}에서 보낸 요청을 ${scene.decidedBy === 'caller' ? '자체 프록시' : proxy(scene)}에서 처리할 수 없었고`,
  caller_stalled: (scene) => `${caller(scene)}에서 요청을 보내던 도중에 전송을 멈추었고`,
  dependency: (scene) => `${callee(scene)}의 호출이 실패했고`,
};

function clue(scene: FaultScene, fault: Fault): string {
  if (scene.flags === '') return '';
  if (fault === 'caller_left' && scene.departure !== null) return `(양쪽 로그에 ${scene.flags})`;
  const at = scene.decidedBy === 'caller' ? callersProxy(scene) : '자체 사이드카';
  const departure =
    scene.departure === null || scene.departure === ''
      ? ''
      : `, 이 때문에 ${callee(scene)} 사이드카에는 ${scene.departure}`;
  return `(${at} 로그에 ${scene.flags}${departure})`;
}

function seen(scene: FaultScene, fault: Fault): string {
  const { callerSaw } = scene;
  if (callerSaw === null) return '호출 측 프록시의 로그는 없습니다';
  if (!scene.isHttp) return `${caller(scene)}의 연결은 실패했습니다`;
  if (fault === 'caller_left') {
    return callerSaw === 0 ? '응답은 전달되지 않았습니다' : '응답은 일부만 전달되었습니다';
  }
  const to = `${caller(scene)}에는`;
  if (callerSaw === 0) return `${to} 응답이 전달되지 않았습니다`;
  if (callerSaw >= 400) return `${to} ${callerSaw}${subjectParticle(callerSaw)} 반환되었습니다`;
  if (fault === 'injected') return `${to} ${callerSaw}${subjectParticle(callerSaw)} 늦게 반환되었습니다`;
  const isCut = fault === 'app_truncated' || fault === 'timeout' || fault === 'max_duration';
  return isCut
    ? `${to} 코드 ${callerSaw}, 응답의 일부만 전달되었습니다`
    : `${to} 그럼에도 ${callerSaw}${subjectParticle(callerSaw)} 반환되었습니다`;
}

function isReset(scene: FaultScene): boolean {
  return scene.flags.split(',').includes('UR');
}

function connectResult(scene: FaultScene): string {
  if (/refused/i.test(scene.details)) return '을 시도했으나 거부되었고';
  return /timeout/i.test(scene.details) ? '을 시도했으나 시간이 초과되었고' : '하지 못했고';
}

/** `503을`, `504를`: the particle follows the sound of the last digit. */
function code(value: number): string {
  if (value === 0) return '응답 코드 없이';
  return `${value}${endsInConsonant(value) ? '을' : '를'}`;
}

function subjectParticle(value: number): string {
  return endsInConsonant(value) ? '이' : '가';
}

// 영, 일, 삼, 육, 칠, 팔 end in a consonant; 이, 사, 오, 구 in a vowel.
function endsInConsonant(value: number): boolean {
  return [0, 1, 3, 6, 7, 8].includes(value % 10);
}
