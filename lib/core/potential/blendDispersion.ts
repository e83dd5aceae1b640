import { type Dispersion, dispersionOf } from '../scoring/dispersion.ts';
import type { Totals } from '../trade/totals.ts';
import type { PotentialContext } from './exporterPotential.ts';
import { potentialCells } from './potentialCells.ts';

/** Below this a cell is no opportunity and no class of sizes counts it, USD. */
const FROM_USD = 10_000;

/**
 * How far trade scatters around the blend, by size and by product (dispersion.ts). Cells of pairs that never traded are left out: all of them are
 * empty, so their scatter says nothing. A potential there is taken to scatter as one of its size elsewhere.
 */
export function blendDispersion({ flows, startE, models, blend }: PotentialContext, totals: Totals): Dispersion {
  const nProducts = flows.products.codes.length;
  const nCountries = flows.countries.codes.length;
  const { exporterProduct, importerProduct, pair } = totals;
  const walk = potentialCells(flows, startE, models, blend);
  return dispersionOf(nProducts, (visit) => {
    for (let e = 0; e < nCountries; e++)
      walk(e, FROM_USD, (m, p, potential, actual) => {
        const traded = pair.data[e * nCountries + m]!;
        if (traded > 0) visit(p, potential, actual, leverageOf(potential, e * nProducts + p, m * nProducts + p, traded));
      });
  });

  function leverageOf(potential: number, ep: number, mp: number, traded: number): number {
    return potential / exporterProduct.data[ep]! + potential / importerProduct.data[mp]! + potential / traded;
  }
}
