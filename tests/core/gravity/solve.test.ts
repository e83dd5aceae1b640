import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { solvePositiveDefinite } from '../../../lib/core/gravity/solve.ts';

describe('solvePositiveDefinite', () => {
  it('solves H x = g', () => {
    const size = fc.integer({ min: 1, max: 8 });
    const entries = (n: number) =>
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: n, maxLength: n });
    fc.assert(
      fc.property(
        size.chain((n) => fc.tuple(fc.constant(n), entries(n * n), entries(n))),
        ([n, root, x]) => {
          // H = R Rᵀ + I
          const h = (r: number, c: number) =>
            Array.from({ length: n }, (_, k) => root[r * n + k]! * root[c * n + k]!).reduce((sum, y) => sum + y, 0) +
            (r === c ? 1 : 0);
          const g = Float64Array.from({ length: n }, (_, r) => x.reduce((sum, value, c) => sum + h(r, c) * value, 0));
          const solved = solvePositiveDefinite(
            Float64Array.from({ length: n }, (_, r) => h(r, r)),
            h,
            g,
          );
          for (const [r, value] of solved.entries()) expect(value).toBeCloseTo(x[r]!, 8);
        },
      ),
    );
  });

  it('stays put along a direction that H does not see', () => {
    // H = [1 -1; -1 1] knows only the difference
    const [x, y] = solvePositiveDefinite(Float64Array.of(1, 1), () => -1, Float64Array.of(2, -2));
    expect(x! - y!).toBeCloseTo(2, 6);
  });
});
