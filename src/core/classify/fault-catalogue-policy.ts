// Catalogue of faults, part 4: what a proxy refused, dropped, delayed or ended by itself.
import type { FaultEntry } from './fault-catalogue-entry.ts';

/** shed, injected, max_duration, denied, rate_limited, limiter_down. */
export const policyFaults: readonly FaultEntry[] = [
  {
    name: 'shed',
    title: { en: 'the proxy dropped the request', ko: '프록시의 요청 드롭' },
    shows: {
      en: 'UDO, DO or OM, or the details overload or maintenance_mode: the proxy protects itself or its cluster. The application saw nothing.',
      ko: 'UDO, DO 또는 OM 플래그가 있거나 details가 overload 또는 maintenance_mode입니다. 프록시가 자신이나 클러스터를 보호하기 위해 버린 것으로, 애플리케이션에는 도달하지 않았습니다.',
    },
    causes: [
      {
        en: 'The proxy is short of memory or of connections (overload manager).',
        ko: '프록시의 메모리 또는 연결 수 부족(오버로드 매니저).',
      },
      {
        en: 'A drop policy of the control plane for this cluster, or maintenance mode.',
        ko: '컨트롤 플레인이 이 클러스터에 적용한 드롭 정책 또는 유지보수 모드.',
      },
      {
        en: 'More traffic than the gateway or the sidecar was made for.',
        ko: '게이트웨이나 사이드카가 감당할 수 있는 수준을 넘는 트래픽.',
      },
    ],
    checks: [
      {
        command: 'kubectl top pods -n NAMESPACE -l app=SERVICE --containers',
        en: 'Is the istio-proxy container near its limits?',
        ko: 'istio-proxy 컨테이너가 리소스 한도에 근접했는지 확인합니다.',
      },
      {
        command: 'kubectl exec POD -n NAMESPACE -c istio-proxy -- pilot-agent request GET stats | grep overload',
        en: 'Which overload action is active?',
        ko: '어떤 오버로드 동작이 활성화되어 있는지 확인합니다.',
      },
      {
        command: 'kubectl get envoyfilter -A',
        en: 'Does an EnvoyFilter set a drop policy or the overload manager?',
        ko: '드롭 정책이나 오버로드 매니저를 설정하는 EnvoyFilter가 있는지 확인합니다.',
      },
    ],
  },
  {
    name: 'injected',
    title: { en: 'a fault injection of the mesh', ko: '메시의 장애 주입' },
    shows: {
      en: 'FI with fault_filter_abort: the proxy answered itself. Or DI: it delayed the request on purpose, and the answer may well be 200.',
      ko: 'FI와 fault_filter_abort가 있으면 프록시가 직접 응답한 것입니다. DI는 의도적으로 요청을 지연시킨 것으로, 응답 코드는 200일 수 있습니다.',
    },
    causes: [
      {
        en: 'A test of resilience that runs just now.',
        ko: '현재 진행 중인 회복력 테스트.',
      },
      {
        en: 'A fault of a VirtualService that was forgotten after a test.',
        ko: '테스트 후 제거되지 않은 VirtualService의 fault 설정.',
      },
      {
        en: 'Its match is wider than was meant (no header, no percentage).',
        ko: '의도보다 넓은 적용 범위(헤더 조건이나 비율 누락).',
      },
    ],
    checks: [
      {
        command: 'kubectl get virtualservice -A -o yaml | grep -B 2 -A 8 "fault:"',
        en: 'Which VirtualService injects faults?',
        ko: '어떤 VirtualService가 장애를 주입하는지 확인합니다.',
      },
      {
        command: 'istioctl proxy-config routes SOURCE_POD -n NAMESPACE -o json | grep -A 12 fault',
        en: 'Does the caller’s proxy still have it?',
        ko: '호출하는 쪽 프록시에 아직 적용되어 있는지 확인합니다.',
      },
      {
        command: 'flagwatch search --request REQUEST_ID',
        en: 'Which hop injected it?',
        ko: '어느 구간에서 주입되었는지 확인합니다.',
      },
    ],
  },
  {
    name: 'max_duration',
    title: { en: 'the connection lived for longer than is allowed', ko: '연결 최대 지속 시간 초과' },
    shows: {
      en: 'DT: the proxy ended the connection because its maximum duration was over, with requests still on it.',
      ko: 'DT가 기록됩니다. 처리 중인 요청이 남아 있었지만 최대 지속 시간이 지나 프록시가 연결을 종료했습니다.',
    },
    causes: [
      {
        en: 'Long streams (WebSocket, gRPC, TCP) under a max_connection_duration made for short requests.',
        ko: '짧은 요청에 맞춘 max_connection_duration 아래의 장시간 스트림(WebSocket, gRPC, TCP).',
      },
      {
        en: 'The time to drain is shorter than a request takes.',
        ko: '요청 처리 시간보다 짧은 드레인 시간.',
      },
    ],
    checks: [
      {
        command:
          'kubectl get destinationrule,envoyfilter -A -o yaml | grep -iE "max_?connection_?duration|max_?stream_?duration"',
        en: 'Where is the limit set?',
        ko: '한도가 어디에 설정되어 있는지 확인합니다.',
      },
      {
        command: 'flagwatch search --request REQUEST_ID',
        en: 'Is the duration the same each time? Then it is that limit.',
        ko: '지속 시간이 매번 같은지 확인합니다. 같다면 해당 한도 때문입니다.',
      },
      {
        command: 'kubectl logs SOURCE_POD -n NAMESPACE --since=10m',
        en: 'Does the client open a new connection by itself, as it should?',
        ko: '클라이언트가 스스로 다시 연결하는지 확인합니다.',
      },
    ],
  },
  {
    name: 'denied',
    title: { en: 'refused by a policy', ko: '정책에 따른 거부' },
    shows: {
      en: '403 with rbac_access_denied_matched_policy, or UAEX with ext_authz_denied, on the side that refused; the other side sees a plain 403. TCP names the policy in the termination details.',
      ko: '거부한 쪽 로그에 rbac_access_denied_matched_policy와 403, 또는 UAEX와 ext_authz_denied가 기록됩니다. 반대쪽에는 403만 보입니다. TCP에서는 연결 종료 사유(termination details)에 정책이 나타납니다.',
    },
    causes: [
      {
        en: 'An AuthorizationPolicy does not name the caller’s service account, method or path.',
        ko: 'AuthorizationPolicy에 호출자의 서비스 어카운트, 메서드 또는 경로가 없음.',
      },
      {
        en: 'The caller runs under a new service account, or without mTLS, so that it has no identity.',
        ko: '호출자가 새 서비스 어카운트를 사용하거나 mTLS 없이 접속하여 신원이 확인되지 않음.',
      },
      {
        en: 'The external authorizer refuses: a token that is missing, expired or too weak.',
        ko: '외부 인가 서비스의 거부: 토큰 누락, 만료 또는 권한 부족.',
      },
    ],
    checks: [
      {
        command: 'kubectl get authorizationpolicy -A',
        en: 'Which policy holds for the destination (the line’s details name it)?',
        ko: '목적지에 적용되는 정책을 확인합니다(로그의 details에 이름이 있습니다).',
      },
      {
        command: 'istioctl experimental authz check DESTINATION_POD -n NAMESPACE',
        en: 'What does the destination’s proxy allow and deny?',
        ko: '목적지 프록시가 무엇을 허용하고 거부하는지 확인합니다.',
      },
      {
        command: 'kubectl get pod SOURCE_POD -n NAMESPACE -o jsonpath={.spec.serviceAccountName}',
        en: 'Which identity does the caller have?',
        ko: '호출자의 서비스 어카운트를 확인합니다.',
      },
    ],
  },
  {
    name: 'rate_limited',
    title: { en: 'over the rate limit', ko: '요청 수 제한 초과' },
    shows: {
      en: 'RL 429 (local_rate_limited or request_rate_limited) on the side that counts; the other side sees a plain 429.',
      ko: '제한을 적용한 쪽 로그에 RL 429(local_rate_limited 또는 request_rate_limited)가 기록됩니다. 반대쪽에는 429만 보입니다.',
    },
    causes: [
      {
        en: 'The caller sends more than was agreed: a loop, a batch job, retries.',
        ko: '호출자가 약속된 양보다 많이 보냄: 반복 호출, 배치 작업, 재시도.',
      },
      {
        en: 'The limit is too low for traffic that has grown.',
        ko: '늘어난 트래픽에 비해 낮은 한도.',
      },
      {
        en: 'A local limit counts for each proxy, and there are fewer replicas now.',
        ko: '로컬 제한은 프록시마다 적용되는데 레플리카 수가 줄어듦.',
      },
    ],
    checks: [
      {
        command: 'flagwatch search --deploy DEPLOY_ID',
        en: 'Is it one caller, or one new version of a caller?',
        ko: '특정 호출자나 호출자의 새 버전에서만 발생하는지 확인합니다.',
      },
      {
        command: 'kubectl get envoyfilter -A -o yaml | grep -iE "token_bucket|requests_per_unit|max_tokens"',
        en: 'Which limit holds?',
        ko: '어떤 한도가 적용되어 있는지 확인합니다.',
      },
      {
        command: 'kubectl get hpa -n NAMESPACE',
        en: 'Did the number of the destination’s replicas change?',
        ko: '목적지의 레플리카 수가 변했는지 확인합니다.',
      },
    ],
  },
  {
    name: 'limiter_down',
    title: { en: 'the rate limit service did not answer', ko: '요청 수 제한 서비스 무응답' },
    shows: {
      en: 'RLSE: the proxy could not ask the rate limit service, and is set to refuse then.',
      ko: 'RLSE가 기록됩니다. 프록시가 요청 수 제한 서비스에 문의하지 못했고, 이때 거부하도록 설정되어 있습니다.',
    },
    causes: [
      {
        en: 'The rate limit service, or the Redis behind it, is down or too slow.',
        ko: '요청 수 제한 서비스 또는 그 뒤의 Redis가 중단되었거나 느림.',
      },
      {
        en: 'The proxy’s timeout for it is too short.',
        ko: '해당 서비스에 대한 프록시의 타임아웃이 지나치게 짧음.',
      },
      {
        en: 'failure_mode_deny is on, so that a failure of the limiter refuses everything.',
        ko: 'failure_mode_deny가 켜져 있어 제한 서비스의 장애가 모든 요청의 거부로 이어짐.',
      },
    ],
    checks: [
      {
        command: 'kubectl get pods -A | grep -iE "ratelimit|rate-limit"',
        en: 'Is the rate limit service running and ready?',
        ko: '요청 수 제한 서비스가 실행 중이며 Ready 상태인지 확인합니다.',
      },
      {
        command: 'istioctl proxy-config clusters POD -n NAMESPACE | grep -iE "ratelimit|rate-limit|rate_limit"',
        en: 'Does the proxy know the service’s cluster?',
        ko: '프록시가 해당 서비스의 클러스터를 알고 있는지 확인합니다.',
      },
      {
        command: 'kubectl get envoyfilter -A -o yaml | grep -E "failure_mode_deny|timeout"',
        en: 'Should a failure of the limiter refuse traffic at all?',
        ko: '제한 서비스 장애 시 트래픽을 거부하는 것이 의도된 설정인지 확인합니다.',
      },
    ],
  },
];
