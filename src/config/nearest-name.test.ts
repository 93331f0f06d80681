import { describe, expect, it } from 'vitest';
import { editDistance, nearestName } from './nearest-name.ts';

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['labels', 'labels', 0],
    ['lables', 'labels', 1],
    ['labl', 'labels', 2],
    ['for', 'form', 1],
    ['UC', 'UCC', 1],
    ['kitten', 'sitting', 3],
  ])('from %s to %s is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });
});

describe('nearestName', () => {
  const known = ['alert', 'select', 'by', 'spike', 'for', 'keep_firing_for', 'labels', 'annotations'];

  it.each([
    ['lables', 'labels'],
    ['SPIKE', 'spike'],
    ['keep_fireing_for', 'keep_firing_for'],
    ['anotation', 'annotations'],
    ['xyzzy', null],
    ['', null],
    ['a'.repeat(1000), null],
  ])('of %s is %s', (name, nearest) => {
    expect(nearestName(name, known)).toBe(nearest);
  });
});
