// Catalogue of response flags, part 3: what the caller did, and how long streams and connections may live.
import type { ResponseFlag } from './response-flag.ts';

/** DC, DR, DPE, IH, SI, DT. */
export const downstreamFlags: readonly ResponseFlag[] = [
  {
    shortName: 'DC',
    longName: 'DownstreamConnectionTermination',
    party: 'caller',
    marksFailure: true,
    meaning: {
      en: 'The caller’s connection closed before the answer was complete. On the destination’s line that is mostly the source’s proxy giving up (UT, SI), not the user.',
      ko: '응답이 끝나기 전에 호출자의 연결이 끊겼습니다. 목적지 쪽 로그라면 사용자가 떠난 것이 아니라 호출하는 쪽 프록시가 포기한 경우(UT, SI)가 대부분입니다.',
    },
    causes: [
      {
        en: 'A timeout of the caller (its application, its proxy, a load balancer in front) is shorter than this request took.',
        ko: '호출하는 쪽(애플리케이션, 프록시, 앞단 로드 밸런서)의 타임아웃이 요청 소요 시간보다 짧음.',
      },
      {
        en: 'The user closed the page or the app.',
        ko: '사용자가 페이지나 앱을 닫음.',
      },
      {
        en: 'The calling pod stopped or was replaced.',
        ko: '호출하는 쪽 파드가 종료되거나 교체됨.',
      },
    ],
    checks: [
      {
        command: 'flagwatch search --request REQUEST_ID',
        en: 'What does the source’s line say: UT, SI or UMSDR (too slow), or DC, too (the caller left)?',
        ko: '호출하는 쪽 로그를 확인합니다. UT, SI, UMSDR이면 응답이 느린 것이고, 똑같이 DC이면 호출자가 떠난 것입니다.',
      },
      {
        command: 'flagwatch search --trace TRACE_ID',
        en: 'Did requests become slower before callers left?',
        ko: '호출자가 떠나기 전에 요청이 느려졌는지 확인합니다.',
      },
      {
        command: 'kubectl get pods -n NAMESPACE -l app=CALLER --sort-by=.status.startTime',
        en: 'Were the caller’s pods replaced just now?',
        ko: '호출하는 쪽 파드가 방금 교체되었는지 확인합니다.',
      },
    ],
  },
  {
    shortName: 'DR',
    longName: 'DownstreamRemoteReset',
    party: 'caller',
    marksFailure: true,
    meaning: {
      en: 'The caller reset its HTTP/2 stream before the answer was complete: DC for one stream of a connection that lives on.',
      ko: '응답이 끝나기 전에 호출자가 HTTP/2 스트림을 리셋했습니다. 연결은 유지된 채 스트림 하나에만 일어난 DC에 해당합니다.',
    },
    causes: [
      {
        en: 'A gRPC deadline or a cancelled context of the caller.',
        ko: '호출자의 gRPC 데드라인 초과 또는 컨텍스트 취소.',
      },
      {
        en: 'The source’s proxy gave up (UT, SI, UMSDR) and reset the stream.',
        ko: '호출하는 쪽 프록시가 포기하고(UT, SI, UMSDR) 스트림을 리셋함.',
      },
      {
        en: 'A browser cancelled the request.',
        ko: '브라우저가 요청을 취소함.',
      },
    ],
    checks: [
      {
        command: 'flagwatch search --request REQUEST_ID',
        en: 'What does the source’s line say: a timeout, or a reset, too?',
        ko: '호출하는 쪽 로그가 타임아웃인지, 마찬가지로 리셋인지 확인합니다.',
      },
      {
        command: 'flagwatch search --trace TRACE_ID',
        en: 'How long did the call take, against the caller’s deadline?',
        ko: '호출 소요 시간을 호출자의 데드라인과 비교합니다.',
      },
      {
        command: 'kubectl logs SOURCE_POD -n NAMESPACE --since=10m',
        en: 'Does the caller log deadlines or cancelled calls?',
        ko: '호출자 로그에 데드라인 초과나 호출 취소가 있는지 확인합니다.',
      },
    ],
  },
  {
    shortName: 'DPE',
    longName: 'DownstreamProtocolError',
    party: 'caller',
    marksFailure: true,
    meaning: {
      en: 'The caller sent something that is not valid HTTP, so the proxy refused it and sent nothing on.',
      ko: '호출자가 올바른 HTTP가 아닌 데이터를 보내 프록시가 거부했으며, 업스트림으로는 전달되지 않았습니다.',
    },
    causes: [
      {
        en: 'Another protocol on an HTTP port: TLS, a raw TCP protocol, HTTP/2 where HTTP/1.1 is expected.',
        ko: 'HTTP 포트에 다른 프로토콜로 접속: TLS, 순수 TCP, HTTP/1.1 포트에 HTTP/2.',
      },
      {
        en: 'A scanner or a broken client.',
        ko: '스캐너 또는 결함 있는 클라이언트.',
      },
      {
        en: 'Headers that are too large or contradict each other.',
        ko: '지나치게 크거나 서로 모순되는 헤더.',
      },
    ],
    checks: [
      {
        command: 'flagwatch search --deploy DEPLOY_ID',
        en: 'Is it one caller, or one deploy of a caller?',
        ko: '특정 호출자나 특정 배포에서만 발생하는지 확인합니다.',
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
    shortName: 'IH',
    longName: 'InvalidEnvoyRequestHeaders',
    party: 'caller',
    marksFailure: true,
    meaning: {
      en: 'The caller set an x-envoy-* header to a value that the proxy does not accept; answered with 400.',
      ko: '호출자가 x-envoy-* 헤더에 프록시가 허용하지 않는 값을 넣어 400으로 거부되었습니다.',
    },
    causes: [
      {
        en: 'The caller’s code writes a timeout or retry header in the wrong format (the details name the header).',
        ko: '호출자 코드가 타임아웃이나 재시도 헤더를 잘못된 형식으로 작성함(details에 헤더 이름이 기록됨).',
      },
      {
        en: 'A user sends such headers through a gateway that does not remove them.',
        ko: '외부 사용자가 보낸 헤더를 게이트웨이가 제거하지 않음.',
      },
    ],
    checks: [
      {
        command: 'flagwatch search --request REQUEST_ID',
        en: 'Which header do the response code details name?',
        ko: 'response code details에 기록된 헤더 이름을 확인합니다.',
      },
      {
        command: 'kubectl rollout history deployment/CALLER -n NAMESPACE',
        en: 'Did it begin with a deploy of the caller?',
        ko: '호출하는 쪽 배포와 함께 시작되었는지 확인합니다.',
      },
      {
        command: 'kubectl get envoyfilter -A',
        en: 'Does a filter add such headers, or make the check stricter?',
        ko: '해당 헤더를 추가하거나 검사를 더 엄격하게 만드는 필터가 있는지 확인합니다.',
      },
    ],
  },
  {
    shortName: 'SI',
    longName: 'StreamIdleTimeout',
    party: 'callee',
    marksFailure: true,
    meaning: {
      en: 'Nothing moved on the stream for the idle timeout. 504: the answer did not come. 408: the caller stalled while sending its request.',
      ko: '유휴 타임아웃 동안 스트림에 아무 데이터도 오가지 않았습니다. 504는 응답이 오지 않은 것이고, 408은 호출자가 요청을 보내다 멈춘 것입니다.',
    },
    causes: [
      {
        en: 'The destination hangs: a lock, a dead dependency, a full thread pool.',
        ko: '목적지 멈춤: 락, 응답 없는 의존 서비스, 가득 찬 스레드 풀.',
      },
      {
        en: 'A long poll or a stream without heartbeats is longer than the idle timeout.',
        ko: '롱 폴링이나 하트비트 없는 스트림이 유휴 타임아웃보다 김.',
      },
      {
        en: 'With 408: a slow or broken client, or a lost network path.',
        ko: '408인 경우: 느리거나 결함 있는 클라이언트, 또는 네트워크 단절.',
      },
    ],
    checks: [
      {
        command: 'flagwatch search --request REQUEST_ID',
        en: '504 or 408: which side stopped?',
        ko: '504인지 408인지, 어느 쪽이 멈췄는지 확인합니다.',
      },
      {
        command: 'kubectl logs DESTINATION_POD -n NAMESPACE --since=10m',
        en: 'What was the application waiting for?',
        ko: '애플리케이션이 무엇을 기다리고 있었는지 확인합니다.',
      },
      {
        command: 'istioctl proxy-config routes SOURCE_POD -n NAMESPACE -o json | grep -i idleTimeout',
        en: 'Which idle timeout holds, and does it fit this kind of stream?',
        ko: '적용된 유휴 타임아웃이 이 스트림에 적절한지 확인합니다.',
      },
    ],
  },
  {
    shortName: 'DT',
    longName: 'DurationTimeout',
    party: 'mesh',
    marksFailure: true,
    meaning: {
      en: 'The connection lived longer than its maximum duration, so the proxy closed it.',
      ko: '연결이 최대 지속 시간을 초과하여 프록시가 닫았습니다.',
    },
    causes: [
      {
        en: 'A long-lived TCP connection (database, queue, WebSocket) met a maximum connection duration.',
        ko: '오래 유지되는 TCP 연결(데이터베이스, 큐, WebSocket)이 최대 연결 시간에 도달함.',
      },
      {
        en: 'The limit was made shorter, for instance to spread connections again.',
        ko: '연결 재분산 등을 위해 제한 시간을 줄임.',
      },
    ],
    checks: [
      {
        command:
          'kubectl get destinationrule,envoyfilter -A -o yaml | grep -i -B 3 "maxConnectionDuration\\|max_connection_duration\\|max_downstream_connection_duration"',
        en: 'Who set the limit, and for which ports?',
        ko: '누가 어떤 포트에 제한을 설정했는지 확인합니다.',
      },
      {
        command: 'istioctl proxy-config listeners POD -n NAMESPACE -o json | grep -i duration',
        en: 'Which limit does this proxy really have?',
        ko: '이 프록시에 실제로 적용된 제한을 확인합니다.',
      },
      {
        command: 'kubectl logs SOURCE_POD -n NAMESPACE --since=10m',
        en: 'Does the caller reconnect cleanly, or fail?',
        ko: '호출자가 정상적으로 재연결하는지, 실패하는지 확인합니다.',
      },
    ],
  },
];
