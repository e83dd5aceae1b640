import { type Dispersion, dispersionOf } from '../scoring/dispersion.ts';
import type { Totals } from '../trade/totals.ts';
import type { PotentialContext } from './exporterPotential.ts';
import { potentialCells } from './potentialCells.ts';
import { withoutItself } from './withoutItself.ts';

/** Below this a cell is no opportunity and no class of sizes counts it, USD. */
const FROM_USD = 10_000;
/** A cell that makes up more than this of its totals says nothing about noise. */
const MOST_SHARE = 0.5;

/**
 * How far trade scatters around the blend, by size and by product (dispersion.ts), where size is what is expected of a cell without itself.
 *
 *     φ[q] = Σ (v - c P')² / Σ (c P')²,     c = Σ v / Σ P'        over the cells of size class q of P' (withoutItself.ts)
 *
 * By size as fitted, noise of one and the same strength seems to fall with size, by two orders of magnitude (s = 1: from 12 to 0.8 instead of 1.7), because
 * what sells little by chance is fitted small; P' has no such pull (test: a noise-only world). φ holds the error of P', too. Cells of pairs that
 * never traded are left out: all of them are empty, so their scatter says nothing. A potential there is taken to scatter as one of its size elsewhere.
 *
 * @source METHODS 9.6; decisions/0085
 */
export function blendDispersion({ flows, startE, models, blend }: PotentialContext, totals: Totals): Dispersion {
  const nProducts = flows.products.codes.length;
  const nCountries = flows.countries.codes.length;
  const { exporterProduct, importerProduct, pair } = totals;
  const walk = potentialCells(flows, startE, models, blend);
  return dispersionOf(nProducts, eachCell, { centred: true });

  function eachCell(visit: (product: number, mu: number, actual: number, h: number) => void): void {
    for (let e = 0; e < nCountries; e++)
      walk(e, FROM_USD, (m, p, potential, actual) => {
        const traded = pair.data[e * nCountries + m]!;
        if (!(traded > 0)) return;
        const sold = exporterProduct.data[e * nProducts + p]!;
        const bought = importerProduct.data[m * nProducts + p]!;
        const left = withoutItself(potential, actual, sold, bought, traded);
        const share = left / (sold - actual + left) + left / (bought - actual + left) + left / (traded - actual + left);
        if (share <= MOST_SHARE) visit(p, left, actual, 0);
      });
  }
}
