// The sentences: one for each fault in each language, bounded, honest about what is not there, right in Korean.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faults } from '#core/classify/classification.ts';
import { aCall, arrivalLine, decoded, sourceLine } from '../../../test/support/exchanges.ts';
import { beforeAnswer, gone, line, refused } from '../../../test/support/fact-lines.ts';
import { correlate } from './correlate.ts';
import { explainFault } from './explain-fault.ts';
import type { FaultScene } from './fault-scene.ts';

const scene: FaultScene = {
  caller: 'checkout v1',
  callee: 'payments v2',
  flags: 'UC',
  code: 503,
  details: '',
  decidedBy: 'callee',
  callerSaw: 503,
  durationMs: 1500,
  isHttp: true,
  departure: null,
  attemptCount: 1,
};

const name = fc.option(fc.stringMatching(/^[a-f0-9-]{1,70} v[0-9]$/));
const scenes: fc.Arbitrary<FaultScene> = fc.record({
  caller: name,
  callee: name,
  flags: fc.constantFrom('', 'UC', 'URX,UF', 'UR', 'DI', 'DC'),
  code: fc.constantFrom(0, 200, 408, 503),
  details: fc.string(),
  decidedBy: fc.constantFrom('caller', 'callee'),
  callerSaw: fc.constantFrom(null, 0, 200, 503),
  durationMs: fc.nat(),
  isHttp: fc.boolean(),
  departure: fc.constantFrom(null, '', 'DC'),
  attemptCount: fc.nat({ max: 9 }),
});

const whyOf = (lines: Parameters<typeof decoded>[0][]) => correlate(lines.map(decoded))[0]?.fault.why;

describe('why', () => {
  it('is one sentence on one line for each fault, whatever the scene', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...faults),
        fc.constantFrom(...faults),
        scenes,
        scenes,
        (fault, rootFault, head, root) => {
          const { en, ko } = explainFault({ fault, head, root, rootFault, waitingFor: head.callee });
          for (const sentence of [en, ko]) {
            expect(sentence.length).toBeLessThan(1200);
            expect(sentence).not.toMatch(/undefined|null|\(\)/);
            expect(sentence.endsWith('.')).toBe(true);
          }
        },
      ),
    );
  });

  it('tells what was seen where', () => {
    const call = aCall();
    expect(
      whyOf([
        sourceLine(call, line('-', 503)),
        arrivalLine(call, line('UC', 503, beforeAnswer('connection_termination'))),
      ]),
    ).toEqual({
      en: 'payments v2 closed the connection before it answered (UC at its own sidecar); checkout v1 saw 503.',
      ko: 'payments v2에서 응답 전에 연결을 끊었고(자체 사이드카 로그에 UC), checkout v1에는 503이 반환되었습니다.',
    });
    expect(
      whyOf([sourceLine(call, line('UT', 504, 'response_timeout')), arrivalLine(call, line('DC', 0, gone))]),
    ).toEqual({
      en: 'payments v2 had not answered after 100ms, the limit of checkout v1’s proxy (UT at checkout v1’s proxy, which is why payments v2’s own sidecar shows DC); checkout v1 saw 504.',
      ko: 'payments v2에서 checkout v1 프록시의 제한 시간(100ms) 안에 응답하지 못했고(checkout v1 프록시 로그에 UT, 이 때문에 payments v2 사이드카에는 DC), checkout v1에는 504가 반환되었습니다.',
    });
  });

  it('does not claim what only the missing side could tell', () => {
    expect(whyOf([sourceLine(aCall(), line('-', 503))])?.en).toBe(
      'payments v2 answered 503, and no line of its own tells why; checkout v1 saw 503.',
    );
    expect(whyOf([arrivalLine(aCall(), line('UF', 503, refused))])?.en).toBe(
      'payments v2’s sidecar is up, but its application takes no connection (UF at its own sidecar); the caller’s own proxy left no line.',
    );
  });

  it('names nobody who is not known', () => {
    const nobody = { ...scene, caller: null, callee: null };
    const story = {
      fault: 'app_closed',
      head: nobody,
      root: nobody,
      rootFault: 'app_closed',
      waitingFor: null,
    } as const;
    expect(explainFault(story)).toEqual({
      en: 'The called service closed the connection before it answered (UC at its own sidecar); the caller saw 503.',
      ko: '호출 대상 서비스에서 응답 전에 연결을 끊었고(자체 사이드카 로그에 UC), 호출 측에는 503이 반환되었습니다.',
    });
  });

  it('cuts names that are none', () => {
    const service = 'x'.repeat(250);
    const why = whyOf([
      sourceLine(aCall(), { ...line('-', 500), node_service: service, upstream_workload: `w;n;${service};v1` }),
    ]);
    expect(why?.en.length).toBeLessThan(400);
    expect(why?.en).toContain(`${'x'.repeat(79)}…`);
  });

  it.each([
    [500, '500을', '500이'],
    [502, '502를', '502가'],
    [503, '503을', '503이'],
    [504, '504를', '504가'],
  ])('sets the Korean particle by the sound of %i', (code, object, subject) => {
    const head = { ...scene, flags: '', code, callerSaw: code };
    const { ko } = explainFault({ fault: 'app_error', head, root: head, rootFault: 'app_error', waitingFor: null });
    expect(ko).toBe(`payments v2 애플리케이션에서 ${object} 응답했고, checkout v1에는 ${subject} 반환되었습니다.`);
  });
});
