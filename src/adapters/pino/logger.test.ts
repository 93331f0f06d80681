import { describe, expect, it } from 'vitest';
import { describeError } from './logger.ts';

describe('describeError', () => {
  it('tells kind, text, code and causes, and nothing of what hangs on an error', () => {
    const cause = Object.assign(new Error('refused'), {
      code: 'ECONNREFUSED',
      meta: { body: Buffer.alloc(1000), headers: { authorization: 'secret' } },
    });
    const described = describeError(new Error('no bulk', { cause }));
    expect(described).toMatchObject({
      type: 'Error',
      message: 'no bulk',
      cause: { message: 'refused', code: 'ECONNREFUSED' },
    });
    expect(JSON.stringify(described)).not.toContain('secret');
    expect(JSON.stringify(described)).not.toContain('meta');
  });

  it('ends with a chain of causes that ends nowhere', () => {
    const error = new Error('loop');
    error.cause = error;
    expect(JSON.stringify(describeError(error)).length).toBeLessThan(20_000);
  });

  it('takes what is no error as text', () => {
    expect(describeError('plain')).toBe('plain');
  });
});
