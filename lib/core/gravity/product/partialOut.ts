import type { Tables } from './tables.ts';

/** One column, weighted by μ: what suppliers and buyers sum it to, and its least-squares fit on their effects. */
export interface Partialled {
  /** Σ_j μ x by supply, Σ_i μ x by demand */
  readonly sumS: Float64Array;
  readonly sumD: Float64Array;
  /** the fit: x ≈ a[k,i] + b[k,j]. Only sums of the two are unique. Kept from call to call as the place to start from */
  readonly ofS: Float64Array;
  readonly ofD: Float64Array;
  /** what the fit leaves of buyers' sums: 0 once it is exact */
  readonly restD: Float64Array;
}

export const notYetPartialled = ({ aS, bD }: Tables): Partialled => ({
  sumS: new Float64Array(aS.length),
  sumD: new Float64Array(bD.length),
  ofS: new Float64Array(aS.length),
  ofD: new Float64Array(bD.length),
  restD: new Float64Array(bD.length),
});

const MAX_ITERATIONS = 2000;
/** A direction whose curvature is this small against its length moves no cell: it shifts a whole component of the network. */
const NULL_CURVATURE = 1e-14;
/** Of the square of what a column started with, this much is rounding. */
const ROUNDING = 1e-30;

/** Adds up μ x by supply and by demand. Expects ease in the tables' memory; `columnIJ` has the layout of ease. */
export function sumColumn(tables: Tables, columnIJ: Float64Array, { sumS, sumD }: Partialled): void {
  const { memory, support, aS, bD } = tables;
  const { startSP, startDP, importerD } = support;
  const { ease, other, b, t, p: multiplierS, q, s } = memory.f64;
  for (let at = 0; at < columnIJ.length; at++) other[at] = columnIJ[at]! * ease[at]!;
  multiplierS.set(aS);
  q.fill(0);
  for (let product = 0; product < startSP.length - 1; product++)
    tables.withoutZeros(other, product, () => {
      b.fill(0);
      for (let d = startDP[product]!; d < startDP[product + 1]!; d++) b[importerD[d]!] = bD[d]!;
      t.fill(0);
      meetRows(tables, product, other.byteOffset);
      for (let d = startDP[product]!; d < startDP[product + 1]!; d++) sumD[d] = bD[d]! * t[importerD[d]!]!;
      for (let at = startSP[product]!; at < startSP[product + 1]!; at++) sumS[at] = aS[at]! * s[at]!;
    });
  multiplierS.fill(0);
}

/**
 * Fits one product's column on its two effects, with weights μ, after `balance`:
 *
 *     minimise Σ_ij μ (x[i,j] - a[i] - b[j])²
 *
 * a is eliminated in closed form; conjugate gradients solve for b, preconditioned with the buyers' totals.
 *
 * @param tolerance root mean square, weighted by μ, of the means that may be left; in units of x
 */
export function partialOut(tables: Tables, product: number, column: Partialled, tolerance: number): void {
  const { startSP, startDP, totalS } = tables.support;
  const { fittedD } = tables;
  const { sumS, sumD, ofS, ofD, restD } = column;
  const from = startSP[product]!;
  const to = startSP[product + 1]!;
  const first = startDP[product]!;
  const length = startDP[product + 1]! - first;

  prepareReduced(tables, product);

  // what buyers sum x to once the sellers' means, and what is known of b, are taken out
  const { p, q, s, a } = tables.memory.f64;
  for (let at = from; at < to; at++) p[at] = totalS[at]! > 0 ? (a[at]! * sumS[at]!) / totalS[at]! : 0;
  const residual = restD.subarray(first, first + length);
  const known = ofD.subarray(first, first + length);
  meetDemands(tables, product, known, residual);
  let world = 0;
  for (let d = 0; d < length; d++) {
    residual[d] = sumD[first + d]! - fittedD[first + d]! * known[d]! - residual[d]!;
    world += fittedD[first + d]!;
  }
  p.fill(0, from, to);
  solveReduced(tables, product, residual, known, tolerance * tolerance * world);

  // the sellers' means of what b leaves
  meetDemands(tables, product, known, new Float64Array(length));
  for (let at = from; at < to; at++) ofS[at] = q[at]! > 0 ? (sumS[at]! - a[at]! * s[at]!) / totalS[at]! : 0;
}

/** Sets what the reduced system of a product multiplies by: A² / total. Its p is 0. */
export function prepareReduced({ memory, support: { startSP, totalS } }: Tables, product: number): void {
  const { a, q } = memory.f64;
  for (let s = startSP[product]!; s < startSP[product + 1]!; s++)
    q[s] = totalS[s]! > 0 ? (a[s]! * a[s]!) / totalS[s]! : 0;
}

/**
 * Conjugate gradients for (diag(Σ_i μ) - M' diag(1 / Σ_j μ) M) b = r, M = μ, from the b given, which is moved in place. With the totals of the data in
 * place of μ's own, a constant b would have a curvature that is not 0, of either sign.
 *
 * @param residualD right-hand side less the matrix times b; overwritten
 * @param enough Σ r² / Σ_i μ at which to stop
 * @returns iterations
 */
export function solveReduced(
  tables: Tables,
  product: number,
  residualD: Float64Array,
  bD: Float64Array,
  enough: number,
): number {
  const length = residualD.length;
  const first = tables.support.startDP[product]!;
  const totalD = tables.fittedD.subarray(first, first + length);
  const direction = new Float64Array(length);
  const times = new Float64Array(length);
  let squares = 0;
  for (let d = 0; d < length; d++) {
    direction[d] = residualD[d]! / totalD[d]!;
    squares += residualD[d]! * direction[d]!;
  }
  const floor = Math.max(enough, ROUNDING * squares);
  let iterations = 0;
  while (squares > floor && iterations < MAX_ITERATIONS) {
    meetDemands(tables, product, direction, times);
    let curvature = 0;
    let size = 0;
    for (let d = 0; d < length; d++) {
      times[d]! += totalD[d]! * direction[d]!;
      curvature += direction[d]! * times[d]!;
      size += direction[d]! * direction[d]! * totalD[d]!;
    }
    if (!(curvature > NULL_CURVATURE * size)) break;
    const step = squares / curvature;
    let next = 0;
    for (let d = 0; d < length; d++) {
      bD[d]! += step * direction[d]!;
      residualD[d]! -= step * times[d]!;
      next += residualD[d]! ** 2 / totalD[d]!;
    }
    const turn = next / squares;
    squares = next;
    for (let d = 0; d < length; d++) direction[d] = residualD[d]! / totalD[d]! + turn * direction[d]!;
    iterations++;
  }
  return iterations;
}

/** out[j] = B[j] Σ_i ease[i,j] (p[i] - q[i] Σ_m ease[i,m] B[m] v[m]); leaves the inner sums in the memory's `s`. */
function meetDemands(tables: Tables, product: number, vD: Float64Array, outD: Float64Array): void {
  const { memory, support, bD } = tables;
  const { importerD, startDP } = support;
  const { ease, b, t } = memory.f64;
  const first = startDP[product]!;
  b.fill(0);
  t.fill(0);
  for (let d = 0; d < vD.length; d++) b[importerD[first + d]!] = bD[first + d]! * vD[d]!;
  meetRows(tables, product, ease.byteOffset);
  for (let d = 0; d < vD.length; d++) outD[d] = bD[first + d]! * t[importerD[first + d]!]!;
}

function meetRows({ memory, support: { startSP }, stride }: Tables, product: number, denseAt: number): void {
  const { f64, u32, meet } = memory;
  const from = startSP[product]!;
  const row = u32.row.byteOffset;
  const at = (array: Float64Array) => array.byteOffset + from * 8;
  const end = row + startSP[product + 1]! * 4;
  meet(row + from * 4, end, stride * 8, denseAt, f64.b.byteOffset, f64.t.byteOffset, at(f64.p), at(f64.q), at(f64.s));
}
