// What is masked, what never is, and that both hold for whatever a line says.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as secrets from '../../../test/support/secret-arbitraries.ts';
import type { MaskSettings } from './mask-settings.ts';
import { maskDefaults } from './mask-settings.ts';
import type { Masker } from './masker.ts';
import { createMasker } from './masker.ts';

const make = (changes: Partial<MaskSettings> = {}): Masker => createMasker({ ...maskDefaults, ...changes });
const masker = make();
const all = ['maskText', 'maskPath', 'maskName', 'maskNote', 'maskId', 'maskTraceId'] as const;

describe('text', () => {
  it.each([
    ['paid with 4111 1111 1111 1111', 'paid with [masked:card]'],
    ['4111-1111-1111-1111', '[masked:card]'],
    ['카드4111111111111111번', '카드[masked:card]번'],
    ['378282246310005', '[masked:card]'],
    ['3782-822463-10005', '[masked:card]'],
    ['주민 900101-1234568', '주민 [masked:resident]'],
    ['9001011234568', '[masked:resident]'],
    ['계좌 110-123-456789', '계좌 [masked:account]'],
    ['3333-01-1234567', '[masked:account]'],
    ['123456-12-123456', '[masked:account]'],
    ['DE89370400440532013000', '[masked:iban]'],
    ['GB82 WEST 1234 5698 7654 32.', '[masked:iban].'],
    ['Bearer abc.def-123', 'Bearer [masked:token]'],
    ['authorization: Basic dTpw', 'authorization: Basic [masked:token]'],
    ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln, gone', 'jwt [masked:token], gone'],
    ['key AKIAIOSFODNN7EXAMPLE', 'key [masked:token]'],
    ['xoxb-123456789-abcdef', '[masked:token]'],
    ['password=hunter2&x=1', 'password=[masked:token]&x=1'],
    ['"api_key": "k1"', '"api_key": "[masked:token]"'],
    ['https://user:pass@host/x', 'https://[masked:token]@host/x'],
    ['mail kim@bank.co.kr.', 'mail [masked:email].'],
    ['kim%40bank.co.kr', '[masked:email]'],
    ['GET /a?b=c HTTP/1.1', 'GET /a?[masked] HTTP/1.1'],
    ['see http://h/x?y', 'see http://h/x?[masked]'],
    ['?id=7', '?[masked]'],
  ])('%s → %s', (text, masked) => {
    expect(masker.maskText(text)).toBe(masked);
  });

  it.each([
    '1732166477136',
    '1710123456789',
    '1732166477136123456',
    '20261121052117136',
    '4111111111111112',
    '0.4111111111111111',
    '2026-11-21T05:21:17.136Z',
    '010-1234-5678',
    '10.244.1.23:18080',
    'ip-10-244-1-23.ec2.internal',
    '211-234-100-200.example',
    'what? nothing',
    'via_upstream',
    'upstream_reset_before_response_started{connection_termination}',
    'bearer authentication failed',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
    'outbound|8080|v2|payments.shop.svc.cluster.local',
    'order-1000-1234-5678-x',
    'sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945',
  ])('%s stays', (text) => {
    expect(masker.maskText(text)).toBe(text);
  });
});

describe('paths', () => {
  it.each([
    ['/a?b=c d&e', '/a?[masked]'],
    ['/cards/4111111111111111/limit', '/cards/[masked:card]/limit'],
    ['/reset/Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZmdoaWprbA', '/reset/[masked:token]'],
    ['/login;jsessionid=A1B2C3', '/login;jsessionid=[masked:token]'],
    ['/back%3Ftoken%3Dabc', '/back%3F[masked]'],
    ['/orders/69adf73f-5fd7-48e0-ab46-2ae0fdbcd131', '/orders/69adf73f-5fd7-48e0-ab46-2ae0fdbcd131'],
    ['/shop.OrderServiceVersion2/CreateOrderWithVeryLongNameV1Beta2', null],
    ['/static/4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d.js', null],
    ['/?', null],
  ])('%s → %s', (path, masked) => {
    expect(masker.maskPath(path)).toBe(masked ?? path);
  });

  it('keep the names of parameters where that is wanted, and the query where that is', () => {
    const path = '/a?account=110-123-456789&4111111111111111&q[x]=1&b2=%20';
    expect(make({ query: 'names' }).maskPath(path)).toBe('/a?account=[masked]&[masked]&q[x]=[masked]&b2=[masked]');
    expect(make({ query: 'keep' }).maskPath(path)).toBe('/a?account=[masked:account]&[masked:card]&q[x]=1&b2=%20');
  });
});

describe('ids', () => {
  it('that were generated are never touched, others are when they are something else', () => {
    expect(masker.maskTraceId('4111111111111111')).toBe('4111111111111111');
    expect(masker.maskId('4111111111111111')).toBe('[masked:card]');
    expect(masker.maskId('kim@bank.co.kr')).toBe('[masked:email]');
    const strict = make({ patterns: [{ name: 'digits', pattern: '\\d+' }] });
    expect(strict.maskId('12345678-1234-1234-1234-123456789012')).toBe('12345678-1234-1234-1234-123456789012');
    expect(strict.maskId('r-7')).toBe('r-[masked:digits]');
  });
});

describe('addresses', () => {
  const hashing = make({ addresses: 'hash', addressSalt: 'salt-of-sixteen-x' });
  it('are hashed wherever they stand, ports kept, the same each time', () => {
    const masked = hashing.maskText('10.0.0.7:8080');
    expect(masked).toMatch(/^addr-[0-9a-f]{16}:8080$/);
    const hash = masked.slice(0, 21);
    expect(hashing.maskText('10.0.0.7, 10.0.0.7')).toBe(`${hash}, ${hash}`);
    expect(hashing.maskText('reset|remote_address:10.0.0.7:15006')).toBe(`reset|remote_address:${hash}:15006`);
    expect(hashing.maskText('[fd00::7]:80, ::1, FD00::7')).toMatch(/^\[(addr-\w{16})\]:80, addr-\w{16}, \1$/);
    expect(hashing.maskText(masked)).toBe(masked);
    expect(make({ addresses: 'hash', addressSalt: 'another-salt-of-it' }).maskText('10.0.0.7')).not.toBe(hash);
  });

  it.each([
    'payments.shop:8080',
    '/run/app.sock',
    '05:21:17',
    '1.2.3.4.5',
    '999.1.1.1',
    'v1.2.3.4',
    'a::b::c',
    'Foo::bar',
  ])('%s is none', (text) => {
    expect(hashing.maskText(text)).toBe(text);
  });

  it('need a salt', () => {
    expect(() => make({ addresses: 'hash' })).toThrow(RangeError);
  });
});

describe('patterns of the user', () => {
  it('are searched in every text, overlaps are one', () => {
    const own = make({ patterns: [{ name: 'order', pattern: 'ORD-\\d+', replacement: '<order>' }] });
    expect(own.maskText('ORD-1 and kim@bank.co.kr, ORD-22')).toBe('<order> and [masked:email], <order>');
    expect(own.maskName('ORD-1')).toBe('<order>');
    const over = make({ patterns: [{ name: 'wide', pattern: 'x4111[0-9 ]+' }] });
    expect(over.maskText('x4111 1111 1111 1111 kim')).toBe('[masked:wide]kim');
  });
});

it('counts the texts by pattern, once', () => {
  const counting = make();
  counting.maskText('kim@bank.co.kr kim@bank.co.kr');
  counting.maskPath('/a?[masked]');
  counting.maskPath('/a?b');
  expect(counting.takeCounts()).toEqual([
    { pattern: 'email', count: 2 },
    { pattern: 'query', count: 1 },
  ]);
  expect(counting.takeCounts()).toEqual([]);
});

it('leaves everything where it is switched off', () => {
  expect(make({ enabled: false }).maskPath('/a?b=4111111111111111')).toBe('/a?b=4111111111111111');
});

describe('whatever a line says', () => {
  const filler = fc.string({ unit: fc.constantFrom(...' /?=&:;,"-._@%ab19AB한'), maxLength: 12 });
  const border = fc.constantFrom(' ', '/', ',', '"', '(', '=', '한', '|', ': ');

  it('a secret never stands in what comes out', () => {
    fc.assert(
      fc.property(secrets.secret, filler, border, border, filler, (secret, before, left, right, after) => {
        const text = `${before} ${left}${secret}${right}${after}`;
        expect(masker.maskText(text)).not.toContain(secret);
        expect(masker.maskPath(text)).not.toContain(secret);
        expect(masker.maskLine(JSON.stringify({ text, nested: JSON.stringify({ text }) }), null)).not.toContain(secret);
      }),
      { numRuns: 1000 },
    );
  });

  it('ids, names of pods, versions and addresses come out as they are', () => {
    fc.assert(
      fc.property(secrets.identifier, (id) => {
        for (const method of all) expect([method, masker[method](id)]).toEqual([method, id]);
        expect(masker.maskText(`a ${id}, b`)).toBe(`a ${id}, b`);
        expect(masker.maskPath(`/v1/${id}/x`)).toBe(`/v1/${id}/x`);
      }),
      { numRuns: 1000 },
    );
  });

  it('nothing of a query comes out', () => {
    const part = fc.string({ unit: fc.constantFrom(...'xyz/?&= "\\한%'), maxLength: 20 });
    fc.assert(
      fc.property(part, (rest) => {
        const path = `/a?q=${rest}Q`;
        expect(masker.maskPath(path)).toBe('/a?[masked]');
        for (const line of [
          JSON.stringify({ path }),
          JSON.stringify({ log: JSON.stringify({ path }) }),
          `"GET ${path} H"`,
        ]) {
          expect(masker.maskLine(line, path)).toContain('/a?[masked]');
          expect(masker.maskLine(line, path)).not.toContain('Q');
        }
      }),
    );
  });

  it('masks what only shows when what stood beside it is gone', () => {
    const text = `400000000000000237000000000000200000000000000000000000000000000000000000000aaaaa@aaaa.co.kr`;
    const once = masker.maskText(text);
    expect(once).not.toContain('4000000000000002');
    expect(masker.maskText(once)).toBe(once);
  });

  it('masking what is masked changes nothing', () => {
    const text = fc
      .array(fc.oneof(filler, secrets.secret, secrets.identifier), { maxLength: 5 })
      .map((all) => all.join(''));
    const names = make({ query: 'names' });
    fc.assert(
      fc.property(text, (value) => {
        for (const one of [masker, names]) {
          for (const method of all) {
            const once = one[method](value);
            expect(one[method](once)).toBe(once);
          }
        }
      }),
      { numRuns: 700 },
    );
  });

  it('JSON stays JSON', () => {
    const value = fc.oneof(
      fc.json().map((json) => JSON.parse(json) as unknown),
      secrets.secret,
      fc.constant(4111111111111111),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value), (object) => {
        expect(() => JSON.parse(masker.maskLine(JSON.stringify(object), null)) as unknown).not.toThrow();
      }),
    );
  });
});
