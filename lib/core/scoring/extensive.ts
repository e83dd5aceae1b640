import { percentile, rankOrder } from './ranking.ts';
import type { ScoredBasis } from './scoredBasis.ts';
import type { ScoringInputs } from './scoringInputs.ts';
import { exposure } from './staticIndex.ts';

/**
 * Opportunities in products that the exporter does not sell yet, in markets that buy them and with which it trades. Supply is not observed,
 * so product-space density stands in for it and the result is a rank without a unit.
 *
 *     PDI = density[i,k] · v_jk · v_ij / T_ij
 *
 * @param kept how many to return at most; the percentile counts all
 * @returns the best, best first; potential, shrunk value and size NaN
 * @source METHODS 1.4, after the product diversification indicator of the International Trade Centre
 */
export function extensiveCells(inputs: ScoringInputs, exporter: number, kept: number): ScoredBasis {
  const { totals, density } = inputs;
  const { exporterProduct, importerProduct, pair } = totals;
  const nProducts = density.cols;
  const exposureM = exposure(totals, exporter);

  // products to enter, with something related in the basket
  const productX: number[] = [];
  const densityX: number[] = [];
  for (let p = 0; p < nProducts; p++) {
    const related = density.data[exporter * nProducts + p]!;
    if (exporterProduct.data[exporter * nProducts + p] !== 0 || !(related > 0)) continue;
    productX.push(p);
    densityX.push(related);
  }

  // all markets, keeping the best: from time to time the rest is thrown away, and what can't get in any more is not taken up
  const best = new Best(kept);
  let cells = 0;
  for (let m = 0; m < pair.cols; m++) {
    const trade = pair.data[exporter * pair.cols + m]!;
    if (!(trade > 0)) continue;
    const ease = trade / exposureM[m]!;
    for (let x = 0; x < productX.length; x++) {
      const demand = importerProduct.data[m * nProducts + productX[x]!]!;
      if (demand === 0) continue;
      cells++;
      const index = densityX[x]! * demand * ease;
      if (index >= best.entry) best.add(m, productX[x]!, index);
    }
  }
  const { importerN, productN, indexN } = best.ranked();
  const nowhere = () => new Float64Array(indexN.length).fill(Number.NaN);
  return {
    importerN,
    productN,
    actualN: new Float64Array(indexN.length),
    potentialN: nowhere(),
    shrunkN: nowhere(),
    sizeN: nowhere(),
    indexN,
    feasibilityN: Float64Array.from(productN, (p) => density.data[exporter * nProducts + p]!),
    scoreN: indexN.map((_, rank) => percentile(rank, cells)),
  };
}

/** The cells with the highest index so far: room for as many again, so that the rest is thrown away only now and then. */
class Best {
  /** a cell below this index can't be among the best */
  entry = 0;
  readonly #kept: number;
  #importers: number[] = [];
  #products: number[] = [];
  #indices: number[] = [];

  constructor(kept: number) {
    this.#kept = kept;
  }

  add(importer: number, product: number, index: number) {
    this.#importers.push(importer);
    this.#products.push(product);
    this.#indices.push(index);
    if (this.#indices.length === 2 * this.#kept) this.ranked();
  }

  ranked() {
    const importerN = Uint16Array.from(this.#importers);
    const productN = Uint16Array.from(this.#products);
    const opportunityN = Float64Array.from(this.#indices);
    const unrealisedN = new Float64Array(opportunityN.length);
    const order = rankOrder({ importerN, productN, opportunityN, unrealisedN }).subarray(0, this.#kept);
    this.#importers = Array.from(order, (n) => importerN[n]!);
    this.#products = Array.from(order, (n) => productN[n]!);
    this.#indices = Array.from(order, (n) => opportunityN[n]!);
    if (order.length === this.#kept) this.entry = this.#indices[this.#kept - 1]!;
    return {
      importerN: Uint16Array.from(this.#importers),
      productN: Uint16Array.from(this.#products),
      indexN: Float64Array.from(this.#indices),
    };
  }
}
