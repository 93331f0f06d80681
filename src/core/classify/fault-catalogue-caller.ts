// Catalogue of faults, part 5: what the caller did, and what is no fault at all.
import type { FaultEntry } from './fault-catalogue-entry.ts';

/** none, client_error, caller_left, caller_protocol, caller_stalled. */
export const callerFaults: readonly FaultEntry[] = [
  {
    name: 'none',
    title: { en: 'nothing broke', ko: '장애 아님' },
    shows: {
      en: 'A success on every line, or a failed attempt that a retry saved: the caller got its answer. A destination’s line alone cannot know what the caller’s proxy made of it.',
      ko: '모든 로그가 성공이거나, 실패한 시도를 재시도가 만회하여 호출자는 정상 응답을 받았습니다. 다만 목적지 쪽 로그만으로는 호출하는 쪽 프록시의 최종 결과를 알 수 없습니다.',
    },
    causes: [
      {
        en: 'The request succeeded at the first attempt.',
        ko: '첫 시도에 성공함.',
      },
      {
        en: 'A retry on another pod succeeded; that retries are needed may still be worth a look.',
        ko: '다른 파드로의 재시도가 성공함(재시도가 필요했던 이유는 살펴볼 만함).',
      },
    ],
    checks: [
      {
        command: 'flagwatch search --request REQUEST_ID',
        en: 'Were there attempts that failed before?',
        ko: '그 전에 실패한 시도가 있었는지 확인합니다.',
      },
      {
        command: 'flagwatch search --deploy DEPLOY_ID',
        en: 'Are retries more frequent than in the version before?',
        ko: '이전 버전보다 재시도가 늘었는지 확인합니다.',
      },
      {
        command: 'kubectl get virtualservice -n NAMESPACE -o yaml | grep -A 6 "retries:"',
        en: 'Which retries are configured?',
        ko: '재시도가 어떻게 설정되어 있는지 확인합니다.',
      },
    ],
  },
  {
    name: 'client_error',
    title: { en: 'the application refused the request as wrong', ko: '애플리케이션의 4xx 응답' },
    shows: {
      en: 'A 4xx of the application with via_upstream on both sides. It is an answer, not a failure of the path, and does not count as a failed request.',
      ko: '양쪽 로그에 via_upstream과 함께 애플리케이션의 4xx가 기록됩니다. 통신 장애가 아니라 정상적인 응답이므로 실패한 요청으로 집계하지 않습니다.',
    },
    causes: [
      {
        en: 'What was asked for does not exist, or the input is not valid.',
        ko: '요청한 대상이 없거나 입력값이 올바르지 않음.',
      },
      {
        en: 'The caller has no right to it, by the application’s own rules.',
        ko: '애플리케이션 자체 규칙상 호출자에게 권한이 없음.',
      },
      {
        en: 'Caller and callee differ in the version of the interface, after a deploy of either.',
        ko: '한쪽의 배포 이후 양쪽의 인터페이스 버전이 서로 다름.',
      },
    ],
    checks: [
      {
        command: 'flagwatch search --deploy DEPLOY_ID',
        en: 'Did the share of 4xx rise with a deploy of the caller or of the callee?',
        ko: '호출자나 목적지의 배포 이후 4xx 비율이 늘었는지 확인합니다.',
      },
      {
        command: 'flagwatch search --request REQUEST_ID',
        en: 'Does the 4xx come from the application or from a policy of its proxy?',
        ko: '4xx가 애플리케이션의 응답인지 프록시 정책에 의한 것인지 확인합니다.',
      },
      {
        command: 'kubectl logs DESTINATION_POD -n NAMESPACE --since=10m',
        en: 'What did the application object to?',
        ko: '애플리케이션이 무엇을 문제로 판단했는지 확인합니다.',
      },
    ],
  },
  {
    name: 'caller_left',
    title: { en: 'the caller left before the answer was complete', ko: '응답 완료 전 호출자의 이탈' },
    shows: {
      en: 'DC (HTTP/2: DR) on both sides, or on the only side there is, where no proxy of the caller’s own gave up. Code 0 before the answer, 200 in the middle of it. A destination’s DC 0 alone mostly is a timeout.',
      ko: '호출하는 쪽 프록시가 포기한 것이 아닌데도 양쪽(또는 유일하게 남은 쪽) 로그에 DC(HTTP/2는 DR)가 기록됩니다. 응답 전이면 코드 0, 응답 도중이면 200입니다. 목적지 쪽에만 있는 DC 0은 대부분 타임아웃입니다.',
    },
    causes: [
      {
        en: 'A timeout or a deadline of the calling application is shorter than the call takes.',
        ko: '호출하는 애플리케이션의 타임아웃이나 데드라인이 호출 소요 시간보다 짧음.',
      },
      {
        en: 'The user closed the page, or cancelled.',
        ko: '사용자가 페이지를 닫거나 요청을 취소함.',
      },
      {
        en: 'The calling pod was stopped or replaced.',
        ko: '호출하는 쪽 파드가 종료되거나 교체됨.',
      },
    ],
    checks: [
      {
        command: 'flagwatch search --request REQUEST_ID',
        en: 'After how long did it leave? Always the same time means a timeout of the caller’s.',
        ko: '얼마 후에 이탈했는지 확인합니다. 매번 같은 시간이면 호출자의 타임아웃입니다.',
      },
      {
        command: 'kubectl logs SOURCE_POD -n NAMESPACE --since=10m',
        en: 'Does the caller log timeouts or cancelled calls?',
        ko: '호출자 로그에 타임아웃이나 호출 취소가 있는지 확인합니다.',
      },
      {
        command: 'kubectl get pods -n NAMESPACE -l app=CALLER --sort-by=.status.startTime',
        en: 'Were the caller’s pods replaced at that time?',
        ko: '해당 시각에 호출하는 쪽 파드가 교체되었는지 확인합니다.',
      },
    ],
  },
  {
    name: 'caller_protocol',
    title: { en: 'the caller sent something that the proxy cannot accept', ko: '처리할 수 없는 형식의 요청' },
    shows: {
      en: 'DPE 400 with an http1 or http2 codec error, or IH 400 for an x-envoy-* header; nothing was sent on.',
      ko: 'HTTP 코덱 오류와 함께 DPE 400이 기록되거나, x-envoy-* 헤더 문제로 IH 400이 기록됩니다. 요청은 업스트림으로 전달되지 않았습니다.',
    },
    causes: [
      {
        en: 'Another protocol on an HTTP port: TLS, raw TCP, HTTP/2 without agreement.',
        ko: 'HTTP 포트에 다른 프로토콜로 접속: TLS, 순수 TCP, 협상 없는 HTTP/2.',
      },
      {
        en: 'Headers that are too large, malformed or contradict each other.',
        ko: '지나치게 크거나 형식이 잘못되었거나 서로 모순되는 헤더.',
      },
      {
        en: 'A scanner, or a client library with a defect.',
        ko: '스캐너 또는 결함 있는 클라이언트 라이브러리.',
      },
    ],
    checks: [
      {
        command: 'flagwatch search --deploy DEPLOY_ID',
        en: 'Is it one caller, or one deploy of a caller?',
        ko: '특정 호출자나 호출자의 특정 배포에서만 발생하는지 확인합니다.',
      },
      {
        command: 'kubectl get service SERVICE -n NAMESPACE -o yaml | grep -E "name:|appProtocol|port"',
        en: 'Is the port declared as the protocol that callers speak?',
        ko: '포트가 호출자가 사용하는 프로토콜로 선언되어 있는지 확인합니다.',
      },
      {
        command: 'istioctl proxy-config log POD -n NAMESPACE --level http:debug',
        en: 'Which byte or header does the proxy object to? Set the level back afterwards.',
        ko: '프록시가 어떤 바이트나 헤더를 문제 삼는지 확인하고, 확인 후 로그 레벨을 되돌립니다.',
      },
    ],
  },
  {
    name: 'caller_stalled',
    title: { en: 'the caller stopped in the middle of its request', ko: '요청 전송 중 멈춤' },
    shows: {
      en: 'SI 408, or another limit with code 408: the time ran out while the request was still coming.',
      ko: 'SI 408 또는 코드 408의 다른 제한이 기록됩니다. 요청을 받는 도중에 제한 시간이 만료되었습니다.',
    },
    causes: [
      {
        en: 'A slow or broken network between the client and the gateway (mobile, uploads).',
        ko: '클라이언트와 게이트웨이 사이의 느리거나 불안정한 네트워크(모바일, 업로드).',
      },
      {
        en: 'The caller announces a body (Content-Length) that it does not send in full.',
        ko: '호출자가 Content-Length로 알린 본문을 끝까지 보내지 않음.',
      },
      {
        en: 'The calling application hangs while it writes the request.',
        ko: '호출하는 애플리케이션이 요청을 쓰는 도중 멈춤.',
      },
    ],
    checks: [
      {
        command: 'flagwatch search --request REQUEST_ID',
        en: 'How many bytes had come when the time ran out?',
        ko: '제한 시간이 만료될 때까지 받은 바이트 수를 확인합니다.',
      },
      {
        command: 'kubectl logs SOURCE_POD -n NAMESPACE --since=10m',
        en: 'Does the caller log a stalled or an aborted upload?',
        ko: '호출자 로그에 업로드 지연이나 중단이 있는지 확인합니다.',
      },
      {
        command: 'kubectl get envoyfilter,gateway -A -o yaml | grep -iE "stream_?idle_?timeout|request_?timeout"',
        en: 'Is the limit long enough for uploads over slow networks?',
        ko: '느린 네트워크의 업로드에도 충분한 제한 시간인지 확인합니다.',
      },
    ],
  },
];
