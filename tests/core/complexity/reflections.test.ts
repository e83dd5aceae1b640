import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eci } from '../../../lib/core/complexity/eci.ts';
import { margins } from '../../../lib/core/complexity/margins.ts';
import { correlation } from '../../../lib/core/complexity/moments.ts';
import { presence } from '../../../lib/core/complexity/presence.ts';
import { reflections } from '../../../lib/core/complexity/reflections.ts';
import { anyExports, difference } from './definitions.ts';
import { grid, PRESENCE, rowsOf } from './fiveBySix.ts';

/** Both sequences as they were published, order by order; the last two orders of each. */
function published(m: typeof PRESENCE, iterations: number) {
  const rows = rowsOf(m);
  const { rows: diversityE, cols: ubiquityP } = margins(m);
  const kc = [[...diversityE]];
  const kp = [[...ubiquityP]];
  for (let order = 1; order < iterations; order++) {
    kc.push(
      rows.map((basket, e) => basket.reduce((sum, m_ep, p) => sum + m_ep * kp[order - 1]![p]!, 0) / diversityE[e]!),
    );
    kp.push(
      [...ubiquityP].map((u, p) => rows.reduce((sum, basket, e) => sum + basket[p]! * kc[order - 1]![e]!, 0) / u),
    );
  }
  return { kcE: kc[iterations - 2]!, kpP: kp[iterations - 1]! };
}

/** Differences from the first element: what is left of a sequence when its constant is taken away. */
const differences = (values: ArrayLike<number>) => Array.from(values, (value) => value - values[0]!);

describe('reflections', () => {
  test('of a case on paper: order 0 of the exporters is diversity, order 1 of the products its mean', () => {
    const m = grid([1, 1], [1, 0], [1, 0]); // diversities 2, 1, 1: product 1 has 4/3, product 2 has 2
    const { kcE, kpP } = reflections(m, 2);
    expect(differences(kcE)).toEqual([0, -1, -1]);
    expect(difference(differences(kpP), [0, 2 - 4 / 3])).toBeLessThan(1e-15);
  });

  test('are the published sequences, up to a constant', () => {
    fc.assert(
      fc.property(anyExports, fc.constantFrom(2, 4, 8), (x, iterations) => {
        const m = presence(x);
        const ours = reflections(m, iterations);
        const theirs = published(m, iterations);
        expect(difference(differences(ours.kcE), differences(theirs.kcE))).toBeLessThan(1e-12);
        expect(difference(differences(ours.kpP), differences(theirs.kpP))).toBeLessThan(1e-12);
      }),
    );
  });

  test('end at the second eigenvector, and not in rounding noise, however many there are', () => {
    const { kcE, kpP } = reflections(PRESENCE, 200);
    const { eciE, pciP } = eci(PRESENCE);
    expect(1 - Math.abs(correlation(kcE, eciE))).toBeLessThan(1e-12);
    expect(1 - Math.abs(correlation(kpP, pciP))).toBeLessThan(1e-12);
  });

  test.each([0, 3, -2])('refuse %i iterations', (iterations) => {
    expect(() => reflections(PRESENCE, iterations)).toThrow(`${iterations} iterations, expected an even number`);
  });
});
