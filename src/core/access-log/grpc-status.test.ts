import { expect, it } from 'vitest';
import { grpcStatusNames, parseGrpcStatus } from './grpc-status.ts';

const camelCase = (name: string) =>
  name === 'OK'
    ? 'OK'
    : name === 'CANCELLED'
      ? 'Canceled'
      : name.replace(/_?([A-Z])([A-Z]*)/g, (_, first: string, rest: string) => first + rest.toLowerCase());

it.each(grpcStatusNames.map((name, number) => [name, number] as const))(
  'reads %s however Envoy writes it',
  (name, number) => {
    expect(parseGrpcStatus(name)).toBe(number);
    expect(parseGrpcStatus(camelCase(name))).toBe(number);
    expect(parseGrpcStatus(String(number))).toBe(number);
  },
);

it.each([
  [null, null],
  ['InvalidCode', 'InvalidCode'],
  ['-1', '-1'],
  ['77', 77],
  ['9'.repeat(10), '9'.repeat(10)],
])('keeps what gRPC does not know: %s', (text, expected) => {
  expect(parseGrpcStatus(text)).toBe(expected);
});
