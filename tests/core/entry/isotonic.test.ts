import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isotonicAt, isotonicFit } from '../../../lib/core/entry/isotonic.ts';

const fitOf = (scores: number[], outcomes: number[], weights: number[] = scores.map(() => 1)) =>
  isotonicFit(Float64Array.from(scores), outcomes, weights);

describe('on paper', () => {
  it('one violation spreads until the means rise: 1 3 2 4 → 1 2.5 2.5 4', () => {
    expect(fitOf([10, 20, 30, 40], [1, 3, 2, 4])).toEqual({ from: [10, 20, 40], value: [1, 2.5, 4] });
  });

  it('a block that falls below its left neighbour pulls it in: 2 3 1 → 2 2 2', () => {
    expect(fitOf([1, 2, 3], [2, 3, 1])).toEqual({ from: [1], value: [2] });
  });

  it('weights count: 4 with weight 1, then 1 with weight 2 → 2', () => {
    expect(fitOf([1, 2], [4, 1], [1, 2])).toEqual({ from: [1], value: [2] });
  });

  it('equal scores are one block, in whatever order they come', () => {
    expect(fitOf([1, 2, 2], [0, 1, 0])).toEqual({ from: [1, 2], value: [0, 0.5] });
    expect(fitOf([2, 1, 2], [0, 0, 1])).toEqual({ from: [1, 2], value: [0, 0.5] });
  });

  it('is read as steps, the first of which reaches down', () => {
    const fit = fitOf([10, 20], [0.1, 0.4]);
    expect([-Infinity, 9, 10, 19.9, 20, 1e9].map((score) => isotonicAt(fit, score))).toEqual([
      0.1, 0.1, 0.1, 0.1, 0.4, 0.4,
    ]);
  });

  it('refuses what has no place', () => {
    expect(() => fitOf([], [])).toThrow('0 scores');
    expect(() => fitOf([1, NaN], [0, 1])).toThrow('cell 1 has score NaN');
    expect(() => fitOf([1], [1], [0])).toThrow('weight 0');
    expect(() => isotonicAt(fitOf([1], [1]), NaN)).toThrow('NaN');
  });
});

const anyCells = fc.array(
  fc.record({
    score: fc.integer({ min: 0, max: 12 }),
    outcome: fc.integer({ min: 0, max: 9 }),
    weight: fc.integer({ min: 1, max: 5 }),
  }),
  { minLength: 1, maxLength: 25 },
);

it('is the minimax of means over stretches of scores, which defines it without an algorithm', () => {
  fc.assert(
    fc.property(anyCells, (cells) => {
      const fit = fitOf(
        cells.map(({ score }) => score),
        cells.map(({ outcome }) => outcome),
        cells.map(({ weight }) => weight),
      );
      const scores = [...new Set(cells.map(({ score }) => score))];
      const mean = (low: number, high: number) => {
        const within = cells.filter(({ score }) => score >= low && score <= high);
        const weight = within.reduce((sum, cell) => sum + cell.weight, 0);
        return within.reduce((sum, cell) => sum + cell.weight * cell.outcome, 0) / weight;
      };
      for (const score of scores) {
        const least = (low: number) => Math.min(...scores.filter((s) => s >= score).map((high) => mean(low, high)));
        const expected = Math.max(...scores.filter((s) => s <= score).map(least));
        expect(Math.abs(isotonicAt(fit, score) - expected)).toBeLessThan(1e-12);
      }
      // totals are kept
      const total = cells.reduce((sum, { weight, outcome }) => sum + weight * outcome, 0);
      const kept = cells.reduce((sum, { weight, score }) => sum + weight * isotonicAt(fit, score), 0);
      expect(Math.abs(kept - total)).toBeLessThan(1e-10);
    }),
  );
});
