import { type Matrix, matrix } from '../matrix.ts';
import { type Packed, packColumns, packRows } from './packed.ts';
import { transposed } from './transposed.ts';

/**
 * The weighted proximity between every product and the products of some baskets:
 *
 *     sums[r,p] = Σ_q Y[r,q] w[q] φ[q,p]
 *
 * Y is baskets × products, w one weight per product. Density, centrality and the outlook gain are such sums; Y is 0 or 1
 * everywhere but in continuous densities, where it is a ratio that only `sumsOver` takes.
 */
export type ProximitySums = (baskets: Matrix, weightP: Float64Array) => Matrix;

/** Sums over any proximity matrix (products × products): adds the rows of the products in each basket. */
export function sumsOver(proximity: Matrix): ProximitySums {
  const { cols: nProducts, data: phiPP } = proximity;
  return (baskets, weightP) => {
    const { start, at } = packRows(baskets);
    const sumRP = new Float64Array(baskets.rows * nProducts);
    for (let r = 0; r < baskets.rows; r++) {
      const sumP = sumRP.subarray(r * nProducts, (r + 1) * nProducts);
      for (let b = start[r]!; b < start[r + 1]!; b++) {
        const row = at[b]! * nProducts;
        const weight = baskets.data[r * nProducts + at[b]!]! * weightP[at[b]!]!;
        for (let p = 0; p < nProducts; p++) sumP[p]! += weight * phiPP[row + p]!;
      }
    }
    return matrix(baskets.rows, nProducts, sumRP);
  };
}

/**
 * Sums over the minimum conditional proximity of `presence` without forming it. Written out, the sum over products can
 * be taken exporter by exporter, and the larger ubiquity is p's for the products at most as ubiquitous as p, else q's:
 *
 *     Σ_q Y[r,q] w[q] φ[q,p] = Σ_{e exports p} ( common[e,r] / u[p] + rare[e,r] )
 *     common[e,r] = Σ_{q: u[q] ≤ u[p]} Y[r,q] M[e,q] w[q],    rare[e,r] = Σ_{q: u[q] > u[p]} Y[r,q] M[e,q] w[q] / u[q]
 *
 * Both tables depend on p only through u[p], so one walk over the products in order of ubiquity keeps them up to date:
 * ascending for the first, descending for the second, which adds only and never cancels. At HS6 that is some 10 million
 * additions instead of a billion, and two exporters × baskets tables instead of 200 MB.
 *
 * @param presence M, exporters × products, 0 or 1
 * @param diagonal φ[p,p], as in `proximity`; with unit weights a product without neighbours sums to exactly 0
 */
export function minimumProximitySums(presence: Matrix, diagonal: 0 | 1): ProximitySums {
  const { rows: nExporters, cols: nProducts } = presence;
  const exporters = packColumns(presence);
  const ubiquityP = Float64Array.from({ length: nProducts }, (_, p) => exporters.start[p + 1]! - exporters.start[p]!);
  const classes = classesOf(ubiquityP);

  return (baskets, weightP) => {
    const holders = packColumns(baskets);
    const nBaskets = baskets.rows;
    const sumPR = new Float64Array(nProducts * nBaskets);
    const sumR = new Float64Array(nBaskets);
    const tableER = new Float64Array(nExporters * nBaskets);

    // ascending: products at most as ubiquitous as p, over p's own ubiquity
    for (const { ubiquity, products } of classes) {
      for (const q of products) addProduct(tableER, exporters, holders, q, nBaskets, weightP[q]!);
      for (const p of products) {
        sumRows(sumR, tableER, exporters, p);
        if (diagonal === 0) {
          const own = ubiquity * weightP[p]!;
          for (let h = holders.start[p]!; h < holders.start[p + 1]!; h++) sumR[holders.at[h]!]! -= own;
        }
        for (let r = 0, at = p * nBaskets; r < nBaskets; r++, at++) sumPR[at] = sumR[r]! / ubiquity;
      }
    }
    // descending: more ubiquitous products, each over its own ubiquity
    tableER.fill(0);
    for (const { ubiquity, products } of classes.toReversed()) {
      for (const p of products) {
        sumRows(sumR, tableER, exporters, p);
        for (let r = 0, at = p * nBaskets; r < nBaskets; r++, at++) sumPR[at]! += sumR[r]!;
      }
      for (const q of products) addProduct(tableER, exporters, holders, q, nBaskets, weightP[q]! / ubiquity);
    }
    return transposed(matrix(nProducts, nBaskets, sumPR));
  };
}

/** The products of equal ubiquity, the rarest first; products that nobody exports are in no class. */
function classesOf(ubiquityP: Float64Array): { ubiquity: number; products: number[] }[] {
  const byUbiquity = new Map<number, number[]>();
  ubiquityP.forEach((ubiquity, p) => {
    const products = byUbiquity.get(ubiquity);
    if (products) products.push(p);
    else if (ubiquity > 0) byUbiquity.set(ubiquity, [p]);
  });
  return [...byUbiquity]
    .map(([ubiquity, products]) => ({ ubiquity, products }))
    .sort((a, b) => a.ubiquity - b.ubiquity);
}

/** Adds one product's weight where its exporters meet the baskets that hold it. */
function addProduct(
  tableER: Float64Array,
  exporters: Packed,
  holders: Packed,
  product: number,
  nBaskets: number,
  weight: number,
) {
  const end = holders.start[product + 1]!;
  for (let x = exporters.start[product]!; x < exporters.start[product + 1]!; x++) {
    const row = exporters.at[x]! * nBaskets;
    for (let h = holders.start[product]!; h < end; h++) tableER[row + holders.at[h]!]! += weight;
  }
}

/**
 * Overwrites `sumR` with the sum of the rows of the product's exporters. Four rows at a time, so that a sum is loaded and
 * stored once for four additions: row by row, a density at HS6 takes 1.7 times as long.
 */
function sumRows(sumR: Float64Array, tableER: Float64Array, { start, at }: Packed, product: number) {
  const nBaskets = sumR.length;
  const end = start[product + 1]!;
  sumR.fill(0);
  let x = start[product]!;
  for (; x + 3 < end; x += 4) {
    const a = at[x]! * nBaskets;
    const b = at[x + 1]! * nBaskets;
    const c = at[x + 2]! * nBaskets;
    const d = at[x + 3]! * nBaskets;
    for (let r = 0; r < nBaskets; r++) {
      sumR[r]! += tableER[a + r]! + tableER[b + r]! + (tableER[c + r]! + tableER[d + r]!);
    }
  }
  for (; x < end; x++) {
    const a = at[x]! * nBaskets;
    for (let r = 0; r < nBaskets; r++) sumR[r]! += tableER[a + r]!;
  }
}
