import type { Partialled } from './partialOut.ts';
import type { Tables } from './tables.ts';

/** Σ_k μ by pair, in the layout of ease. */
export function fittedByPair(tables: Tables): Float64Array {
  const { memory, aS, bD } = tables;
  const { ease, other } = memory.f64;
  other.fill(0);
  spreadProducts(tables, aS, bD);
  const fittedIJ = new Float64Array(ease.length);
  for (let at = 0; at < fittedIJ.length; at++) fittedIJ[at] = other[at]! * ease[at]!;
  return fittedIJ;
}

/**
 * Σ_k (a[k,i] + b[k,j]) (y - μ) by pair, for a column's fit a + b on the effects: what a pair's score has beside x Σ_k (y - μ).
 */
export function fittedScores(tables: Tables, { ofS, ofD }: Partialled): Float64Array {
  const { memory, aS, bD, flows, supplyN, demandN, pairN } = tables;
  const { ease, other, p } = memory.f64;
  other.fill(0);
  for (let s = 0; s < aS.length; s++) p[s] = aS[s]! * ofS[s]!;
  spreadProducts(tables, p, bD);
  spreadProducts(
    tables,
    aS,
    bD.map((b, d) => b * ofD[d]!),
  );
  p.fill(0);
  const scoreIJ = new Float64Array(ease.length);
  for (let at = 0; at < scoreIJ.length; at++) scoreIJ[at] = -other[at]! * ease[at]!;
  for (let n = 0; n < pairN.length; n++)
    scoreIJ[pairN[n]!]! += (ofS[supplyN[n]!]! + ofD[demandN[n]!]!) * flows.valueN[n]!;
  return scoreIJ;
}

/**
 * What share the fitted values of a pair are of the totals of its exporter and importer, product by product, and on average over its fitted values:
 *
 *     h[i,j] = Σ_k μ (μ / v[k,i] + μ / v[k,j]) / Σ_k μ        0 for a pair without cells
 *
 * @param fittedIJ Σ_k μ by pair
 */
export function leverageByPair(tables: Tables, fittedIJ: Float64Array): Float64Array {
  const { memory, aS, bD, support } = tables;
  const { totalS, totalD } = support;
  const { ease, other, p } = memory.f64;
  other.fill(0);
  // fillers have no total, and A = 0
  for (let s = 0; s < aS.length; s++) p[s] = totalS[s]! > 0 ? aS[s]! ** 2 / totalS[s]! : 0;
  spreadProducts(
    tables,
    p,
    bD.map((b) => b ** 2),
  );
  for (let s = 0; s < aS.length; s++) p[s] = aS[s]! ** 2;
  spreadProducts(
    tables,
    p,
    bD.map((b, d) => b ** 2 / totalD[d]!),
  );
  p.fill(0);
  return fittedIJ.map((fitted, at) => (fitted > 0 ? (other[at]! * ease[at]! ** 2) / fitted : 0));
}

/** other[i,j] += Σ_k x[k,i] y[k,j], over the cells that there are. `xS` lies in the tables' memory. */
function spreadProducts(tables: Tables, xS: Float64Array, yD: Float64Array): void {
  const { memory, support, stride } = tables;
  const { startSP, startDP, importerD } = support;
  const { f64, u32, spread } = memory;
  const { other, b } = f64;
  for (let product = 0; product < startSP.length - 1; product++) {
    b.fill(0);
    for (let d = startDP[product]!; d < startDP[product + 1]!; d++) b[importerD[d]!] = yD[d]!;
    const from = startSP[product]!;
    const row = u32.row.byteOffset;
    const end = row + startSP[product + 1]! * 4;
    tables.withoutZeros(other, product, () =>
      spread(row + from * 4, end, stride * 8, other.byteOffset, b.byteOffset, xS.byteOffset + from * 8),
    );
  }
}
