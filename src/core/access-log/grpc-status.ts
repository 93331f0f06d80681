// The status of a gRPC call, as Envoy's operators write it: by number, in camel case or in snake case. Read by decode.

/** gRPC's statuses; the place of each is its number. https://grpc.io/docs/guides/status-codes/ */
export const grpcStatusNames = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

const numbers = new Map<string, number>(grpcStatusNames.map((name, number) => [name.replaceAll('_', ''), number]));
// Envoy's camel case has one `l`.
numbers.set('CANCELED', 1);

/** The number of a status (`14`, `Unavailable`, `UNAVAILABLE`); text that is none of them stays as it is. */
export function parseGrpcStatus(text: string | null): number | string | null {
  if (text === null) return null;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  return numbers.get(text.replaceAll('_', '').toUpperCase()) ?? text;
}
