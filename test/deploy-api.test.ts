// What deploy/ has for the HTTP API fits together: the settings load, the Services lead to the pods, the token is one, and what canary judges
// are told to ask is what the API answers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { z } from 'zod';
import { apiOperations, apiPrefix } from '#config/api-operations.ts';
import { answerSchemas, flaggerBody, verdictQuery } from '#config/api-schema.ts';
import { loadSettings } from '#config/load-settings.ts';

type Tree = { readonly [key: string]: Tree } & readonly Tree[] & string;

function documents(path: string): readonly Tree[] {
  const text = readFileSync(join(import.meta.dirname, '..', 'deploy', path), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as Tree);
}

const [secret, service, peers] = documents('flagwatch/api.yaml') as [Tree, Tree, Tree];
const [configMap, deployment] = documents('flagwatch/detect.yaml') as [Tree, Tree];
const [analysis] = documents('canary/argo-rollouts.yaml') as [Tree];
const [canary] = documents('canary/flagger.yaml') as [Tree];
const pod = deployment['spec']?.['template'] as Tree;
const [container] = (pod['spec']?.['containers'] ?? []) as unknown as [Tree];
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

const file = String(configMap['data']?.['flagwatch.yaml']);
const variable = String(container['env']?.[0]?.['name']);
const loaded = loadSettings(file, 'flagwatch.yaml', { [variable]: 's3cret' });
if (loaded.kind === 'rejected') throw new Error(JSON.stringify(loaded.findings));
const { http, rules, shutdownTimeoutMs } = loaded.settings;

describe('flagwatch/', () => {
  it('has settings that load without a finding, with the token out of the Secret, and not without', () => {
    expect(loaded.warnings).toEqual([]);
    expect(http.token).toBe('s3cret');
    const reference = container['env']?.[0]?.['valueFrom']?.['secretKeyRef'];
    expect(plain(reference)).toEqual({ name: secret['metadata']?.['name'], key: 'token' });
    // Whoever forgets to fill it in is told, and does not run with a token that everybody knows.
    expect(plain(secret['stringData'])).toEqual({ token: '' });
    expect(loadSettings(file, 'flagwatch.yaml', { [variable]: '' }).kind).toBe('rejected');
  });

  it('leads to the pods by both Services, and finds all of them by the headless one', () => {
    const port = Number(http.listen.split(':')[1]);
    for (const one of [service, peers]) {
      expect(plain(one['spec']?.['selector'])).toEqual(plain(pod['metadata']?.['labels']));
      expect(plain(one['spec']?.['ports'])).toEqual([{ name: 'http', port, targetPort: 'http' }]);
      expect(one['metadata']?.['namespace']).toBe(deployment['metadata']?.['namespace']);
    }
    expect(plain(deployment['spec']?.['selector']?.['matchLabels'])).toEqual(plain(pod['metadata']?.['labels']));
    expect(plain(container['ports'])).toEqual([{ name: 'http', containerPort: port }]);
    expect(http.listen).toBe(`0.0.0.0:${port}`);
    expect(http.peers.dns).toBe(`${peers['metadata']?.['name']}:${port}`);
    expect(peers['spec']).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true });
  });

  it('mounts what the settings name, and lets it stop in good order', () => {
    const mounts = new Map(
      [...(container['volumeMounts'] as readonly Tree[])].map((one) => [one['name'], one['mountPath']]),
    );
    expect(rules).toEqual([`${mounts.get('rules' as Tree)}/*.yaml`]);
    expect(String(container['args']?.[4])).toBe(`${mounts.get('settings' as Tree)}/flagwatch.yaml`);
    expect(Number(pod['spec']?.['terminationGracePeriodSeconds']) * 1000).toBeGreaterThan(shutdownTimeoutMs);
  });
});

/** The operation at an address of the Service, and its query. */
function operationAt(address: string, method: string) {
  const { pathname, searchParams, host } = new URL(address);
  const { name, namespace } = service['metadata'] as Tree;
  expect(host).toBe(`${name}.${namespace}:${http.listen.split(':')[1]}`);
  const operation = apiOperations.find((one) => one.method === method && `${apiPrefix}${one.path}` === pathname);
  return { id: operation?.id, query: Object.fromEntries(searchParams) };
}

describe('canary/', () => {
  const [metric] = (analysis['spec']?.['metrics'] ?? []) as unknown as [Tree];
  const web = metric['provider']?.['web'] as Tree;

  it('lets Argo Rollouts ask for a verdict with the token', () => {
    const { id, query } = operationAt(web['url'] as string, 'GET');
    expect(id).toBe('getVerdict');
    expect(verdictQuery.safeParse(query).success).toBe(true);
    const args = analysis['spec']?.['args'] as readonly Tree[];
    const used = [...JSON.stringify(web).matchAll(/\{\{args\.([\w-]+)\}\}/g)].map(([, name]) => name);
    expect([...new Set(used)].sort()).toEqual(args.map((one) => one['name'] as string).sort());
    const token = args.find((one) => one['valueFrom'] !== undefined);
    expect(plain(token?.['valueFrom']?.['secretKeyRef'])).toEqual({ name: secret['metadata']?.['name'], key: 'token' });
    expect(plain(web['headers'])).toEqual([{ key: 'Authorization', value: `Bearer {{args.${token?.['name']}}}` }]);
    expect(Number(web['timeoutSeconds']) * 1000).toBeGreaterThan(http.peers.timeoutMs);
  });

  it('lets it judge by what is answered', () => {
    expect(web['jsonPath']).toBe('{$.data}');
    const { fail, verdict } = answerSchemas.verdict.shape.data.shape;
    expect(metric['failureCondition']).toBe('result.fail');
    expect(fail.safeParse(true).success).toBe(true);
    const named = [...String(metric['successCondition']).matchAll(/result\.(\w+) == "(\w+)"/g)];
    expect(named.map(([, key]) => key)).toEqual(['verdict', 'verdict']);
    for (const [, , value] of named) expect((verdict as z.ZodType).safeParse(value).success).toBe(true);
  });

  it('lets Flagger ask with the token in the address, and a body that is read', () => {
    const hooks = canary['spec']?.['analysis']?.['webhooks'] as readonly Tree[];
    const asked = hooks.map((hook) => {
      const { id } = operationAt(hook['url'] as string, 'POST');
      expect(new URL(hook['url'] as string).password).toBe('TOKEN');
      // As Flagger calls it.
      const body = { name: 'payments', namespace: 'shop', phase: 'Progressing', metadata: plain(hook['metadata']) };
      const read = flaggerBody.parse(body).metadata;
      expect(Object.keys(read ?? {}).sort()).toEqual(['namespace', 'service', 'version']);
      return [hook['type'], id];
    });
    expect(asked).toEqual([
      ['rollback', 'flaggerRollback'],
      ['confirm-promotion', 'flaggerCheck'],
    ]);
  });
});
