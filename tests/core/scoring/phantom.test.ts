import { describe, expect, it } from 'vitest';
import { potentialOf } from '../../../lib/core/gravity/potential.ts';
import { threeWayFit } from '../../../lib/core/gravity/threeWay.ts';
import { exposure, sizeAlone, staticIndex } from '../../../lib/core/scoring/staticIndex.ts';
import type { Flows } from '../../../lib/core/trade/flows.ts';
import { totals } from '../../../lib/core/trade/totals.ts';
import { noisyWorld } from './world.fixture.ts';

const size = { countries: 16, products: 30, scale: 1e6, seed: 3 };
const truth = noisyWorld({ ...size, noise: () => 0 });

/** Two potentials of every cell that trades: the fit's and the static index. */
function potentials(flows: Flows): { fit: Float64Array; index: Float64Array } {
  const sums = totals(flows);
  const potential = potentialOf(threeWayFit(flows));
  const nProducts = flows.products.codes.length;
  const nCountries = flows.countries.codes.length;
  const exposures = Array.from({ length: nCountries }, (_, e) => exposure(sums, e));
  const cell = (n: number) => ({
    exporter: flows.exporterN[n]!,
    importer: flows.importerN[n]!,
    product: flows.productN[n]!,
  });
  const fit = flows.valueN.map((_, n) => potential(cell(n)));
  const index = flows.valueN.map((_, n) => {
    const { exporter, importer, product } = cell(n);
    const supply = sums.exporterProduct.data[exporter * nProducts + product]!;
    const alone = sizeAlone(
      supply,
      sums.importerProduct.data[importer * nProducts + product]!,
      sums.productP[product]!,
    );
    return staticIndex(alone, sums.pair.data[exporter * nCountries + importer]!, exposures[exporter]![importer]!);
  });
  return { fit, index };
}

const total = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);

describe('where nothing is unrealised', () => {
  const { fit, index } = potentials(truth);
  const phantom = (potential: Float64Array) =>
    total(potential.map((value, n) => Math.max(0, value - truth.valueN[n]!))) / total(potential);

  it('the fit says so, the static index does not', () => {
    expect(phantom(fit)).toBeLessThan(1e-8);
    expect(phantom(index)).toBeGreaterThan(0.05);
  });
});

describe('with noise', () => {
  it.each([0.5, 1])(
    'of standard deviation %f the fit is closer to the truth than the static index and than the data',
    (sd) => {
      const flows = noisyWorld({ ...size, noise: () => sd });
      const { fit, index } = potentials(flows);
      const error = (values: Float64Array) =>
        Math.sqrt(total(values.map((value, n) => Math.log(value / truth.valueN[n]!) ** 2)) / values.length);
      expect(error(fit)).toBeLessThan(error(index));
      expect(error(fit)).toBeLessThan(error(flows.valueN));
    },
  );
});
