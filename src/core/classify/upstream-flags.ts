// Catalogue of response flags, part 2: the upstream was reached, and then broke off or took too long.
import type { ResponseFlag } from './response-flag.ts';

/** UC, UR, UPE, LR, UT, UMSDR. */
export const upstreamFlags: readonly ResponseFlag[] = [
  {
    shortName: 'UC',
    longName: 'UpstreamConnectionTermination',
    party: 'callee',
    marksFailure: true,
    meaning: {
      en: 'The upstream closed the connection while a request was open on it. With a code below 400 the answer had begun and is cut off.',
      ko: '요청을 처리하던 중에 업스트림이 연결을 끊었습니다. 응답 코드가 400 미만이면 응답이 시작된 뒤 중간에 잘린 것입니다.',
    },
    causes: [
      {
        en: 'The application crashed, was killed for memory, or stopped without draining.',
        ko: '애플리케이션 크래시, 메모리 부족에 의한 강제 종료(OOMKilled), 드레인 없는 종료.',
      },
      {
        en: 'Its keep-alive timeout is shorter than the proxy’s idle timeout, so it closes a connection that is just being used.',
        ko: '애플리케이션의 keep-alive 타임아웃이 프록시의 유휴 타임아웃보다 짧아, 막 사용하려는 연결을 끊음.',
      },
      {
        en: 'On the source’s line only: plaintext to a port that takes mTLS only, or a sidecar that went away.',
        ko: '호출하는 쪽 로그에만 있는 경우: mTLS만 받는 포트에 평문으로 접속했거나 목적지 사이드카가 종료됨.',
      },
    ],
    checks: [
      {
        command: 'kubectl describe pod DESTINATION_POD -n NAMESPACE | grep -A 6 "Last State"',
        en: 'Did the container restart, and was it OOMKilled?',
        ko: '컨테이너가 재시작했는지, OOMKilled였는지 확인합니다.',
      },
      {
        command: 'kubectl rollout history deployment/SERVICE -n NAMESPACE',
        en: 'Did it begin with a deploy? Then compare the versions, and roll back.',
        ko: '배포와 함께 시작되었는지 확인하고, 버전을 비교한 뒤 롤백합니다.',
      },
      {
        command: 'kubectl get destinationrule -n NAMESPACE -o yaml | grep -A 8 connectionPool',
        en: 'Is idleTimeout shorter than the application’s keep-alive timeout, as it should be?',
        ko: 'idleTimeout이 애플리케이션의 keep-alive 타임아웃보다 짧게 설정되어 있는지 확인합니다.',
      },
    ],
  },
  {
    shortName: 'UR',
    longName: 'UpstreamRemoteReset',
    party: 'callee',
    marksFailure: true,
    meaning: {
      en: 'The upstream reset the HTTP/2 stream of this request; the connection itself may live on.',
      ko: '업스트림이 이 요청의 HTTP/2 스트림을 리셋했습니다. 연결 자체는 유지될 수 있습니다.',
    },
    causes: [
      {
        en: 'The application cancelled the call: a panic in a handler, a deadline of its own, a size limit.',
        ko: '애플리케이션이 호출을 취소함: 핸들러 패닉, 자체 데드라인 초과, 크기 제한 초과.',
      },
      {
        en: 'The server is shutting down or refuses streams beyond its limit.',
        ko: '서버가 종료 중이거나 동시 스트림 한도를 넘은 요청을 거부함.',
      },
      {
        en: 'A proxy between (gateway, load balancer) gave up.',
        ko: '중간의 프록시(게이트웨이, 로드 밸런서)가 요청을 포기함.',
      },
    ],
    checks: [
      {
        command: 'flagwatch search --request REQUEST_ID',
        en: 'Does the destination’s own line show the reset, too? Then it is the application’s.',
        ko: '목적지 쪽 로그에도 리셋이 있는지 확인합니다. 있다면 애플리케이션이 리셋한 것입니다.',
      },
      {
        command: 'kubectl logs DESTINATION_POD -n NAMESPACE --since=10m',
        en: 'Is there a panic, a cancelled context or a limit at that time?',
        ko: '해당 시각에 패닉, 컨텍스트 취소, 한도 초과 로그가 있는지 확인합니다.',
      },
      {
        command: 'kubectl get events -n NAMESPACE --sort-by=.lastTimestamp',
        en: 'Were pods stopped or moved at that time?',
        ko: '해당 시각에 파드가 종료되거나 이동했는지 확인합니다.',
      },
    ],
  },
  {
    shortName: 'UPE',
    longName: 'UpstreamProtocolError',
    party: 'callee',
    marksFailure: true,
    meaning: {
      en: 'The upstream’s answer was not valid HTTP. Before it began: 502. In the middle of a body: the code stays, the answer is cut off.',
      ko: '업스트림의 응답이 올바른 HTTP가 아니었습니다. 응답 시작 전이면 502, 본문 중간이면 응답 코드는 그대로이지만 응답이 잘립니다.',
    },
    causes: [
      {
        en: 'The application closed in the middle of a body with a content length or chunks still open.',
        ko: 'Content-Length나 chunk가 남아 있는 상태에서 애플리케이션이 본문 전송 중에 연결을 닫음.',
      },
      {
        en: 'Protocols do not fit: HTTP/2 to an HTTP/1.1 port, or plaintext to TLS (port name, appProtocol).',
        ko: '프로토콜 불일치: HTTP/1.1 포트에 HTTP/2로, 또는 TLS 포트에 평문으로 접속(포트 이름, appProtocol 확인).',
      },
      {
        en: 'Headers that Envoy does not accept: too large, duplicated content length, forbidden characters.',
        ko: 'Envoy가 허용하지 않는 헤더: 크기 초과, 중복된 Content-Length, 금지된 문자.',
      },
    ],
    checks: [
      {
        command: 'kubectl get service SERVICE -n NAMESPACE -o yaml | grep -E "name:|appProtocol|port"',
        en: 'Does the port’s name or appProtocol say what the application speaks?',
        ko: '포트 이름이나 appProtocol이 애플리케이션의 실제 프로토콜과 일치하는지 확인합니다.',
      },
      {
        command: 'kubectl port-forward DESTINATION_POD -n NAMESPACE 18080:PORT',
        en: 'What does the application answer without the mesh (curl -sv http://127.0.0.1:18080/)?',
        ko: '메시를 거치지 않았을 때의 응답을 확인합니다(curl -sv http://127.0.0.1:18080/).',
      },
      {
        command: 'kubectl logs DESTINATION_POD -n NAMESPACE --since=10m',
        en: 'Did the handler fail while it was writing the body?',
        ko: '본문을 쓰는 도중에 핸들러가 실패했는지 확인합니다.',
      },
    ],
  },
  {
    shortName: 'LR',
    longName: 'LocalReset',
    party: 'callee',
    marksFailure: true,
    meaning: {
      en: 'The proxy itself reset the upstream stream before it was finished.',
      ko: '프록시가 업스트림 스트림을 완료 전에 스스로 리셋했습니다.',
    },
    causes: [
      {
        en: 'The upstream half-closed before it had read the whole request.',
        ko: '업스트림이 요청을 다 읽기 전에 연결을 절반만 닫음(half-close).',
      },
      {
        en: 'A connection pool was closed under the request: host removed, health check failed, cluster updated.',
        ko: '요청 처리 중에 연결 풀이 닫힘: 호스트 제거, 헬스 체크 실패, 클러스터 설정 변경.',
      },
      {
        en: 'A filter or a limit of the proxy broke the stream off.',
        ko: '프록시의 필터나 제한값이 스트림을 중단함.',
      },
    ],
    checks: [
      {
        command: 'flagwatch search --request REQUEST_ID',
        en: 'What do the response code details say in the braces?',
        ko: 'response code details의 중괄호 안에 기록된 원인을 확인합니다.',
      },
      {
        command: 'kubectl logs SOURCE_POD -n NAMESPACE -c istio-proxy --since=10m',
        en: 'Was configuration pushed, or hosts removed, at that time?',
        ko: '해당 시각에 설정이 배포되었거나 호스트가 제거되었는지 확인합니다.',
      },
      {
        command: 'kubectl get events -n NAMESPACE --sort-by=.lastTimestamp',
        en: 'Were pods replaced at that time?',
        ko: '해당 시각에 파드가 교체되었는지 확인합니다.',
      },
    ],
  },
  {
    shortName: 'UT',
    longName: 'UpstreamRequestTimeout',
    party: 'callee',
    marksFailure: true,
    meaning: {
      en: 'The answer was not complete within the route’s timeout (or that of a try), so the proxy gave up: 504, or a cut-off body.',
      ko: '라우트 타임아웃(또는 시도별 타임아웃) 안에 응답이 완료되지 않아 프록시가 포기했습니다. 504를 응답하거나 본문이 잘립니다.',
    },
    causes: [
      {
        en: 'The destination is slow: load, locks, garbage collection, a cold start.',
        ko: '목적지의 지연: 부하, 락 경합, GC, 콜드 스타트.',
      },
      {
        en: 'A dependency of the destination is slow.',
        ko: '목적지가 의존하는 서비스의 지연.',
      },
      {
        en: 'The timeout is shorter than this call normally takes.',
        ko: '타임아웃이 해당 호출의 평소 소요 시간보다 짧게 설정됨.',
      },
    ],
    checks: [
      {
        command: 'flagwatch search --trace TRACE_ID',
        en: 'On which hop was the time spent?',
        ko: '어느 홉에서 시간이 소요되었는지 확인합니다.',
      },
      {
        command: 'kubectl top pods -n NAMESPACE -l app=SERVICE',
        en: 'Is the destination at its CPU limit?',
        ko: '목적지가 CPU 한도에 도달했는지 확인합니다.',
      },
      {
        command: 'kubectl get virtualservice -n NAMESPACE -o yaml | grep -iE "timeout|attempts"',
        en: 'Which timeout holds, and does it fit the usual duration?',
        ko: '적용된 타임아웃이 평소 소요 시간에 맞는지 확인합니다.',
      },
    ],
  },
  {
    shortName: 'UMSDR',
    longName: 'UpstreamMaxStreamDurationReached',
    party: 'callee',
    marksFailure: true,
    meaning: {
      en: 'The stream to the upstream lived longer than its maximum duration, so the proxy ended it.',
      ko: '업스트림 스트림이 최대 지속 시간을 초과하여 프록시가 종료했습니다.',
    },
    causes: [
      {
        en: 'The destination answers too slowly for the limit.',
        ko: '목적지 응답이 제한 시간보다 느림.',
      },
      {
        en: 'A long stream (gRPC streaming, server-sent events, WebSocket) runs under a limit made for short requests.',
        ko: '긴 스트림(gRPC 스트리밍, SSE, WebSocket)에 짧은 요청용 제한이 적용됨.',
      },
    ],
    checks: [
      {
        command: 'istioctl proxy-config routes SOURCE_POD -n NAMESPACE -o json | grep -i -A 3 maxStreamDuration',
        en: 'Which limit holds on the route, and on the cluster?',
        ko: '라우트와 클러스터에 어떤 제한이 적용되어 있는지 확인합니다.',
      },
      {
        command:
          'kubectl get envoyfilter,destinationrule -A -o yaml | grep -i -B 3 "max_stream_duration\\|maxStreamDuration"',
        en: 'Who set it?',
        ko: '누가 설정했는지 확인합니다.',
      },
      {
        command: 'flagwatch search --trace TRACE_ID',
        en: 'Is it one slow hop, or a stream that is meant to be long?',
        ko: '특정 홉이 느린 것인지, 원래 오래 유지되는 스트림인지 확인합니다.',
      },
    ],
  },
];
