// Catalogue of response flags, part 4: routes and clusters that are not there, and refusals on purpose.
import type { ResponseFlag } from './response-flag.ts';

/** NR, NC, NFCF, RL, RLSE, UAEX. */
export const routeAndPolicyFlags: readonly ResponseFlag[] = [
  {
    shortName: 'NR',
    longName: 'NoRouteFound',
    party: 'mesh',
    marksFailure: true,
    meaning: {
      en: 'No route matched the request (404), or no filter chain matched the connection. Nothing was sent on.',
      ko: '요청에 맞는 라우트가 없거나(404) 연결에 맞는 필터 체인이 없습니다. 업스트림으로는 전달되지 않았습니다.',
    },
    causes: [
      {
        en: 'A VirtualService matches only some paths, headers or hosts, and has no default route.',
        ko: 'VirtualService가 일부 경로, 헤더, 호스트만 매칭하고 기본 라우트가 없음.',
      },
      {
        en: 'The host or port of the request is not in any Service, ServiceEntry or Gateway that this proxy sees (exportTo, Sidecar).',
        ko: '요청한 호스트나 포트가 이 프록시에 보이는 Service, ServiceEntry, Gateway에 없음(exportTo, Sidecar 설정 포함).',
      },
      {
        en: 'filter_chain_not_found on the destination: plaintext to a port that takes mTLS only.',
        ko: '목적지의 filter_chain_not_found: mTLS만 받는 포트에 평문으로 접속함.',
      },
    ],
    checks: [
      {
        command: 'istioctl proxy-config routes SOURCE_POD -n NAMESPACE',
        en: 'Is there a route for this host and port in the caller’s proxy?',
        ko: '호출하는 쪽 프록시에 해당 호스트와 포트의 라우트가 있는지 확인합니다.',
      },
      {
        command: 'istioctl analyze -n NAMESPACE',
        en: 'Does Istio see conflicts or hosts that do not exist?',
        ko: '설정 충돌이나 존재하지 않는 호스트를 Istio가 보고하는지 확인합니다.',
      },
      {
        command: 'kubectl get virtualservice,gateway,sidecar -A --sort-by=.metadata.creationTimestamp',
        en: 'What was changed last?',
        ko: '마지막으로 변경된 설정이 무엇인지 확인합니다.',
      },
    ],
  },
  {
    shortName: 'NC',
    longName: 'NoClusterFound',
    party: 'mesh',
    marksFailure: true,
    meaning: {
      en: 'A route matched, but the cluster that it names does not exist in this proxy (503, cluster_not_found).',
      ko: '라우트는 매칭되었지만 라우트가 가리키는 클러스터가 이 프록시에 없습니다(503, cluster_not_found).',
    },
    causes: [
      {
        en: 'A VirtualService names a subset that no DestinationRule defines.',
        ko: 'VirtualService가 어떤 DestinationRule에도 정의되지 않은 subset을 참조함.',
      },
      {
        en: 'The route came before the cluster: both were changed in the wrong order.',
        ko: '클러스터보다 라우트가 먼저 반영됨(변경 순서가 잘못됨).',
      },
      {
        en: 'The Service or ServiceEntry was removed while routes still name it.',
        ko: '라우트가 여전히 참조하는 Service나 ServiceEntry가 삭제됨.',
      },
    ],
    checks: [
      {
        command: 'istioctl proxy-config clusters SOURCE_POD -n NAMESPACE --fqdn HOST',
        en: 'Which subsets of the host does the caller’s proxy have?',
        ko: '호출하는 쪽 프록시에 해당 호스트의 어떤 subset이 있는지 확인합니다.',
      },
      {
        command: 'istioctl analyze -n NAMESPACE',
        en: 'Does Istio report a subset that does not exist (IST0101)?',
        ko: '존재하지 않는 subset이 보고되는지 확인합니다(IST0101).',
      },
      {
        command: 'istioctl proxy-status',
        en: 'Is the proxy in sync (CDS, RDS), or stale?',
        ko: '프록시가 동기화 상태(CDS, RDS)인지, STALE인지 확인합니다.',
      },
    ],
  },
  {
    shortName: 'NFCF',
    longName: 'NoFilterConfigFound',
    party: 'mesh',
    marksFailure: true,
    meaning: {
      en: 'A filter’s configuration had not arrived from the control plane in time, so the proxy ended the request (500).',
      ko: '필터 설정이 컨트롤 플레인에서 제때 도착하지 않아 프록시가 요청을 종료했습니다(500).',
    },
    causes: [
      {
        en: 'A WasmPlugin cannot be fetched (registry, credentials) and is set to fail closed.',
        ko: 'WasmPlugin을 내려받지 못하고(레지스트리, 인증 정보) 실패 시 차단하도록 설정됨.',
      },
      {
        en: 'istiod is not reachable, or overloaded.',
        ko: 'istiod에 연결할 수 없거나 과부하 상태임.',
      },
    ],
    checks: [
      {
        command: 'istioctl proxy-status',
        en: 'Is ECDS in sync for this proxy?',
        ko: '이 프록시의 ECDS가 동기화되어 있는지 확인합니다.',
      },
      {
        command: 'kubectl get wasmplugin,envoyfilter -A',
        en: 'Which extension was added or changed?',
        ko: '추가되거나 변경된 확장이 있는지 확인합니다.',
      },
      {
        command: 'kubectl logs POD -n NAMESPACE -c istio-proxy --since=10m | grep -iE "wasm|ecds|extension"',
        en: 'What does the proxy say of fetching it?',
        ko: '확장을 가져오는 과정의 프록시 로그를 확인합니다.',
      },
    ],
  },
  {
    shortName: 'RL',
    longName: 'RateLimited',
    party: 'policy',
    marksFailure: true,
    meaning: {
      en: 'A rate limit refused the request on purpose (429).',
      ko: '속도 제한 정책이 요청을 의도적으로 거부했습니다(429).',
    },
    causes: [
      {
        en: 'One caller sends more than its share, often in a retry loop.',
        ko: '특정 호출자가 할당량 이상을 보냄(재시도 루프가 흔한 원인).',
      },
      {
        en: 'Traffic grew, and the limit did not.',
        ko: '트래픽은 늘었지만 한도는 그대로임.',
      },
      {
        en: 'The local limit counts for each pod: fewer pods, a lower limit in sum.',
        ko: '로컬 제한은 파드별로 계산되므로 파드 수가 줄면 전체 한도도 줄어듦.',
      },
    ],
    checks: [
      {
        command: 'flagwatch search --request REQUEST_ID',
        en: 'Which caller is it, and which version of it?',
        ko: '어떤 호출자의 어떤 버전인지 확인합니다.',
      },
      {
        command: 'kubectl get envoyfilter -A -o yaml | grep -iE -A 12 "local_ratelimit|ratelimit"',
        en: 'Which limit holds, and for which key?',
        ko: '어떤 키에 어떤 한도가 적용되는지 확인합니다.',
      },
      {
        command: 'kubectl get hpa,deployment -n NAMESPACE',
        en: 'Did the number of the destination’s pods change?',
        ko: '목적지 파드 수가 변했는지 확인합니다.',
      },
    ],
  },
  {
    shortName: 'RLSE',
    longName: 'RateLimitServiceError',
    party: 'mesh',
    marksFailure: true,
    meaning: {
      en: 'The rate limit service did not answer, and the filter is set to refuse then.',
      ko: '속도 제한 서비스가 응답하지 않았고, 이 경우 요청을 거부하도록 필터가 설정되어 있습니다.',
    },
    causes: [
      {
        en: 'The rate limit service or its store (Redis) is down or slow.',
        ko: '속도 제한 서비스나 그 저장소(Redis)의 장애 또는 지연.',
      },
      {
        en: 'The proxy cannot reach it: mTLS, AuthorizationPolicy, NetworkPolicy, a renamed cluster.',
        ko: '프록시에서 접근할 수 없음: mTLS, AuthorizationPolicy, NetworkPolicy, 클러스터 이름 변경.',
      },
    ],
    checks: [
      {
        command: 'kubectl get pods -A -l app=ratelimit',
        en: 'Is the rate limit service ready?',
        ko: '속도 제한 서비스가 Ready 상태인지 확인합니다.',
      },
      {
        command:
          'kubectl exec DESTINATION_POD -n NAMESPACE -c istio-proxy -- pilot-agent request GET clusters | grep -i ratelimit',
        en: 'Does the proxy see it as healthy?',
        ko: '프록시가 해당 서비스를 정상으로 보고 있는지 확인합니다.',
      },
      {
        command: 'kubectl get envoyfilter -A -o yaml | grep -B 3 -A 3 failure_mode_deny',
        en: 'Should requests pass while it is down (failure_mode_deny: false)?',
        ko: '장애 중에는 요청을 통과시킬지 검토합니다(failure_mode_deny: false).',
      },
    ],
  },
  {
    shortName: 'UAEX',
    longName: 'UnauthorizedExternalService',
    party: 'policy',
    marksFailure: true,
    meaning: {
      en: 'An authorization check refused the request on purpose: the external authorizer, or the check of its token. With ext_authz_error the authorizer itself failed.',
      ko: '외부 인가 서비스나 토큰 검증이 요청을 의도적으로 거부했습니다. details가 ext_authz_error이면 인가 서비스 자체가 실패한 것입니다.',
    },
    causes: [
      {
        en: 'Missing, expired or wrong credentials of the caller.',
        ko: '호출자의 인증 정보 누락, 만료 또는 오류.',
      },
      {
        en: 'A policy of the authorizer changed.',
        ko: '인가 서비스의 정책 변경.',
      },
      {
        en: 'The authorizer is down, and requests are refused then (ext_authz_error).',
        ko: '인가 서비스 장애로 요청이 차단됨(ext_authz_error).',
      },
    ],
    checks: [
      {
        command: 'flagwatch search --request REQUEST_ID',
        en: 'Do the details say denied or error?',
        ko: 'details가 denied인지 error인지 확인합니다.',
      },
      {
        command: 'istioctl experimental authz check DESTINATION_POD -n NAMESPACE',
        en: 'Which policies hold for this pod?',
        ko: '이 파드에 적용된 정책을 확인합니다.',
      },
      {
        command: 'kubectl get authorizationpolicy,requestauthentication -A --sort-by=.metadata.creationTimestamp',
        en: 'What was changed last, and what does the authorizer log at that time?',
        ko: '마지막으로 변경된 정책과 해당 시각의 인가 서비스 로그를 확인합니다.',
      },
    ],
  },
];
