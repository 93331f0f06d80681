// Catalogue of response flags, part 5: load that was shed, faults that were injected, answers from a cache.
import type { ResponseFlag } from './response-flag.ts';

// Delay and abort are two halves of one setting.
const injectionChecks: ResponseFlag['checks'] = [
  {
    command: 'kubectl get virtualservice -A -o yaml | grep -B 12 -A 6 "fault:"',
    en: 'Which VirtualService injects, and whose is it?',
    ko: '어떤 VirtualService가 장애를 주입하는지, 담당자가 누구인지 확인합니다.',
  },
  {
    command: 'istioctl proxy-config routes SOURCE_POD -n NAMESPACE -o json | grep -i -A 8 fault',
    en: 'Which route of this proxy has it, with which share?',
    ko: '이 프록시의 어떤 라우트에 어떤 비율로 적용되는지 확인합니다.',
  },
  {
    command: 'kubectl get envoyfilter -A -o yaml | grep -B 5 -A 5 "filters.http.fault"',
    en: 'Or is it an EnvoyFilter?',
    ko: 'EnvoyFilter로 주입된 것은 아닌지 확인합니다.',
  },
];

/** OM, DO, UDO, DI, FI, RFCF. */
export const shedAndInjectedFlags: readonly ResponseFlag[] = [
  {
    shortName: 'OM',
    longName: 'OverloadManagerTerminated',
    party: 'mesh',
    marksFailure: true,
    meaning: {
      en: 'The proxy itself was overloaded (memory, CPU, connections) and ended the request to save itself.',
      ko: '프록시 자체가 과부하 상태(메모리, CPU, 연결 수)여서 스스로를 보호하기 위해 요청을 종료했습니다.',
    },
    causes: [
      {
        en: 'The proxy’s memory or CPU limit is too small for its traffic or its configuration.',
        ko: '프록시의 메모리나 CPU 한도가 트래픽 또는 설정 규모에 비해 작음.',
      },
      {
        en: 'A burst of connections, or large bodies that are buffered.',
        ko: '연결 급증 또는 버퍼링되는 큰 본문.',
      },
    ],
    checks: [
      {
        command: 'kubectl top pod POD -n NAMESPACE --containers',
        en: 'Is istio-proxy at its limit?',
        ko: 'istio-proxy가 한도에 도달했는지 확인합니다.',
      },
      {
        command: 'kubectl exec POD -n NAMESPACE -c istio-proxy -- pilot-agent request GET stats | grep overload',
        en: 'Which resource is under pressure, which action is active?',
        ko: '어떤 자원이 압박을 받고 어떤 조치가 활성화되었는지 확인합니다.',
      },
      {
        command: 'kubectl get pod POD -n NAMESPACE -o jsonpath="{.metadata.annotations}"',
        en: 'Which proxy limits does the pod set (sidecar.istio.io/proxyMemoryLimit, proxyCPULimit)? Raise them, or add replicas.',
        ko: '파드에 설정된 프록시 한도(sidecar.istio.io/proxyMemoryLimit, proxyCPULimit)를 확인하고, 한도를 높이거나 레플리카를 늘립니다.',
      },
    ],
  },
  {
    shortName: 'DO',
    longName: 'DropOverload',
    party: 'mesh',
    marksFailure: true,
    meaning: {
      en: 'The control plane told the proxy to drop a share of the cluster’s traffic, and this request was in it (503).',
      ko: '컨트롤 플레인이 클러스터 트래픽의 일부를 버리도록 지시했고, 이 요청이 거기에 포함되었습니다(503).',
    },
    causes: [
      {
        en: 'A drop policy (drop_overloads) protects a destination that is overloaded.',
        ko: '과부하 상태인 목적지를 보호하기 위한 드롭 정책(drop_overloads).',
      },
      {
        en: 'Such a policy was left behind after an incident or a test.',
        ko: '장애 대응이나 테스트 후 정책이 제거되지 않고 남음.',
      },
    ],
    checks: [
      {
        command:
          'istioctl proxy-config endpoints SOURCE_POD -n NAMESPACE --cluster "outbound|PORT|SUBSET|HOST" -o json',
        en: 'Which endpoints does the proxy have, and are they all healthy?',
        ko: '프록시가 가진 엔드포인트와 상태를 확인합니다.',
      },
      {
        command:
          'kubectl exec SOURCE_POD -n NAMESPACE -c istio-proxy -- pilot-agent request GET "config_dump?include_eds" | grep -A 8 drop_overload',
        en: 'Which share is dropped?',
        ko: '버려지는 비율을 확인합니다.',
      },
      {
        command: 'kubectl get envoyfilter -A -o yaml | grep -B 5 -A 5 drop_overload',
        en: 'Who set the policy, and is it still wanted?',
        ko: '누가 설정했는지, 아직 필요한 정책인지 확인합니다.',
      },
    ],
  },
  {
    shortName: 'UDO',
    longName: 'UnconditionalDropOverload',
    party: 'mesh',
    marksFailure: true,
    meaning: {
      en: 'The control plane told the proxy to drop all traffic to the cluster (drop_overloads at 100 %, 503).',
      ko: '컨트롤 플레인이 클러스터로 가는 모든 트래픽을 버리도록 지시했습니다(drop_overloads 100 %, 503).',
    },
    causes: [
      {
        en: 'The destination was taken out of traffic on purpose.',
        ko: '목적지를 의도적으로 트래픽에서 제외함.',
      },
      {
        en: 'A drop policy was set to 100 % by mistake, or left behind.',
        ko: '드롭 정책이 실수로 100 %로 설정되었거나 제거되지 않고 남음.',
      },
    ],
    checks: [
      {
        command:
          'kubectl exec SOURCE_POD -n NAMESPACE -c istio-proxy -- pilot-agent request GET "config_dump?include_eds" | grep -A 8 drop_overload',
        en: 'Is the share 100 %?',
        ko: '비율이 100 %로 설정되어 있는지 확인합니다.',
      },
      {
        command: 'kubectl get envoyfilter -A -o yaml | grep -B 5 -A 5 drop_overload',
        en: 'Who set it, and when?',
        ko: '누가 언제 설정했는지 확인합니다.',
      },
      {
        command: 'kubectl get endpointslices -n NAMESPACE -l kubernetes.io/service-name=SERVICE',
        en: 'Could the destination take traffic again?',
        ko: '목적지가 다시 트래픽을 받을 수 있는 상태인지 확인합니다.',
      },
    ],
  },
  {
    shortName: 'DI',
    longName: 'DelayInjected',
    party: 'mesh',
    marksFailure: false,
    meaning: {
      en: 'The request was delayed on purpose by a fault injection. It may well have succeeded.',
      ko: '장애 주입(fault injection) 설정에 따라 요청이 의도적으로 지연되었습니다. 요청 자체는 성공했을 수 있습니다.',
    },
    causes: [
      {
        en: 'A chaos or resilience test runs.',
        ko: '카오스 테스트 또는 복원력 테스트가 진행 중임.',
      },
      {
        en: 'A VirtualService with fault.delay was left behind.',
        ko: 'fault.delay가 설정된 VirtualService가 제거되지 않고 남음.',
      },
    ],
    checks: injectionChecks,
  },
  {
    shortName: 'FI',
    longName: 'FaultInjected',
    party: 'mesh',
    marksFailure: true,
    meaning: {
      en: 'The request was aborted on purpose by a fault injection; the destination never saw it.',
      ko: '장애 주입(fault injection) 설정에 따라 요청이 의도적으로 중단되었으며, 목적지에는 도달하지 않았습니다.',
    },
    causes: [
      {
        en: 'A chaos or resilience test runs.',
        ko: '카오스 테스트 또는 복원력 테스트가 진행 중임.',
      },
      {
        en: 'A VirtualService with fault.abort was left behind.',
        ko: 'fault.abort가 설정된 VirtualService가 제거되지 않고 남음.',
      },
    ],
    checks: injectionChecks,
  },
  {
    shortName: 'RFCF',
    longName: 'ResponseFromCacheFilter',
    party: 'none',
    marksFailure: false,
    meaning: {
      en: 'The answer came from the proxy’s cache. Not an error.',
      ko: '응답이 프록시 캐시에서 제공되었습니다. 오류가 아닙니다.',
    },
    causes: [
      {
        en: 'A cache filter is configured, and the answer may be cached.',
        ko: '캐시 필터가 설정되어 있고 캐시 가능한 응답임.',
      },
      {
        en: 'A sudden fall to zero means that the cache is bypassed or empty.',
        ko: '갑자기 0으로 떨어지면 캐시를 우회하고 있거나 캐시가 비어 있는 것임.',
      },
    ],
    checks: [
      {
        command: 'kubectl get envoyfilter -A -o yaml | grep -B 5 -A 5 "filters.http.cache"',
        en: 'Where is the cache configured?',
        ko: '캐시가 어디에 설정되어 있는지 확인합니다.',
      },
      {
        command: 'flagwatch search --request REQUEST_ID',
        en: 'Which answers come from the cache?',
        ko: '어떤 응답이 캐시에서 제공되는지 확인합니다.',
      },
      {
        command: 'kubectl exec POD -n NAMESPACE -c istio-proxy -- pilot-agent request GET stats | grep -i cache',
        en: 'How do hits and misses develop?',
        ko: '캐시 적중과 실패 추이를 확인합니다.',
      },
    ],
  },
];
