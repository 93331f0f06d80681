// The catalogue holds every fault once, whole, in both languages.
import { describe, expect, it } from 'vitest';
import { faultParties, faults } from './classification.ts';
import { faultCatalogue, findFault, renderFault } from './fault-catalogue.ts';
import { capacityFaults } from './fault-catalogue-capacity.ts';
import type { FaultEntry } from './fault-catalogue-entry.ts';
import { partyNames } from './render-flag.ts';
import { languages } from './response-flag.ts';
import { findFlag, isKnownFlag } from './response-flags.ts';

describe('the catalogue of faults', () => {
  it('holds every fault once, in the order of the closed list, and nothing else', () => {
    expect(faultCatalogue.map(({ name }) => name)).toEqual([...faults]);
    for (const name of ['', 'TLS', 'UF', '__proto__', 'constructor']) expect(findFault(name)).toBeNull();
  });

  it('shares no name with a flag', () => {
    for (const name of faults) expect(findFlag(name) ?? findFlag(name.toUpperCase())).toBeNull();
  });

  it.each(faultCatalogue.map((entry) => [entry.name, entry] as const))(
    'explains %s in each language',
    (_name, entry) => {
      expect(entry.causes.length).toBeGreaterThanOrEqual(2);
      expect(new Set(entry.checks.map((check) => check.command)).size).toBe(3);
      for (const check of entry.checks) expect(check.command).toMatch(/^(kubectl|istioctl|flagwatch) /);
      for (const text of [entry.title, entry.shows, ...entry.causes, ...entry.checks]) {
        expect(text.ko).toMatch(/[가-힣]/);
        expect(text.en).not.toMatch(/[가-힣]/);
        for (const language of languages) expect(text[language].trim()).toBe(text[language]);
      }
      for (const text of [entry.shows, ...entry.causes, ...entry.checks]) {
        for (const language of languages) expect(text[language]).toMatch(/[.?]\)?$/);
      }
    },
  );

  it('names flags that exist', () => {
    const other = new Set(['HTTP', 'TCP', 'TLS', 'DNS', 'CPU', 'CA', 'OOM', 'RBAC']);
    const words = faultCatalogue.flatMap(({ shows }) =>
      languages.flatMap((language) => shows[language].match(/\b[A-Z]{2,5}\b/g) ?? []),
    );
    expect(words.length).toBeGreaterThan(40);
    expect(words.filter((word) => !isKnownFlag(word) && !other.has(word))).toEqual([]);
  });

  it('is rendered whole', () => {
    for (const language of languages) {
      for (const entry of faultCatalogue) {
        const text = renderFault(entry, language);
        const party = partyNames[faultParties[entry.name]][language];
        const parts = [entry.title, entry.shows, ...entry.causes, ...entry.checks].map((part) => part[language]);
        for (const part of [...parts, ...entry.checks.map(({ command }) => command), party])
          expect(text).toContain(part);
      }
    }
    expect(renderFault(capacityFaults[3] as FaultEntry, 'en')).toMatchInlineSnapshot(`
      "no_endpoint: no healthy endpoint to send to

      What the lines show: UH 503 no_healthy_upstream on the source’s line; the destination has no line.
      Who acts: the team of the called service

      Usual causes:
        - No pod is ready: scaled to zero, crash loop, a readiness probe that fails.
        - The labels of the Service or of the subset fit no pod, often after a new version.
        - Outlier detection has ejected every host after errors.

      Look first at:
        1. Does the Service have ready endpoints?
           $ kubectl get endpointslices -n NAMESPACE -l kubernetes.io/service-name=SERVICE
        2. Does the caller’s proxy see them, and is OUTLIER CHECK of any FAILED?
           $ istioctl proxy-config endpoints SOURCE_POD -n NAMESPACE --cluster "outbound|PORT|SUBSET|HOST"
        3. Do the subset’s labels fit the pods that run?
           $ kubectl get destinationrule -n NAMESPACE -o yaml"
    `);
  });
});
