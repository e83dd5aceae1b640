import type { ThreeWayFit } from '../gravity/threeWay.ts';
import type { Flows } from '../trade/flows.ts';

/** What a walk over the support meets: mu > 0 and v ≥ 0, USD. */
export type VisitCell = (importer: number, product: number, mu: number, actual: number) => void;

/**
 * Walks the cells of one exporter that are fitted, in the order of the flows: importer, then product. Cells that are forced or certainly zero
 * are left out: nothing about them is estimated.
 *
 * @param startE where each exporter's rows of the flows start (`exporterStarts`)
 * @param fromUsd cells with a smaller mu are passed over, > 0
 * @cost one product of factors per product that the exporter sells, for each partner
 */
export function supportCells(
  flows: Flows,
  startE: Uint32Array,
  fit: Pick<ThreeWayFit, 'a' | 'b' | 'c' | 'zeros'>,
  exporter: number,
  fromUsd: number,
  visit: VisitCell,
): void {
  const { importerN, productN, valueN } = flows;
  const nCountries = fit.c.cols;
  const nProducts = fit.a.cols;
  const b = fit.b.data;
  const aP = fit.a.data.subarray(exporter * nProducts, (exporter + 1) * nProducts);
  const basket = Uint16Array.from(aP.keys()).filter((p) => aP[p]! > 0);
  const zeros = new Set(
    fit.zeros
      .filter((cell) => cell.exporter === exporter)
      .map(({ importer, product }) => importer * nProducts + product),
  );

  const end = startE[exporter + 1]!;
  let n = startE[exporter]!;
  for (let m = 0; m < nCountries; m++) {
    const c = fit.c.data[exporter * nCountries + m]!;
    while (n < end && importerN[n]! < m) n++;
    if (!(c > 0)) continue;
    // the flows of this pair and the basket are both ascending
    for (const p of basket) {
      const mu = aP[p]! * b[m * nProducts + p]! * c;
      if (mu < fromUsd || (zeros.size > 0 && zeros.has(m * nProducts + p))) continue;
      while (n < end && importerN[n] === m && productN[n]! < p) n++;
      const trades = n < end && importerN[n] === m && productN[n] === p;
      visit(m, p, mu, trades ? valueN[n]! : 0);
    }
  }
}
