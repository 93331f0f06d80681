// Catalogue of faults, part 2: too slow, too full, not to be reached.
import type { FaultEntry } from './fault-catalogue-entry.ts';

/** timeout, circuit_open, unreachable, no_endpoint, dependency. */
export const capacityFaults: readonly FaultEntry[] = [
  {
    name: 'timeout',
    title: { en: 'the called service was too slow for a limit', ko: '제한 시간 초과' },
    shows: {
      en: 'UT 504, SI 504 or UMSDR 504 at the proxy whose limit ran out, mostly the source’s. The destination’s line then says DC 0 (HTTP/2: DR 0), which looks like a caller that left but is not. Code 200 when the answer had begun.',
      ko: '제한 시간이 만료된 프록시(대부분 호출하는 쪽)에 UT 504, SI 504 또는 UMSDR 504가 기록됩니다. 이때 목적지 쪽 로그에는 DC 0(HTTP/2는 DR 0)이 남아 호출자가 떠난 것처럼 보이지만 그렇지 않습니다. 응답이 이미 시작되었다면 코드는 200입니다.',
    },
    causes: [
      {
        en: 'The application became slower: load, locks, garbage collection, a slow database.',
        ko: '애플리케이션이 느려짐: 부하, 락, 가비지 컬렉션, 느린 데이터베이스.',
      },
      {
        en: 'It waits for a call of its own that is slow (the request’s tree names it).',
        ko: '자신의 후속 호출이 느려 대기함(요청 트리에서 확인 가능).',
      },
      {
        en: 'The limit is shorter than the work takes: the VirtualService’s timeout or perTryTimeout.',
        ko: '작업 시간보다 짧은 제한: VirtualService의 timeout 또는 perTryTimeout.',
      },
    ],
    checks: [
      {
        command: 'flagwatch search --request REQUEST_ID',
        en: 'Which hop used up the time, and did it begin further on?',
        ko: '어느 구간에서 시간이 소요되었는지, 더 뒤쪽에서 시작된 것은 아닌지 확인합니다.',
      },
      {
        command: 'kubectl top pods -n NAMESPACE -l app=SERVICE --containers',
        en: 'Is it short of CPU (throttled) or of replicas?',
        ko: 'CPU 제한(스로틀링)이나 레플리카 부족이 없는지 확인합니다.',
      },
      {
        command: 'kubectl get virtualservice -n NAMESPACE -o yaml | grep -E "timeout|perTryTimeout"',
        en: 'Which limit ran out, and does it fit what the call usually takes?',
        ko: '어떤 제한이 만료되었는지, 평소 소요 시간에 비해 적절한지 확인합니다.',
      },
    ],
  },
  {
    name: 'circuit_open',
    title: { en: 'a circuit breaker was at its limit', ko: '서킷 브레이커 한도 도달' },
    shows: {
      en: 'UO 503 with overflow on the source’s line; the destination has no line, because nothing was sent.',
      ko: '호출하는 쪽 로그에 overflow와 함께 UO 503이 기록됩니다. 요청이 전송되지 않았으므로 목적지 쪽 로그는 없습니다.',
    },
    causes: [
      {
        en: 'The destination became slower, so that requests pile up before it.',
        ko: '목적지 응답이 느려져 요청이 쌓임.',
      },
      {
        en: 'Traffic grew beyond the connectionPool of the DestinationRule.',
        ko: '트래픽이 DestinationRule의 connectionPool 한도를 넘어섬.',
      },
      {
        en: 'Retries multiplied the load of a failure that began elsewhere.',
        ko: '다른 곳에서 시작된 장애에 재시도가 더해져 부하가 커짐.',
      },
    ],
    checks: [
      {
        command: 'kubectl get destinationrule -n NAMESPACE -o yaml',
        en: 'Which limits does connectionPool set?',
        ko: 'connectionPool에 어떤 한도가 설정되어 있는지 확인합니다.',
      },
      {
        command: 'kubectl top pods -n NAMESPACE -l app=SERVICE --containers',
        en: 'Is the destination short of CPU, of memory or of replicas?',
        ko: '목적지의 CPU, 메모리, 레플리카가 부족하지 않은지 확인합니다.',
      },
      {
        command: 'flagwatch search --deploy DEPLOY_ID',
        en: 'Did timeouts or errors of the same destination come before it?',
        ko: '같은 목적지의 타임아웃이나 오류가 먼저 발생했는지 확인합니다.',
      },
    ],
  },
  {
    name: 'unreachable',
    title: { en: 'no connection to the chosen host', ko: '선택된 호스트에 연결 불가' },
    shows: {
      en: 'UF 503 on the source’s line without a TLS error: refused (remote_connection_failure) or no answer (connection_timeout). TCP writes UF,URX with code 0. The destination has no line.',
      ko: '호출하는 쪽 로그에 TLS 오류 없이 UF 503이 기록됩니다. 연결 거부(remote_connection_failure) 또는 무응답(connection_timeout)이며, TCP는 코드 0과 UF,URX로 기록됩니다. 목적지 쪽 로그는 없습니다.',
    },
    causes: [
      {
        en: 'The pod is going away or gone, and its address is still known to the caller’s proxy.',
        ko: '파드가 종료 중이거나 이미 사라졌는데 호출하는 쪽 프록시가 아직 그 주소를 알고 있음.',
      },
      {
        en: 'The host has no sidecar and nothing listens on the port.',
        ko: '사이드카가 없는 호스트이며 해당 포트에서 수신하는 프로세스가 없음.',
      },
      {
        en: 'A NetworkPolicy, a firewall or a lost node drops the packets.',
        ko: 'NetworkPolicy, 방화벽 또는 노드 장애로 패킷이 유실됨.',
      },
    ],
    checks: [
      {
        command: 'kubectl get pods -n NAMESPACE -l app=SERVICE -o wide',
        en: 'Does a pod have the address of the line’s upstream_host, and is it ready?',
        ko: '로그의 upstream_host 주소를 가진 파드가 있는지, Ready 상태인지 확인합니다.',
      },
      {
        command: 'istioctl proxy-config endpoints SOURCE_POD -n NAMESPACE --cluster "outbound|PORT|SUBSET|HOST"',
        en: 'Does the caller’s proxy know the right addresses and ports?',
        ko: '호출하는 쪽 프록시가 올바른 주소와 포트를 알고 있는지 확인합니다.',
      },
      {
        command: 'kubectl get networkpolicy -A',
        en: 'Is the path between the two closed?',
        ko: '두 서비스 사이의 통신이 차단되어 있지 않은지 확인합니다.',
      },
    ],
  },
  {
    name: 'no_endpoint',
    title: { en: 'no healthy endpoint to send to', ko: '요청을 보낼 정상 엔드포인트 없음' },
    shows: {
      en: 'UH 503 no_healthy_upstream on the source’s line; the destination has no line.',
      ko: '호출하는 쪽 로그에 UH 503 no_healthy_upstream이 기록되며, 목적지 쪽 로그는 없습니다.',
    },
    causes: [
      {
        en: 'No pod is ready: scaled to zero, crash loop, a readiness probe that fails.',
        ko: 'Ready 상태인 파드가 없음: 레플리카 0, CrashLoop, readiness probe 실패.',
      },
      {
        en: 'The labels of the Service or of the subset fit no pod, often after a new version.',
        ko: 'Service나 subset의 레이블에 맞는 파드가 없음(새 버전 배포 직후에 흔함).',
      },
      {
        en: 'Outlier detection has ejected every host after errors.',
        ko: '앞선 오류 때문에 아웃라이어 감지가 모든 호스트를 제외함.',
      },
    ],
    checks: [
      {
        command: 'kubectl get endpointslices -n NAMESPACE -l kubernetes.io/service-name=SERVICE',
        en: 'Does the Service have ready endpoints?',
        ko: 'Service에 준비된 엔드포인트가 있는지 확인합니다.',
      },
      {
        command: 'istioctl proxy-config endpoints SOURCE_POD -n NAMESPACE --cluster "outbound|PORT|SUBSET|HOST"',
        en: 'Does the caller’s proxy see them, and is OUTLIER CHECK of any FAILED?',
        ko: '호출하는 쪽 프록시에 엔드포인트가 보이는지, OUTLIER CHECK가 FAILED인 것이 있는지 확인합니다.',
      },
      {
        command: 'kubectl get destinationrule -n NAMESPACE -o yaml',
        en: 'Do the subset’s labels fit the pods that run?',
        ko: 'subset 레이블이 실행 중인 파드와 일치하는지 확인합니다.',
      },
    ],
  },
  {
    name: 'dependency',
    title: { en: 'a call of the called service failed further on', ko: '뒤쪽 호출의 실패' },
    shows: {
      en: 'A 5xx on both sides like app_error, and the called service’s own outbound line of the same request failed, too. The root hop is the last one that failed.',
      ko: 'app_error처럼 양쪽에 5xx가 기록되지만, 같은 요청에서 호출받은 서비스의 outbound 로그도 실패했습니다. 실패한 마지막 구간이 근본 원인입니다.',
    },
    causes: [
      {
        en: 'A service further on is down, slow or answers with errors.',
        ko: '더 뒤쪽 서비스의 중단, 지연 또는 오류 응답.',
      },
      {
        en: 'A deploy further on: the service in the middle has not changed.',
        ko: '뒤쪽 서비스의 배포(중간 서비스는 변경되지 않음).',
      },
      {
        en: 'The service in the middle passes every failure on, with neither a fallback nor a retry.',
        ko: '중간 서비스가 대체 처리나 재시도 없이 실패를 그대로 전달함.',
      },
    ],
    checks: [
      {
        command: 'flagwatch search --request REQUEST_ID',
        en: 'Which hop is marked as the broken one? Its team acts.',
        ko: '어느 구간이 장애로 표시되었는지 확인합니다. 해당 서비스 담당 팀이 조치합니다.',
      },
      {
        command: 'flagwatch search --trace TRACE_ID',
        en: 'Do other requests fail at the same hop?',
        ko: '다른 요청도 같은 구간에서 실패하는지 확인합니다.',
      },
      {
        command: 'flagwatch search --deploy DEPLOY_ID',
        en: 'Did the root hop’s service get a new version just now?',
        ko: '근본 원인 구간의 서비스에 방금 새 버전이 배포되었는지 확인합니다.',
      },
    ],
  },
];
