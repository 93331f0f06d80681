// Catalogue of faults, part 1: the application answered, failed to answer, or stopped in the middle.
import type { FaultEntry } from './fault-catalogue-entry.ts';

/** app_error, app_down, app_closed, app_truncated, app_protocol. */
export const applicationFaults: readonly FaultEntry[] = [
  {
    name: 'app_error',
    title: { en: 'the application answered with an error', ko: '애플리케이션의 오류 응답' },
    shows: {
      en: 'A 5xx with via_upstream and no flag on both sides: the application itself answered so. URX on the source’s side when every attempt got such an answer.',
      ko: '양쪽 로그 모두 플래그 없이 via_upstream과 5xx가 기록됩니다. 애플리케이션이 직접 그렇게 응답한 것입니다. 모든 재시도가 같은 응답을 받으면 호출하는 쪽에 URX가 붙습니다.',
    },
    causes: [
      {
        en: 'A defect or an unhandled exception, often new with a deploy.',
        ko: '애플리케이션 결함 또는 처리되지 않은 예외(새 배포와 함께 나타나는 경우가 많음).',
      },
      {
        en: 'Configuration, a secret or a schema that does not fit the version that runs.',
        ko: '실행 중인 버전과 맞지 않는 설정, 시크릿 또는 스키마.',
      },
      {
        en: 'A database, queue or other dependency that is not called through the mesh fails.',
        ko: '메시를 거치지 않고 호출하는 데이터베이스나 큐 등 의존 시스템의 장애.',
      },
    ],
    checks: [
      {
        command: 'flagwatch search --deploy DEPLOY_ID',
        en: 'Does it come from one version only, and did it begin with a deploy? Then roll back first.',
        ko: '특정 버전에서만 발생하는지, 배포와 함께 시작되었는지 확인하고, 그렇다면 먼저 롤백합니다.',
      },
      {
        command: 'kubectl logs DESTINATION_POD -n NAMESPACE --since=10m',
        en: 'Which error does the application log at that time?',
        ko: '해당 시각에 애플리케이션이 어떤 오류를 남겼는지 확인합니다.',
      },
      {
        command: 'flagwatch search --request REQUEST_ID',
        en: 'Did a call of its own fail within the same request?',
        ko: '같은 요청 안에서 이 서비스의 후속 호출이 실패하지 않았는지 확인합니다.',
      },
    ],
  },
  {
    name: 'app_down',
    title: { en: 'the application does not accept connections', ko: '애플리케이션이 연결을 받지 않음' },
    shows: {
      en: 'UF 503 on the destination’s inbound line: its sidecar is up, nothing listens behind it. The source sees only 503 with via_upstream, as if the application had answered.',
      ko: '목적지 쪽(inbound) 로그에 UF 503이 기록됩니다. 사이드카는 살아 있지만 그 뒤에서 수신하는 프로세스가 없습니다. 호출하는 쪽에는 애플리케이션이 응답한 것처럼 via_upstream 503만 보입니다.',
    },
    causes: [
      {
        en: 'The application crashed or was killed for want of memory while its sidecar lived on.',
        ko: '사이드카는 살아 있는데 애플리케이션만 비정상 종료되었거나 메모리 부족(OOM)으로 종료됨.',
      },
      {
        en: 'It is still starting, and the pod has no readiness probe or one that is too lenient.',
        ko: '아직 기동 중인데 readiness probe가 없거나 기준이 느슨함.',
      },
      {
        en: 'It listens on another port than the Service’s targetPort, or on one address only.',
        ko: 'Service의 targetPort와 다른 포트 또는 특정 주소에서만 수신함.',
      },
    ],
    checks: [
      {
        command: 'kubectl describe pod DESTINATION_POD -n NAMESPACE',
        en: 'Did the application’s container restart, and with which reason (OOMKilled, Error)?',
        ko: '애플리케이션 컨테이너가 재시작되었는지, 그 사유(OOMKilled, Error)가 무엇인지 확인합니다.',
      },
      {
        command: 'kubectl logs DESTINATION_POD -n NAMESPACE --previous',
        en: 'What did it say before it went down?',
        ko: '종료되기 직전에 남긴 로그를 확인합니다.',
      },
      {
        command: 'kubectl get service SERVICE -n NAMESPACE -o jsonpath={.spec.ports}',
        en: 'Is the targetPort the port on which the application listens?',
        ko: 'targetPort가 애플리케이션이 실제로 수신하는 포트와 같은지 확인합니다.',
      },
    ],
  },
  {
    name: 'app_closed',
    title: {
      en: 'the application closed the connection before it answered',
      ko: '응답 전에 애플리케이션이 연결을 끊음',
    },
    shows: {
      en: 'UC or UR with upstream_reset_before_response_started on the destination’s inbound line; the source sees 503 with via_upstream. On the source’s own line only when the destination has no sidecar.',
      ko: '목적지 쪽(inbound) 로그에 UC 또는 UR과 upstream_reset_before_response_started가 기록되고, 호출하는 쪽에는 via_upstream 503이 보입니다. 목적지에 사이드카가 없으면 호출하는 쪽 로그에 직접 기록됩니다.',
    },
    causes: [
      {
        en: 'The process died while it worked on the request.',
        ko: '요청 처리 도중 프로세스가 종료됨.',
      },
      {
        en: 'Its keep-alive timeout is shorter than the proxy’s idle timeout, so that it closes a connection just as it is used again.',
        ko: '애플리케이션의 keep-alive 타임아웃이 프록시의 유휴 타임아웃보다 짧아, 재사용되는 순간의 연결을 끊음.',
      },
      {
        en: 'It was stopped by a deploy without finishing its open requests.',
        ko: '배포 중 처리하던 요청을 마치지 않고 종료됨.',
      },
    ],
    checks: [
      {
        command: 'kubectl get pods -n NAMESPACE -l app=SERVICE --sort-by=.status.startTime',
        en: 'Were pods replaced or restarted at that time?',
        ko: '해당 시각에 파드가 교체되거나 재시작되었는지 확인합니다.',
      },
      {
        command: 'kubectl logs DESTINATION_POD -n NAMESPACE --since=10m',
        en: 'Does the application log a crash, a shutdown or a limit on connections?',
        ko: '비정상 종료, 종료 절차, 연결 수 제한에 관한 로그가 있는지 확인합니다.',
      },
      {
        command: 'kubectl get destinationrule -n NAMESPACE -o yaml',
        en: 'Is idleTimeout shorter than the application’s keep-alive timeout, as it should be?',
        ko: 'idleTimeout이 애플리케이션의 keep-alive 타임아웃보다 짧게 설정되어 있는지 확인합니다.',
      },
    ],
  },
  {
    name: 'app_truncated',
    title: { en: 'the application broke off in the middle of its answer', ko: '응답 전송 중 중단' },
    shows: {
      en: 'UPE, UC or UR with a response that had started, mostly with code 200: the caller got the beginning of an answer and not its end. A view that counts codes alone misses it.',
      ko: '응답이 시작된 뒤에 UPE, UC 또는 UR이 기록되며 응답 코드는 대부분 200입니다. 호출자는 응답의 앞부분만 받았습니다. 응답 코드만 세는 지표로는 드러나지 않습니다.',
    },
    causes: [
      {
        en: 'The process died or ran out of memory while it streamed a large answer.',
        ko: '큰 응답을 전송하던 중 프로세스가 종료되거나 메모리가 부족해짐.',
      },
      {
        en: 'An exception after the headers had been sent: the server can only cut the connection then.',
        ko: '헤더를 보낸 뒤 예외 발생: 이때 서버가 할 수 있는 것은 연결을 끊는 것뿐임.',
      },
      {
        en: 'A wrong Content-Length, or a write timeout of the application’s own server.',
        ko: '잘못된 Content-Length 또는 애플리케이션 서버 자체의 쓰기 타임아웃.',
      },
    ],
    checks: [
      {
        command: 'kubectl logs DESTINATION_POD -n NAMESPACE --since=10m',
        en: 'Is there an exception or a restart at that time?',
        ko: '해당 시각에 예외나 재시작이 있었는지 확인합니다.',
      },
      {
        command: 'kubectl top pods -n NAMESPACE -l app=SERVICE --containers',
        en: 'Is the application near its memory limit?',
        ko: '애플리케이션이 메모리 한도에 근접했는지 확인합니다.',
      },
      {
        command: 'flagwatch search --request REQUEST_ID',
        en: 'How many bytes and how much time had passed when it broke off? Always the same means a limit.',
        ko: '중단될 때까지의 바이트 수와 시간을 확인합니다. 매번 같다면 어떤 한도에 걸린 것입니다.',
      },
    ],
  },
  {
    name: 'app_protocol',
    title: { en: 'the application answered something that is not valid HTTP', ko: '올바르지 않은 HTTP 응답' },
    shows: {
      en: 'UPE 502 on the destination’s inbound line before the response started; the source sees 502 with via_upstream.',
      ko: '목적지 쪽(inbound) 로그에 응답 시작 전 UPE 502가 기록되고, 호출하는 쪽에는 via_upstream 502가 보입니다.',
    },
    causes: [
      {
        en: 'The port speaks another protocol than it is declared for: TLS, raw TCP, HTTP/2 against HTTP/1.1.',
        ko: '선언된 것과 다른 프로토콜을 사용하는 포트: TLS, 순수 TCP, HTTP/2와 HTTP/1.1의 불일치.',
      },
      {
        en: 'Headers that HTTP does not allow: both Content-Length and Transfer-Encoding, invalid characters, too large.',
        ko: 'HTTP에서 허용되지 않는 헤더: Content-Length와 Transfer-Encoding의 중복, 잘못된 문자, 지나친 크기.',
      },
      {
        en: 'A hand-written or faulty HTTP server.',
        ko: '직접 구현했거나 결함이 있는 HTTP 서버.',
      },
    ],
    checks: [
      {
        command: 'kubectl get service SERVICE -n NAMESPACE -o yaml | grep -E "name:|appProtocol|port"',
        en: 'Is the port declared as the protocol that the application speaks?',
        ko: '포트가 애플리케이션이 실제로 사용하는 프로토콜로 선언되어 있는지 확인합니다.',
      },
      {
        command: 'istioctl proxy-config log DESTINATION_POD -n NAMESPACE --level http:debug',
        en: 'Which byte or header does the sidecar object to? Set the level back afterwards.',
        ko: '사이드카가 어떤 바이트나 헤더를 문제 삼는지 확인하고, 확인 후 로그 레벨을 되돌립니다.',
      },
      {
        command: 'flagwatch search --deploy DEPLOY_ID',
        en: 'Did it begin with a deploy (a new server, a new port)?',
        ko: '배포(서버나 포트 변경)와 함께 시작되었는지 확인합니다.',
      },
    ],
  },
];
