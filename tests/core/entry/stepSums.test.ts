import { describe, expect, it } from 'vitest';
import { binOf, type Edges } from '../../../lib/core/entry/bins.ts';
import { stepSums } from '../../../lib/core/entry/stepSums.ts';
import { pseudoRandom } from '../../../lib/core/gravity/ppml/approximateCholesky.ts';

const random = pseudoRandom(11);
const effectsOf = (edges: Edges) => Float64Array.from({ length: edges.length + 1 }, () => random() - 0.5);
const steps = [[], [0], [0, 1e-3, 2, 5e8], Array.from({ length: 255 }, (_, n) => 1.07 ** n - 1)].map((edges) => ({
  edges,
  effects: [effectsOf(edges), effectsOf(edges)] as const,
}));
const rowOf = (length: number) =>
  Float32Array.from({ length }, () => (random() < 0.3 ? 0 : 10 ** (24 * random() - 12) * (random() < 0.05 ? -1 : 1)));

describe('sums of steps', () => {
  it.each([1, 3, 4, 61])('are those of a loop over terms, to the last bit, for rows of %i', (length) => {
    const sums = stepSums(steps, 64);
    const rows = steps.map(() => rowOf(length));
    // on an edge, and what is no size
    rows[2]![0] = Math.fround(1e-3);
    rows[3]![length - 1] = Number.POSITIVE_INFINITY;
    const expected = new Float64Array(2 * length).fill(0.25);
    sums.sum.fill(0.25);
    for (const [t, { edges, effects }] of steps.entries()) {
      sums.take(rows[t]!);
      sums.add(t);
      for (let n = 0; n < length; n++) {
        const bin = binOf(edges, rows[t]![n]!);
        expected[2 * n]! += effects[0][bin]!;
        expected[2 * n + 1]! += effects[1][bin]!;
      }
    }
    expect(Array.from(sums.sum.subarray(0, 2 * length))).toEqual(Array.from(expected));
    expect(sums.sum.subarray(2 * length).every((sum) => sum === 0.25)).toBe(true);
  });

  it('know whether a row is all zeros, whatever lay there before', () => {
    const sums = stepSums(steps, 10);
    expect(sums.isAny()).toBe(false);
    sums.take(Float32Array.of(0, 0, 0, 0, 0, 0, 7));
    expect(sums.isAny()).toBe(true);
    sums.take(new Float32Array(5));
    expect(sums.isAny()).toBe(false);
    sums.take(Float32Array.of(0, 0, 1e-38));
    expect(sums.isAny()).toBe(true);
    sums.take(new Float32Array(0));
    expect(sums.isAny()).toBe(false);
    sums.add(2);
    expect(sums.sum.every((sum) => sum === 0)).toBe(true);
  });
});
