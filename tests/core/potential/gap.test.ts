import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { degree, gap } from '../../../lib/core/potential/gap.ts';

describe('the split of what is missing', () => {
  //                        projected static actual   realised missing friction growth
  it.each([
    ['potential grows', 150, 100, 60, 60, 90, 40, 50],
    ['sold beyond the static potential', 150, 100, 120, 120, 30, 0, 30],
    ['potential shrinks', 80, 100, 60, 60, 20, 20, 0],
    ['nothing is missing', 80, 100, 90, 80, 0, 0, 0],
  ])('%s', (_, projected, fixed, actual, realised, unrealised, friction, growth) => {
    expect(gap(projected, fixed, actual)).toEqual({ realised, unrealised, friction, growth });
  });

  it('adds up, with no negative part', () => {
    const usd = fc.integer({ min: 0, max: 1_000_000 });
    fc.assert(
      fc.property(usd, usd, usd, (projected, fixed, actual) => {
        const { realised, unrealised, friction, growth } = gap(projected, fixed, actual);
        expect(friction + growth).toBe(unrealised);
        expect(realised + unrealised).toBe(projected);
        expect(Math.min(friction, growth)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

it('the degree of unrealised potential adds cells first: what one sells too much does not make up for another', () => {
  expect(degree([100, 100], [50, 150])).toBe(0.25);
  expect(degree([], [])).toBeNaN();
});
