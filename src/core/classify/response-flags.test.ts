// The catalogue is whole, in both languages, and finds nothing where there is nothing.
import { describe, expect, it } from 'vitest';
import { languages } from './response-flag.ts';
import { findFlag, isKnownFlag, responseFlags } from './response-flags.ts';

// Envoy 1.40: short names with the long names that `%RESPONSE_FLAGS_LONG%` writes.
const envoyFlags: Readonly<Record<string, string>> = {
  UH: 'NoHealthyUpstream',
  UF: 'UpstreamConnectionFailure',
  UO: 'UpstreamOverflow',
  NR: 'NoRouteFound',
  URX: 'UpstreamRetryLimitExceeded',
  NC: 'NoClusterFound',
  DT: 'DurationTimeout',
  DC: 'DownstreamConnectionTermination',
  DR: 'DownstreamRemoteReset',
  LH: 'FailedLocalHealthCheck',
  UT: 'UpstreamRequestTimeout',
  LR: 'LocalReset',
  UR: 'UpstreamRemoteReset',
  UC: 'UpstreamConnectionTermination',
  DI: 'DelayInjected',
  FI: 'FaultInjected',
  RL: 'RateLimited',
  RLSE: 'RateLimitServiceError',
  UAEX: 'UnauthorizedExternalService',
  IH: 'InvalidEnvoyRequestHeaders',
  SI: 'StreamIdleTimeout',
  DPE: 'DownstreamProtocolError',
  UPE: 'UpstreamProtocolError',
  UMSDR: 'UpstreamMaxStreamDurationReached',
  RFCF: 'ResponseFromCacheFilter',
  NFCF: 'NoFilterConfigFound',
  OM: 'OverloadManagerTerminated',
  DF: 'DnsResolutionFailed',
  DO: 'DropOverload',
  UDO: 'UnconditionalDropOverload',
};

describe('the catalogue', () => {
  it('holds the flags of Envoy 1.40, each once, under both names', () => {
    expect(responseFlags).toHaveLength(30);
    expect(Object.fromEntries(responseFlags.map((flag) => [flag.shortName, flag.longName]))).toEqual(envoyFlags);
    for (const flag of responseFlags) {
      expect(findFlag(flag.shortName)).toBe(flag);
      expect(findFlag(flag.longName)).toBe(flag);
      expect(isKnownFlag(flag.shortName)).toBe(true);
    }
  });

  it('knows nothing else', () => {
    for (const name of ['', '-', 'uc', 'XYZ', '__proto__', 'constructor', 'toString', 'UF,URX']) {
      expect(findFlag(name)).toBeNull();
      expect(isKnownFlag(name)).toBe(false);
    }
  });

  it('marks every flag as a failure but those two that go with success', () => {
    const harmless = responseFlags.filter((flag) => !flag.marksFailure).map((flag) => flag.shortName);
    expect(harmless.sort()).toEqual(['DI', 'RFCF']);
  });

  it.each(responseFlags.map((flag) => [flag.shortName, flag] as const))(
    'explains %s in each language',
    (_name, flag) => {
      expect(flag.causes.length).toBeGreaterThanOrEqual(2);
      expect(new Set(flag.checks.map((check) => check.command)).size).toBe(3);
      for (const check of flag.checks) expect(check.command).toMatch(/^(kubectl|istioctl|flagwatch) /);
      for (const text of [flag.meaning, ...flag.causes, ...flag.checks]) {
        expect(text.ko).toMatch(/[가-힣]/);
        expect(text.en).not.toMatch(/[가-힣]/);
        for (const language of languages) expect(text[language].trim()).toBe(text[language]);
        expect(text.en.endsWith('.') || text.en.endsWith('?')).toBe(true);
      }
    },
  );
});
