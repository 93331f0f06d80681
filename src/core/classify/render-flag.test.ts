// Flags in words, in both languages; names that come from log lines stay harmless.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderFlag, renderFlagSteps } from './render-flag.ts';
import { languages } from './response-flag.ts';
import { responseFlags } from './response-flags.ts';

describe('renderFlag', () => {
  it('explains a flag by either name, whole', () => {
    const text = renderFlag('NC', 'en');
    expect(text).toBe(renderFlag('NoClusterFound', 'en'));
    expect(text).toMatchInlineSnapshot(`
      "NC (NoClusterFound)

      What it means: A route matched, but the cluster that it names does not exist in this proxy (503, cluster_not_found).
      Who acts: the platform team (mesh configuration)
      A failure by itself: yes

      Usual causes:
        - A VirtualService names a subset that no DestinationRule defines.
        - The route came before the cluster: both were changed in the wrong order.
        - The Service or ServiceEntry was removed while routes still name it.

      Look first at:
        1. Which subsets of the host does the caller’s proxy have?
           $ istioctl proxy-config clusters SOURCE_POD -n NAMESPACE --fqdn HOST
        2. Does Istio report a subset that does not exist (IST0101)?
           $ istioctl analyze -n NAMESPACE
        3. Is the proxy in sync (CDS, RDS), or stale?
           $ istioctl proxy-status"
    `);
  });

  it('explains it in Korean', () => {
    expect(renderFlag('NC', 'ko')).toMatchInlineSnapshot(`
      "NC (NoClusterFound)

      의미: 라우트는 매칭되었지만 라우트가 가리키는 클러스터가 이 프록시에 없습니다(503, cluster_not_found).
      조치 주체: 플랫폼 팀(메시 설정)
      그 자체로 실패 여부: 예

      주요 원인:
        - VirtualService가 어떤 DestinationRule에도 정의되지 않은 subset을 참조함.
        - 클러스터보다 라우트가 먼저 반영됨(변경 순서가 잘못됨).
        - 라우트가 여전히 참조하는 Service나 ServiceEntry가 삭제됨.

      먼저 확인할 것:
        1. 호출하는 쪽 프록시에 해당 호스트의 어떤 subset이 있는지 확인합니다.
           $ istioctl proxy-config clusters SOURCE_POD -n NAMESPACE --fqdn HOST
        2. 존재하지 않는 subset이 보고되는지 확인합니다(IST0101).
           $ istioctl analyze -n NAMESPACE
        3. 프록시가 동기화 상태(CDS, RDS)인지, STALE인지 확인합니다.
           $ istioctl proxy-status"
    `);
  });

  it('says of a flag that is not known that it is kept', () => {
    expect(renderFlag('XYZ', 'en')).toContain('XYZ is none of the 30 flags');
    expect(renderFlag('XYZ', 'ko')).toContain('XYZ');
  });

  it('shows any name bounded and on one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.constantFrom(...languages), (name, language) => {
        fc.pre(responseFlags.every((flag) => flag.shortName !== name && flag.longName !== name));
        const text = renderFlag(name, language);
        expect(text).not.toMatch(/\p{Cc}|\p{Cs}/u);
        expect(text.length).toBeLessThan(400);
      }),
    );
  });
});

describe('renderFlagSteps', () => {
  it('gives three steps with their commands, none for a flag that is not known', () => {
    for (const language of languages) {
      for (const flag of responseFlags) {
        const steps = renderFlagSteps(flag.shortName, language);
        expect(steps).toHaveLength(3);
        for (const [i, step] of steps.entries()) expect(step).toContain(flag.checks[i]?.command);
      }
      expect(renderFlagSteps('XYZ', language)).toEqual([]);
    }
  });
});
