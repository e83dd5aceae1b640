import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitness } from '../../../lib/core/complexity/fitness.ts';
import { presence } from '../../../lib/core/complexity/presence.ts';
import { anyExports, difference } from './definitions.ts';
import { grid, rowsOf } from './fiveBySix.ts';

describe('fitness', () => {
  test('of a case on paper, one and two updates', () => {
    const m = grid([1, 1], [1, 0]);
    // F = (2, 1) / 1.5, Q = (1/2, 1) / 0.75
    const once = fitness(m, { iterations: 2 });
    expect(difference(once.fitnessE, [4 / 3, 2 / 3])).toBeLessThan(1e-15);
    expect(difference(once.complexityP, [2 / 3, 4 / 3])).toBeLessThan(1e-15);
    expect(once.lastChange).toBeCloseTo(1 / 3, 14);
    // F = (2/3 + 4/3, 2/3) / (4/3); Q: product 1 has 1 / (3/4 + 3/2) = 4/9, product 2 has 4/3, over 8/9
    const twice = fitness(m, { iterations: 3 });
    expect(difference(twice.fitnessE, [1.5, 0.5])).toBeLessThan(1e-15);
    expect(difference(twice.complexityP, [0.5, 1.5])).toBeLessThan(1e-15);
  });

  test('lets the least fit exporter alone decide as extremality grows', () => {
    const m = grid([1, 1, 0, 1], [1, 1, 1, 0], [1, 0, 1, 0]);
    const { fitnessE } = fitness(m, { iterations: 2 });
    const { complexityP } = fitness(m, { iterations: 3, extremality: 200 });
    const least = rowsOf(m)[0]!.map((_, p) => Math.min(...[...fitnessE].filter((_value, e) => rowsOf(m)[e]![p] === 1)));
    const mean = least.reduce((sum, value) => sum + value, 0) / least.length;
    expect(
      difference(
        complexityP,
        least.map((value) => value / mean),
      ),
    ).toBeLessThan(0.01);
  });

  test('averages 1 on both sides, and says when it has not settled', () => {
    fc.assert(
      fc.property(anyExports, (x) => {
        const { fitnessE, complexityP, lastChange } = fitness(presence(x));
        const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
        expect(mean(fitnessE)).toBeCloseTo(1, 12);
        expect(mean(complexityP)).toBeCloseTo(1, 12);
        expect(lastChange).toBeGreaterThanOrEqual(0);
      }),
    );
    // two exporters, nested: the fitness of the second halves, thirds, … for ever
    expect(fitness(grid([1, 1], [1, 0]), { iterations: 50 }).lastChange).toBeGreaterThan(1e-3);
    expect(fitness(grid([1, 1, 0], [0, 1, 1], [1, 0, 1])).lastChange).toBeLessThan(1e-15);
  });
});
