import { noiseSd } from './dispersion.ts';
import { percentile, rankOrder } from './ranking.ts';
import { pickRows, type ScoredBasis } from './scoredBasis.ts';
import type { ScoringInputs } from './scoringInputs.ts';
import { exposure, sizeAlone, staticIndex } from './staticIndex.ts';
import { supportCells } from './supportCells.ts';
import { unrealisedRaw, unrealisedShrunk } from './unrealised.ts';

/**
 * Opportunities in products that the exporter sells already: cells whose potential exceeds what is sold by at least the floor, and by more
 * than noise explains.
 *
 *     opportunity = U_shrunk · density        USD weighted by how much of what surrounds the product the exporter sells
 *
 * @param floorUsd smallest unrealised value before shrinking, USD > 0
 * @returns all of them, best first, scored
 */
export function intensiveCells(inputs: ScoringInputs, exporter: number, floorUsd: number): ScoredBasis {
  const { flows, startE, factors, totals, density, dispersion } = inputs;
  const nProducts = density.cols;
  const supplyP = totals.exporterProduct.data.subarray(exporter * nProducts, (exporter + 1) * nProducts);
  const densityP = density.data.subarray(exporter * nProducts, (exporter + 1) * nProducts);
  const pairM = totals.pair.data.subarray(exporter * totals.pair.cols, (exporter + 1) * totals.pair.cols);
  const exposureM = exposure(totals, exporter);

  // which cells
  const importers: number[] = [];
  const products: number[] = [];
  const potentials: number[] = [];
  const actuals: number[] = [];
  const shrunk: number[] = [];
  supportCells(flows, startE, factors, exporter, floorUsd, (m, p, mu, actual) => {
    if (unrealisedRaw(mu, actual) < floorUsd) return;
    const beyondNoise = unrealisedShrunk(mu, actual, noiseSd(dispersion, p, mu));
    if (beyondNoise === 0) return;
    shrunk.push(beyondNoise);
    importers.push(m);
    products.push(p);
    potentials.push(mu);
    actuals.push(actual);
  });

  // what is missing in each, and what it is made of
  const cells = importers.length;
  const importerN = Uint16Array.from(importers);
  const productN = Uint16Array.from(products);
  const shrunkN = Float64Array.from(shrunk);
  const [unrealisedN, opportunityN, sizeN, indexN, feasibilityN] = Array.from(
    { length: 5 },
    () => new Float64Array(cells),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  for (let n = 0; n < cells; n++) {
    const m = importers[n]!;
    const p = products[n]!;
    const mu = potentials[n]!;
    const actual = actuals[n]!;
    unrealisedN[n] = unrealisedRaw(mu, actual);
    feasibilityN[n] = densityP[p]! || 0;
    opportunityN[n] = shrunkN[n]! * feasibilityN[n]!;
    sizeN[n] = sizeAlone(supplyP[p]!, totals.importerProduct.data[m * nProducts + p]!, totals.productP[p]!);
    indexN[n] = staticIndex(sizeN[n]!, pairM[m]!, exposureM[m]!);
  }

  // in rank order
  const order = rankOrder({ importerN, productN, opportunityN, unrealisedN });
  const scoreN = new Float64Array(cells);
  for (let rank = 0; rank < cells; rank++) scoreN[rank] = percentile(rank, cells);
  const measure = (values: ArrayLike<number>) => pickRows(values, order, new Float64Array(cells));
  return {
    importerN: pickRows(importerN, order, new Uint16Array(cells)),
    productN: pickRows(productN, order, new Uint16Array(cells)),
    actualN: measure(actuals),
    potentialN: measure(potentials),
    shrunkN: measure(shrunkN),
    sizeN: measure(sizeN),
    indexN: measure(indexN),
    feasibilityN: measure(feasibilityN),
    scoreN,
  };
}
