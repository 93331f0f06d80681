// Catalogue of faults, part 3: routes, clusters, TLS and DNS of the mesh.
import type { FaultEntry } from './fault-catalogue-entry.ts';

/** no_route, no_cluster, egress_blocked, tls, dns. */
export const meshFaults: readonly FaultEntry[] = [
  {
    name: 'no_route',
    title: { en: 'the proxy has no route for the request', ko: '요청에 맞는 라우트 없음' },
    shows: {
      en: 'NR 404 route_not_found on the source’s line, without a cluster; the destination has no line.',
      ko: '호출하는 쪽 로그에 클러스터 없이 NR 404 route_not_found가 기록되며, 목적지 쪽 로그는 없습니다.',
    },
    causes: [
      {
        en: 'No VirtualService matches the host or the path, and there is no default route.',
        ko: '호스트나 경로에 맞는 VirtualService가 없고 기본 라우트도 없음.',
      },
      {
        en: 'The authority that the caller sends is not among the hosts of the Gateway or the VirtualService.',
        ko: '호출자가 보낸 authority가 Gateway나 VirtualService의 hosts에 없음.',
      },
      {
        en: 'The proxy has not yet got the newest configuration.',
        ko: '프록시가 아직 최신 설정을 받지 못함.',
      },
    ],
    checks: [
      {
        command: 'istioctl proxy-config routes SOURCE_POD -n NAMESPACE',
        en: 'Which domains and matches does the proxy have?',
        ko: '프록시에 어떤 도메인과 매칭 조건이 있는지 확인합니다.',
      },
      {
        command: 'istioctl proxy-status',
        en: 'Is the proxy SYNCED with istiod?',
        ko: '프록시가 istiod와 동기화(SYNCED)되어 있는지 확인합니다.',
      },
      {
        command: 'istioctl analyze -n NAMESPACE',
        en: 'Does Istio itself find a mistake in the configuration?',
        ko: 'Istio 분석 도구가 설정 오류를 찾아내는지 확인합니다.',
      },
    ],
  },
  {
    name: 'no_cluster',
    title: { en: 'a route names a cluster that does not exist', ko: '존재하지 않는 클러스터를 가리키는 라우트' },
    shows: {
      en: 'NC 503 cluster_not_found on the source’s line; the destination has no line.',
      ko: '호출하는 쪽 로그에 NC 503 cluster_not_found가 기록되며, 목적지 쪽 로그는 없습니다.',
    },
    causes: [
      {
        en: 'A VirtualService names a subset that no DestinationRule defines.',
        ko: 'VirtualService가 어떤 DestinationRule에도 정의되지 않은 subset을 가리킴.',
      },
      {
        en: 'Route and subset were changed in the wrong order: the subset has to come first.',
        ko: '라우트와 subset의 변경 순서가 뒤바뀜(subset을 먼저 만들어야 함).',
      },
      {
        en: 'A Sidecar resource hides the destination from the caller.',
        ko: 'Sidecar 리소스 때문에 목적지가 호출자에게 보이지 않음.',
      },
    ],
    checks: [
      {
        command: 'istioctl proxy-config clusters SOURCE_POD -n NAMESPACE --fqdn HOST',
        en: 'Which subsets does the caller’s proxy know?',
        ko: '호출하는 쪽 프록시가 어떤 subset을 알고 있는지 확인합니다.',
      },
      {
        command: 'kubectl get virtualservice,destinationrule -n NAMESPACE -o yaml | grep -B 2 -A 4 subset',
        en: 'Do the names of the subsets agree?',
        ko: '양쪽의 subset 이름이 일치하는지 확인합니다.',
      },
      {
        command: 'istioctl analyze -n NAMESPACE',
        en: 'Does Istio itself report the missing subset?',
        ko: 'Istio 분석 도구가 누락된 subset을 보고하는지 확인합니다.',
      },
    ],
  },
  {
    name: 'egress_blocked',
    title: { en: 'a host outside the registry was blocked', ko: '등록되지 않은 외부 호스트 차단' },
    shows: {
      en: '502 direct_response of the route block_all, without a cluster; TCP shows the cluster BlackHoleCluster.',
      ko: '클러스터 없이 block_all 라우트의 502 direct_response가 기록됩니다. TCP에서는 클러스터가 BlackHoleCluster로 나타납니다.',
    },
    causes: [
      {
        en: 'outboundTrafficPolicy is REGISTRY_ONLY, and no ServiceEntry names the host.',
        ko: 'outboundTrafficPolicy가 REGISTRY_ONLY인데 해당 호스트의 ServiceEntry가 없음.',
      },
      {
        en: 'The ServiceEntry exists, but not for this port or protocol, or not for the caller’s namespace (exportTo).',
        ko: 'ServiceEntry가 있으나 포트나 프로토콜이 다르거나 호출자 네임스페이스에 공개(exportTo)되지 않음.',
      },
      {
        en: 'The caller uses a wrong or an old host name.',
        ko: '호출자가 잘못된 호스트 이름이나 예전 이름을 사용함.',
      },
    ],
    checks: [
      {
        command: 'kubectl get serviceentry -A',
        en: 'Is the host registered, with this port and protocol?',
        ko: '호스트가 해당 포트와 프로토콜로 등록되어 있는지 확인합니다.',
      },
      {
        command: 'kubectl get configmap istio -n istio-system -o jsonpath={.data.mesh}',
        en: 'Which outboundTrafficPolicy holds for the mesh?',
        ko: '메시에 적용된 outboundTrafficPolicy를 확인합니다.',
      },
      {
        command: 'kubectl get sidecar -n NAMESPACE -o yaml',
        en: 'Does a Sidecar resource of the caller’s namespace narrow its egress?',
        ko: '호출자 네임스페이스의 Sidecar 리소스가 egress를 제한하는지 확인합니다.',
      },
    ],
  },
  {
    name: 'tls',
    title: { en: 'both sides could not agree on TLS', ko: 'TLS 협상 실패' },
    shows: {
      en: 'UF with a TLS error in the transport failure reason; or UC on the source’s side and NR filter_chain_not_found on the destination’s: plaintext to a port that takes mTLS only.',
      ko: 'transport failure reason에 TLS 오류가 있는 UF가 기록됩니다. 또는 호출하는 쪽에 UC, 목적지 쪽에 NR filter_chain_not_found가 남으며, 이는 mTLS만 받는 포트에 평문으로 접속한 경우입니다.',
    },
    causes: [
      {
        en: 'PeerAuthentication STRICT against a caller without a sidecar, or with tls mode DISABLE.',
        ko: 'PeerAuthentication이 STRICT인데 호출자에 사이드카가 없거나 tls mode가 DISABLE임.',
      },
      {
        en: 'A DestinationRule asks for mTLS to a workload without a sidecar.',
        ko: '사이드카가 없는 워크로드에 DestinationRule이 mTLS를 요구함.',
      },
      {
        en: 'An expired certificate, an unknown CA or another trust domain.',
        ko: '만료된 인증서, 신뢰하지 않는 CA 또는 다른 trust domain.',
      },
    ],
    checks: [
      {
        command: 'kubectl get peerauthentication,destinationrule -A',
        en: 'Do the TLS modes of both sides fit each other?',
        ko: '양쪽의 TLS 모드가 서로 맞는지 확인합니다.',
      },
      {
        command: 'istioctl proxy-config secret SOURCE_POD -n NAMESPACE',
        en: 'Are the certificates valid, and from the same root on both sides?',
        ko: '인증서가 유효한지, 양쪽이 같은 루트 인증서를 사용하는지 확인합니다.',
      },
      {
        command: 'kubectl get pods -n NAMESPACE -l app=SERVICE -o jsonpath={.items[*].spec.containers[*].name}',
        en: 'Do the pods of both sides have an istio-proxy?',
        ko: '양쪽 파드에 istio-proxy 컨테이너가 있는지 확인합니다.',
      },
    ],
  },
  {
    name: 'dns',
    title: { en: 'the name of the destination did not resolve', ko: '목적지 이름 조회 실패' },
    shows: {
      en: 'DF 503 on the source’s line: there was no address to connect to.',
      ko: '호출하는 쪽 로그에 DF 503이 기록됩니다. 연결할 주소를 얻지 못했습니다.',
    },
    causes: [
      {
        en: 'The host of a ServiceEntry is misspelt, or its name was withdrawn.',
        ko: 'ServiceEntry 호스트 이름의 오타 또는 삭제된 이름.',
      },
      {
        en: 'The cluster’s DNS is down or overloaded.',
        ko: '클러스터 DNS의 장애 또는 과부하.',
      },
      {
        en: 'A NetworkPolicy closes the way to the resolver.',
        ko: 'NetworkPolicy가 네임 서버로 가는 통신을 차단함.',
      },
    ],
    checks: [
      {
        command: 'kubectl run dns-check -n NAMESPACE --rm -i --restart=Never --image=busybox -- nslookup HOST',
        en: 'Does the name resolve in the caller’s namespace?',
        ko: '호출하는 쪽 네임스페이스에서 이름이 조회되는지 확인합니다.',
      },
      {
        command: 'kubectl get pods -n kube-system -l k8s-app=kube-dns',
        en: 'Is the cluster’s DNS healthy?',
        ko: '클러스터 DNS가 정상인지 확인합니다.',
      },
      {
        command: 'kubectl get serviceentry -A -o yaml | grep -A 6 hosts',
        en: 'Is the host spelt right, and is its resolution what it should be?',
        ko: 'ServiceEntry의 호스트 이름과 resolution 설정이 올바른지 확인합니다.',
      },
    ],
  },
];
