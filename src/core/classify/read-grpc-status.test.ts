import { describe, expect, it } from 'vitest';
import type { LineView } from './line-view.ts';
import { readCode } from './read-code.ts';

const view: LineView = {
  reporter: 'source',
  flags: [],
  code: 200,
  details: 'via_upstream',
  terminationDetails: '',
  transportFailure: '',
  cluster: '',
  routeName: '',
  isHttp: true,
  isHttp1: false,
  grpcStatus: null,
  responseStarted: true,
};
const said = (changes: Partial<LineView>) => {
  const { fault, confidence } = readCode({ ...view, ...changes });
  return `${fault} ${confidence}`;
};

describe('a gRPC status', () => {
  it.each([
    [null, 'none certain', 'none likely'],
    [0, 'none certain', 'none likely'],
    [1, 'client_error likely', 'client_error certain'],
    [2, 'app_error ambiguous', 'app_error likely'],
    [3, 'client_error likely', 'client_error certain'],
    [4, 'app_error ambiguous', 'app_error likely'],
    [5, 'client_error likely', 'client_error certain'],
    [7, 'client_error likely', 'client_error certain'],
    [8, 'app_error ambiguous', 'app_error likely'],
    [12, 'app_error likely', 'app_error likely'],
    [13, 'app_error likely', 'app_error likely'],
    [14, 'app_error ambiguous', 'app_error likely'],
    [15, 'app_error likely', 'app_error likely'],
    [16, 'client_error likely', 'client_error certain'],
    [99, 'app_error ambiguous', 'app_error ambiguous'],
    ['InvalidCode', 'app_error ambiguous', 'app_error ambiguous'],
  ])('of %s is %s for the source, %s for the destination', (grpcStatus, source, destination) => {
    expect(said({ grpcStatus })).toBe(source);
    expect(said({ grpcStatus, reporter: 'destination' })).toBe(destination);
  });

  it('counts only where the code says that all is well', () => {
    expect(said({ grpcStatus: 3, code: 500 })).toBe(said({ code: 500 }));
    expect(said({ grpcStatus: 13, code: 404 })).toBe(said({ code: 404 }));
  });

  it('is not believed where an old Envoy makes it up for plain HTTP', () => {
    expect(said({ grpcStatus: 2, isHttp1: true })).toBe('none certain');
    expect(said({ grpcStatus: 14, isHttp1: true })).toBe('app_error ambiguous');
  });
});
