// Catalogue of response flags, part 1: no usable upstream host could be reached.
import type { ResponseFlag } from './response-flag.ts';

/** UF, UH, UO, URX, LH, DF. */
export const reachFlags: readonly ResponseFlag[] = [
  {
    shortName: 'UF',
    longName: 'UpstreamConnectionFailure',
    party: 'callee',
    marksFailure: true,
    meaning: {
      en: 'The proxy could not open a connection to the chosen host. On the destination’s own line: its sidecar is up, the application behind it does not accept connections.',
      ko: '프록시가 선택한 호스트와 연결을 맺지 못했습니다. 목적지 쪽 로그라면 사이드카는 살아 있지만 그 뒤의 애플리케이션이 연결을 받지 않는 상태입니다.',
    },
    causes: [
      {
        en: 'The application is down, restarting, or listens on another port or only on 127.0.0.1.',
        ko: '애플리케이션이 내려갔거나 재시작 중이거나, 다른 포트 또는 127.0.0.1에서만 수신하고 있음.',
      },
      {
        en: 'TLS does not match: mTLS to a plaintext port, an expired certificate, an unknown CA (the transport failure reason names it).',
        ko: 'TLS 설정 불일치: 평문 포트로 mTLS 연결, 만료된 인증서, 신뢰하지 않는 CA 등(구체적인 원인은 transport failure reason에 기록됨).',
      },
      {
        en: 'Packets are dropped: NetworkPolicy, firewall, or a node that is gone (connection_timeout in the details).',
        ko: '패킷 유실: NetworkPolicy, 방화벽, 사라진 노드(details에 connection_timeout으로 기록됨).',
      },
    ],
    checks: [
      {
        command: 'kubectl get pods -n NAMESPACE -l app=SERVICE -o wide',
        en: 'Are the destination’s pods ready, and did they restart just now?',
        ko: '목적지 파드가 Ready 상태인지, 방금 재시작하지 않았는지 확인합니다.',
      },
      {
        command: 'istioctl proxy-config endpoints SOURCE_POD -n NAMESPACE --cluster "outbound|PORT|SUBSET|HOST"',
        en: 'Does the caller’s proxy know the right addresses and ports?',
        ko: '호출하는 쪽 프록시가 올바른 주소와 포트를 알고 있는지 확인합니다.',
      },
      {
        command: 'kubectl get peerauthentication,destinationrule -A',
        en: 'Do the TLS modes of both sides fit each other?',
        ko: '양쪽의 TLS 모드가 서로 맞는지 확인합니다.',
      },
    ],
  },
  {
    shortName: 'UH',
    longName: 'NoHealthyUpstream',
    party: 'callee',
    marksFailure: true,
    meaning: {
      en: 'The cluster has no host to send to: no endpoint at all, or every one is ejected or unhealthy. Nothing was sent.',
      ko: '클러스터에 요청을 보낼 호스트가 없습니다. 엔드포인트가 아예 없거나 모두 제외(eject)되었거나 비정상 상태이며, 요청은 전송되지 않았습니다.',
    },
    causes: [
      {
        en: 'No pod is ready: scaled to zero, crash loop, or a readiness probe that fails.',
        ko: 'Ready 상태인 파드가 없음: 레플리카 0, CrashLoop, readiness probe 실패.',
      },
      {
        en: 'The labels of the Service or of the subset select no pod, often after a new version.',
        ko: 'Service나 subset의 레이블에 맞는 파드가 없음(새 버전 배포 직후에 흔함).',
      },
      {
        en: 'Outlier detection has ejected all hosts, because they answered with errors before.',
        ko: '앞선 오류 응답 때문에 아웃라이어 감지가 모든 호스트를 제외함.',
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
        en: 'Do the subset’s labels fit the pods, and how strict is outlierDetection?',
        ko: 'subset 레이블이 파드와 일치하는지, outlierDetection 기준이 지나치게 엄격하지 않은지 확인합니다.',
      },
    ],
  },
  {
    shortName: 'UO',
    longName: 'UpstreamOverflow',
    party: 'callee',
    marksFailure: true,
    meaning: {
      en: 'A circuit breaker of the cluster was at its limit (connections, pending requests, requests or retries), so the proxy refused at once.',
      ko: '클러스터의 서킷 브레이커 한도(연결 수, 대기 요청 수, 요청 수, 재시도 수)에 도달하여 프록시가 요청을 즉시 거부했습니다.',
    },
    causes: [
      {
        en: 'The destination became slower, so requests pile up in front of it.',
        ko: '목적지 응답이 느려져 요청이 쌓임.',
      },
      {
        en: 'Traffic grew beyond the limits of the DestinationRule’s connectionPool.',
        ko: '트래픽이 DestinationRule의 connectionPool 한도를 넘어섬.',
      },
      {
        en: 'A storm of retries used up the budget for retries.',
        ko: '재시도가 폭주하여 재시도 한도를 모두 소진함.',
      },
    ],
    checks: [
      {
        command:
          'istioctl proxy-config clusters SOURCE_POD -n NAMESPACE --fqdn HOST -o json | grep -A 12 circuitBreakers',
        en: 'Which limits hold for this cluster?',
        ko: '이 클러스터에 어떤 한도가 적용되어 있는지 확인합니다.',
      },
      {
        command:
          'kubectl exec SOURCE_POD -n NAMESPACE -c istio-proxy -- pilot-agent request GET clusters | grep -E "HOST.*(cx_active|rq_active)"',
        en: 'How many connections and requests are open for each host?',
        ko: '호스트별로 열려 있는 연결과 요청 수를 확인합니다.',
      },
      {
        command: 'kubectl top pods -n NAMESPACE -l app=SERVICE',
        en: 'Is the destination short of CPU or memory, or of replicas?',
        ko: '목적지의 CPU, 메모리, 레플리카가 부족하지 않은지 확인합니다.',
      },
    ],
  },
  {
    shortName: 'URX',
    longName: 'UpstreamRetryLimitExceeded',
    party: 'callee',
    marksFailure: true,
    meaning: {
      en: 'All retries (HTTP) or connect attempts (TCP) were used up. It goes with the flag or code of the last attempt, which tells the cause.',
      ko: '재시도 횟수(HTTP) 또는 연결 시도 횟수(TCP)를 모두 소진했습니다. 원인은 함께 기록된 마지막 시도의 플래그나 응답 코드가 알려 줍니다.',
    },
    causes: [
      {
        en: 'The failure is not that of one pod: every attempt, on different hosts, failed alike.',
        ko: '특정 파드만의 장애가 아님: 서로 다른 호스트로 시도해도 모두 같은 방식으로 실패함.',
      },
      {
        en: 'A new version answers 503 everywhere.',
        ko: '새 버전이 모든 파드에서 503을 응답함.',
      },
      {
        en: 'Nothing listens on the port (URX,UF; Istio retries refused connections by itself).',
        ko: '포트에서 수신하는 프로세스가 없음(URX,UF. Istio는 연결 거부를 기본으로 재시도함).',
      },
    ],
    checks: [
      {
        command: 'flagwatch search --request REQUEST_ID',
        en: 'What did the destination’s lines of the single attempts say?',
        ko: '각 시도에 대한 목적지 쪽 로그를 확인합니다.',
      },
      {
        command: 'kubectl logs DESTINATION_POD -n NAMESPACE --since=10m',
        en: 'What does the application say at that time?',
        ko: '해당 시각의 애플리케이션 로그를 확인합니다.',
      },
      {
        command: 'kubectl rollout history deployment/SERVICE -n NAMESPACE',
        en: 'Did it begin with a deploy? Then roll back first.',
        ko: '배포와 함께 시작되었는지 확인하고, 그렇다면 먼저 롤백합니다.',
      },
    ],
  },
  {
    shortName: 'LH',
    longName: 'FailedLocalHealthCheck',
    party: 'callee',
    marksFailure: true,
    meaning: {
      en: 'The proxy’s own service is marked as failing its health check, so the proxy answered 503 for it.',
      ko: '프록시가 담당하는 로컬 서비스가 헬스 체크에 실패한 상태여서 프록시가 대신 503을 응답했습니다.',
    },
    causes: [
      {
        en: 'The application fails its health check or has been told to (drain before a stop).',
        ko: '애플리케이션이 헬스 체크에 실패했거나, 종료 전 드레인을 위해 실패로 전환됨.',
      },
      {
        en: 'Envoy was drained by an operator (healthcheck/fail).',
        ko: '운영자가 Envoy를 드레인함(healthcheck/fail).',
      },
    ],
    checks: [
      {
        command: 'kubectl describe pod DESTINATION_POD -n NAMESPACE',
        en: 'Which probe fails, since when, with which message?',
        ko: '어떤 probe가 언제부터 어떤 메시지로 실패하는지 확인합니다.',
      },
      {
        command:
          'kubectl exec DESTINATION_POD -n NAMESPACE -c istio-proxy -- pilot-agent request GET server_info | grep state',
        en: 'Is the proxy LIVE or DRAINING?',
        ko: '프록시 상태가 LIVE인지 DRAINING인지 확인합니다.',
      },
      {
        command: 'kubectl logs DESTINATION_POD -n NAMESPACE --since=10m',
        en: 'Why does the application call itself unhealthy?',
        ko: '애플리케이션이 스스로를 비정상으로 판단한 이유를 로그에서 확인합니다.',
      },
    ],
  },
  {
    shortName: 'DF',
    longName: 'DnsResolutionFailed',
    party: 'mesh',
    marksFailure: true,
    meaning: {
      en: 'The proxy could not resolve the name of the upstream, so there was no address to connect to.',
      ko: '프록시가 업스트림 이름을 해석하지 못해 연결할 주소가 없었습니다.',
    },
    causes: [
      {
        en: 'The cluster’s DNS is down or overloaded.',
        ko: '클러스터 DNS 장애 또는 과부하.',
      },
      {
        en: 'The host does not exist: a typing error in a ServiceEntry, or a name that was withdrawn.',
        ko: '존재하지 않는 호스트: ServiceEntry의 오타 또는 이미 삭제된 이름.',
      },
      {
        en: 'Egress to the resolver is blocked.',
        ko: '네임 서버로 나가는 통신이 차단됨.',
      },
    ],
    checks: [
      {
        command: 'kubectl run dns-check -n NAMESPACE --rm -i --restart=Never --image=busybox -- nslookup HOST',
        en: 'Does the name resolve in the caller’s namespace?',
        ko: '호출하는 쪽 네임스페이스에서 이름이 해석되는지 확인합니다.',
      },
      {
        command: 'kubectl get pods -n kube-system -l k8s-app=kube-dns',
        en: 'Is the cluster’s DNS healthy?',
        ko: '클러스터 DNS가 정상인지 확인합니다.',
      },
      {
        command: 'kubectl get serviceentry -A',
        en: 'Is the host spelt right, and is its resolution (DNS, STATIC) what it should be?',
        ko: 'ServiceEntry의 호스트 이름과 resolution(DNS, STATIC) 설정이 올바른지 확인합니다.',
      },
    ],
  },
];
