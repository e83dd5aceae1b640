import fc from 'fast-check';
import { entryContext } from '../../../lib/core/entry/entryContext.ts';
import { shippedEntryModel } from '../../../lib/core/entry/shippedEntryModel.ts';
import { productGravity } from '../../../lib/core/gravity/product/productGravity.ts';
import { threeWayFit } from '../../../lib/core/gravity/threeWay.ts';
import { SHIPPED_GROWTH_MODEL } from '../../../lib/core/growth/shippedGrowthModel.ts';
import { axis } from '../../../lib/core/labels.ts';
import { type Matrix, matrix } from '../../../lib/core/matrix.ts';
import { blendDispersion } from '../../../lib/core/potential/blendDispersion.ts';
import { fitBlend } from '../../../lib/core/potential/fitBlend.ts';
import { modelsOf } from '../../../lib/core/potential/modelEffects.ts';
import { normal, stream, uniform } from '../../../lib/core/random.ts';
import { dispersion } from '../../../lib/core/scoring/dispersion.ts';
import type { Foresight } from '../../../lib/core/scoring/exporterScores.ts';
import { type ScoringInputs, scoringInputs } from '../../../lib/core/scoring/scoringInputs.ts';
import { actualOf } from '../../../lib/core/trade/actualOf.ts';
import { exporterStarts, type Flows, sortFlows } from '../../../lib/core/trade/flows.ts';
import { totals } from '../../../lib/core/trade/totals.ts';

/** Flows among countries that are exporters and importers alike; `value` is asked for every cell between two of them, 0 is no trade. */
export function tradeAmong(
  nCountries: number,
  nProducts: number,
  value: (exporter: number, importer: number, product: number) => number,
): Flows {
  const rows: [number, number, number, number][] = [];
  for (let e = 0; e < nCountries; e++)
    for (let m = 0; m < nCountries; m++)
      for (let p = 0; p < nProducts; p++) {
        const traded = e === m ? 0 : value(e, m, p);
        if (traded > 0) rows.push([e, m, p, traded]);
      }
  const codes = (letter: string, n: number) =>
    axis(Array.from({ length: n }, (_, at) => letter + String(at).padStart(4, '0')));
  return sortFlows(codes('C', nCountries), codes('P', nProducts), {
    exporterN: rows.map(([e]) => e),
    importerN: rows.map(([, m]) => m),
    productN: rows.map(([, , p]) => p),
    valueN: rows.map(([, , , traded]) => traded),
  });
}

/** A world of factors, about `scale` USD a cell, times noise of unit mean whose logarithm has standard deviation `noise(product)`. */
export function noisyWorld(size: {
  countries: number;
  products: number;
  scale: number;
  seed: number;
  noise: (product: number) => number;
}): Flows {
  const { countries, products, scale, seed, noise } = size;
  const draws = stream(seed, 'world');
  const factor = (n: number) => Math.exp(normal(draws, n));
  return tradeAmong(countries, products, (e, m, p) => {
    const mu =
      scale * factor(e * products + p) * factor(100_000 + m * products + p) * factor(200_000 + e * countries + m);
    const sd = noise(p);
    return mu * Math.exp(sd * normal(stream(seed, 'noise'), (e * countries + m) * products + p) - sd ** 2 / 2);
  });
}

/** A density that depends on nothing: in (0, 1), but for product 0 outside the universe. */
export function anyDensity(nCountries: number, nProducts: number): Matrix {
  const draws = stream(1, 'density');
  const data = Float64Array.from({ length: nCountries * nProducts }, (_, n) =>
    n % nProducts === 0 ? Number.NaN : uniform(draws, n),
  );
  return matrix(nCountries, nProducts, data);
}

/** Everything scores need, from flows alone. */
export function inputsOf(flows: Flows): ScoringInputs {
  const fit = threeWayFit(flows);
  return scoringInputs(
    flows,
    fit,
    anyDensity(flows.countries.codes.length, flows.products.codes.length),
    dispersion(flows, fit),
  );
}

/** The shipped models, on the features of the inputs. */
export const foresightOf = ({ flows, factors }: ScoringInputs): Foresight => ({
  context: entryContext(flows, { threeWay: factors }),
  models: { entry: shippedEntryModel(false), growth: SHIPPED_GROWTH_MODEL },
});

/** A noisy world on a circle in which some pairs never traded, with gravity by distance: all models speak, and are blended. */
export function blendedInputs(): ScoringInputs {
  const [countries, products] = [9, 6];
  const noisy = noisyWorld({ countries, products, scale: 1e6, seed: 8, noise: () => 0.6 });
  const value = actualOf(noisy);
  const flows = tradeAmong(countries, products, (exporter, importer, product) =>
    (exporter + 2 * importer) % 7 === 0 ? 0 : value({ exporter, importer, product }),
  );
  const lnDistance = Float64Array.from({ length: countries * countries }, (_, at) => {
    const apart = Math.abs(Math.floor(at / countries) - (at % countries));
    return Math.log(500 + 700 * Math.min(apart, countries - apart));
  });
  const fit = threeWayFit(flows);
  const sums = totals(flows);
  const startE = exporterStarts(flows);
  const gravity = productGravity(flows, new Uint8Array(products), [{ name: 'lnDistance', valueIJ: lnDistance }]);
  const models = modelsOf(sums, fit, gravity);
  const blend = fitBlend(flows, sums, startE, models, { fromUsd: 1 });
  const scatter = blendDispersion({ flows, startE, models, blend }, sums);
  return scoringInputs(flows, fit, anyDensity(countries, products), scatter, {
    models,
    blend,
    gravityZeros: gravity.zeros,
  });
}

/** Small worlds: up to six countries and five products, two fifths of the cells trade, up to ten million USD. */
export const anyTrade = fc
  .tuple(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 5 }))
  .chain(([countries, products]) => {
    const value = fc.oneof(
      { weight: 3, arbitrary: fc.constant(0) },
      { weight: 2, arbitrary: fc.integer({ min: 1, max: 10_000_000 }) },
    );
    const n = countries * countries * products;
    return fc
      .array(value, { minLength: n, maxLength: n })
      .map((values) => tradeAmong(countries, products, (e, m, p) => values[(e * countries + m) * products + p]!));
  })
  .filter((flows) => flows.valueN.length > 0);
