// Secrets as they stand in lines, and the ids, names and addresses that must never be taken for one.
import fc from 'fast-check';

const chars = (unit: string, length: number) =>
  fc.string({ unit: fc.constantFrom(...unit), minLength: length, maxLength: length });
const digits = (length: number) => chars('0123456789', length);
const hex = (length: number) => chars('0123456789abcdef', length);

function withLuhn(body: string): string {
  for (let check = 0; check < 10; check += 1) {
    const all = `${body}${check}`;
    const sum = [...all].reverse().reduce((total, char, i) => {
      const doubled = Number(char) * (i % 2 === 1 ? 2 : 1);
      return total + (doubled > 9 ? doubled - 9 : doubled);
    }, 0);
    if (sum % 10 === 0) return all;
  }
  throw new Error(`no check digit for ${body}`);
}

const card = fc
  .tuple(fc.constantFrom('4', '51', '2221', '6011', '62', '9'), digits(15), fc.constantFrom('', '-', ' '))
  .map(([head, rest, separator]) => {
    const number = withLuhn(`${head}${rest}`.slice(0, 15));
    return separator === '' ? number : (number.match(/.{4}/g) ?? []).join(separator);
  });
const amex = digits(12).map((rest) => withLuhn(`37${rest}`));

const account = fc.oneof(
  fc.tuple(digits(3), digits(3), digits(6)).map((parts) => parts.join('-')),
  fc.tuple(digits(6), digits(2), digits(6)).map((parts) => parts.join('-')),
  fc.tuple(digits(4), digits(3), digits(6)).map((parts) => parts.join('-')),
  digits(6).map((rest) => `3333-01-1${rest}`),
);

const resident = fc
  .tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }), digits(6))
  .map(([year, month, day, rest]) => {
    const two = (value: number) => String(value).padStart(2, '0');
    return `${two(year)}${two(month)}${two(day)}-2${rest}`;
  });

const iban = digits(18).map((body) => {
  const remainder = [...`${body}131400`].reduce((rest, char) => (rest * 10 + Number(char)) % 97, 0);
  return `DE${String(98 - remainder).padStart(2, '0')}${body}`;
});

const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const token = fc.oneof(
  fc.tuple(chars(base64, 20), chars(base64, 30), chars(base64, 20)).map(([a, b, c]) => `eyJ${a}.eyJ${b}.${c}`),
  chars('ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789', 16).map((rest) => `AKIA${rest}`),
  chars(base64, 36).map((rest) => `ghp_${rest}`),
  chars(base64, 24).map((rest) => `xoxb-${rest}`),
);
const email = fc.tuple(chars('abcxyz', 5), chars('abcxyz', 4)).map(([local, domain]) => `${local}@${domain}.co.kr`);

/** What the default patterns mask wherever it stands between characters that are no letters, digits or hyphens. */
export const secret: fc.Arbitrary<string> = fc.oneof(card, amex, account, resident, iban, token, email);

// What Kubernetes makes names of pods of.
const suffix = (length: number) => chars('bcdfghjklmnpqrstvwxz2456789', length);
const service = fc.constantFrom('payments', 'cart-v2', 'istio-ingressgateway', 'db-0');
const uuid = fc
  .oneof(
    hex(32),
    digits(32),
    hex(32).map((text) => text.toUpperCase()),
    fc.tuple(hex(8), digits(12), hex(12)).map((parts) => parts.join('')),
  )
  .map((text) => text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
const byte = fc.integer({ min: 0, max: 255 });
const ip4 = fc.tuple(byte, byte, byte, byte).map((bytes) => bytes.join('.'));

/** Ids of requests and traces, names of pods, hashes of versions, IP addresses: never masked by the default patterns. */
export const identifier: fc.Arbitrary<string> = fc.oneof(
  uuid,
  hex(32),
  digits(32),
  hex(40),
  digits(40),
  hex(64),
  hex(7),
  hex(12),
  digits(12),
  fc.tuple(hex(32), chars('abcdef', 1), hex(15)).map(([trace, letter, span]) => `00-${trace}-${letter}${span}-01`),
  fc.tuple(service, suffix(10), suffix(5)).map((parts) => parts.join('-')),
  fc.tuple(service, chars('2456789', 10), chars('2456789', 5)).map((parts) => parts.join('-')),
  fc.integer({ min: 0, max: 2_000_000_000_000 }).map((ms) => String(ms)),
  fc.integer({ min: 1_500_000_000, max: 2_000_000_000 }).map((s) => `${s}123456789`),
  ip4,
  fc.tuple(ip4, fc.integer({ min: 1, max: 65_535 })).map((parts) => parts.join(':')),
  ip4.map((ip) => `ip-${ip.replaceAll('.', '-')}`),
  fc.array(chars('0123456789abcdef', 4), { minLength: 8, maxLength: 8 }).map((groups) => `[${groups.join(':')}]:8080`),
);
