import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { marginErrors } from '../../../lib/core/gravity/marginErrors.ts';
import { threeWayFit } from '../../../lib/core/gravity/threeWay.ts';
import { type Matrix, matrix } from '../../../lib/core/matrix.ts';
import { dispersion } from '../../../lib/core/scoring/dispersion.ts';
import { explainCell } from '../../../lib/core/scoring/explainCell.ts';
import { exporterScores } from '../../../lib/core/scoring/exporterScores.ts';
import { scoringInputs } from '../../../lib/core/scoring/scoringInputs.ts';
import type { Flows } from '../../../lib/core/trade/flows.ts';
import { anyDensity, anyTrade, foresightOf, noisyWorld } from './world.fixture.ts';

const scaled = ({ rows, cols, data }: Matrix, by: (row: number, col: number) => number) =>
  matrix(
    rows,
    cols,
    data.map((factor, at) => factor * by(Math.floor(at / cols), at % cols)),
  );

/** Powers of two, by which a factor is multiplied without rounding. */
const powers = fc.array(
  fc.integer({ min: -30, max: 30 }).map((power) => 2 ** power),
  { minLength: 6, maxLength: 6 },
);

type Scales = readonly [f: readonly number[], g: readonly number[], h: readonly number[]];

/** Compares everything that is shown of a fit with the same of (A f_i g_k, B h_j / g_k, C / (f_i h_j)). */
function expectTheSame(flows: Flows, [f, g, h]: Scales) {
  const fit = threeWayFit(flows);
  const other = {
    ...fit,
    a: scaled(fit.a, (i, k) => f[i]! * g[k]!),
    b: scaled(fit.b, (j, k) => h[j]! / g[k]!),
    c: scaled(fit.c, (i, j) => 1 / (f[i]! * h[j]!)),
  };
  const nCountries = flows.countries.codes.length;
  const nProducts = flows.products.codes.length;
  const density = anyDensity(nCountries, nProducts);
  const one = scoringInputs(flows, fit, density, dispersion(flows, fit));
  const two = scoringInputs(flows, other, density, dispersion(flows, other));
  const [scoresOfOne, scoresOfTwo] = [exporterScores(one, foresightOf(one)), exporterScores(two, foresightOf(two))];
  expect(two.dispersion).toEqual(one.dispersion);
  expect(marginErrors(flows, other, [], fit.zeros)).toEqual(marginErrors(flows, fit, [], fit.zeros));
  for (let exporter = 0; exporter < nCountries; exporter++) {
    expect(scoresOfTwo(exporter, { floorUsd: 1 })).toEqual(scoresOfOne(exporter, { floorUsd: 1 }));
    for (let importer = 0; importer < nCountries; importer++)
      for (let product = 0; product < nProducts; product++) {
        const cell = { exporter, importer, product };
        expect(explainCell(two, cell)).toEqual(explainCell(one, cell));
      }
  }
  return one;
}

describe('the factors A f_i g_k, B h_j / g_k, C / (f_i h_j) are the same fit: every number shown is the same to the last bit', () => {
  it('in small worlds with gaps, forced cells and zeros', () => {
    fc.assert(
      fc.property(anyTrade, powers, powers, powers, (flows, f, g, h) => {
        expectTheSame(flows, [f, g, h]);
      }),
      { numRuns: 60 },
    );
  });

  it('in a world large enough to have a noise of its own', () => {
    const flows = noisyWorld({ countries: 12, products: 6, scale: 1e6, seed: 5, noise: (p) => 0.2 * (1 + p) });
    const power = (step: number) => Array.from({ length: 12 }, (_, n) => 2 ** (((n * step) % 41) - 20));
    const { dispersion: noise } = expectTheSame(flows, [power(7), power(11), power(13)]);
    expect(Math.min(...noise.cv2Q)).toBeGreaterThan(0);
  });
});
