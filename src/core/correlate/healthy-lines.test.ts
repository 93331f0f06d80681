import { expect, it } from 'vitest';
import { aCall, decoded, sourceLine } from '../../../test/support/exchanges.ts';
import { HealthyLines } from './healthy-lines.ts';

const line = decoded(sourceLine(aCall()));

it('keeps no more than it may, the oldest keys go first', () => {
  const store = new HealthyLines(3);
  for (const key of ['a', 'b', 'a', 'c']) store.add(key, line);
  expect(store.take('a')).toEqual([]);
  expect(store.take('b')).toHaveLength(1);
  expect(store.take('b')).toEqual([]);
  for (const key of ['d', 'd']) store.add(key, line);
  expect(store.lines()).toHaveLength(3);
});

it('keeps nothing where healthy lines are not read', () => {
  const store = new HealthyLines(0);
  store.add('a', line);
  expect(store.lines()).toEqual([]);
});
