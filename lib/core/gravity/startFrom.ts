import type { Axis } from '../labels.ts';
import { type Matrix, matrix } from '../matrix.ts';
import type { Flows } from '../trade/flows.ts';

/** Passes that bring the rows and the columns of C to a mean of 1: each divides what is left by about the share of links that trade. */
const PASSES = 8;

/** What of an earlier fit a new one can start from: B and C, and what their rows and columns stand for. */
export interface EarlierFactors {
  readonly countries: Axis;
  readonly products: Axis;
  readonly b: Matrix;
  readonly c: Matrix;
}

/**
 * The factors of an earlier fit (of another year, of revised data) on the axes of new flows, as a start for `threeWayFit`: codes that both know
 * keep their factors, all else is 0, which means not known.
 *
 * The earlier factors have any scale, the values that the fit assumes where nothing is known have theirs (B = v_jk, C = 1). So that new cells
 * do not start orders of magnitude beside old ones, the scale is set first, without moving the earlier mu = A·B·C:
 *
 *     C'_ij = C_ij / (f_i h_j) ,  B'_jk = B_jk h_j / g_k     with   mean_j ln C'_ij = mean_i ln C'_ij = 0 ,  Σ_j B'_jk = Σ_j v_jk  over what is known
 *
 * The fit that comes of it has the same mu as any other, to the tolerance of the fit and not to the last digit (decisions/0078).
 *
 * @param earlier B and C, ≥ 0; 0 outside the earlier support
 * @param flows the new ones, USD
 * @returns B (importers × products) and C (exporters × importers) on the axes of the flows
 */
export function startFrom(earlier: EarlierFactors, flows: Flows): { b: Matrix; c: Matrix } {
  const nCountries = flows.countries.codes.length;
  const nProducts = flows.products.codes.length;
  const countryAt = positions(flows.countries, earlier.countries);
  const productAt = positions(flows.products, earlier.products);
  const b = matrix(nCountries, nProducts);
  const c = matrix(nCountries, nCountries);
  for (let j = 0; j < nCountries; j++) {
    const from = countryAt[j]!;
    if (from < 0) continue;
    for (let k = 0; k < nProducts; k++)
      if (productAt[k]! >= 0) b.data[j * nProducts + k] = earlier.b.data[from * earlier.b.cols + productAt[k]!]!;
    for (let m = 0; m < nCountries; m++)
      if (countryAt[m]! >= 0) c.data[j * nCountries + m] = earlier.c.data[from * earlier.c.cols + countryAt[m]!]!;
  }

  // C around 1 for every exporter, whose scale A takes up, and for every importer, whose scale B takes up
  for (let pass = 0; pass < PASSES; pass++) {
    for (let i = 0; i < nCountries; i++) {
      const f = geometricMean(c.data, i * nCountries, 1, nCountries);
      for (let j = 0; j < nCountries; j++) c.data[i * nCountries + j]! /= f;
    }
    for (let j = 0; j < nCountries; j++) {
      const h = geometricMean(c.data, j, nCountries, nCountries);
      for (let i = 0; i < nCountries; i++) c.data[i * nCountries + j]! /= h;
      for (let k = 0; k < nProducts; k++) b.data[j * nProducts + k]! *= h;
    }
  }

  // B of a product sums to what is bought of it, A takes up the rest
  const demandK = new Float64Array(nProducts);
  for (let n = 0; n < flows.valueN.length; n++)
    if (b.data[flows.importerN[n]! * nProducts + flows.productN[n]!]! > 0)
      demandK[flows.productN[n]!]! += flows.valueN[n]!;
  for (let k = 0; k < nProducts; k++) {
    let sum = 0;
    for (let j = 0; j < nCountries; j++) sum += b.data[j * nProducts + k]!;
    const g = sum > 0 ? demandK[k]! / sum : 0;
    for (let j = 0; j < nCountries; j++) b.data[j * nProducts + k]! *= g;
  }
  return { b, c };
}

/** Where each code of one axis lies on the other; −1 when it is not there. */
function positions({ codes }: Axis, other: Axis): Int32Array {
  return Int32Array.from(codes, (code) => other.at.get(code) ?? -1);
}

/** The geometric mean of the positive ones among `count` elements; 1 when there is none. */
function geometricMean(data: Float64Array, from: number, stride: number, count: number): number {
  let logarithms = 0;
  let positive = 0;
  for (let n = 0, at = from; n < count; n++, at += stride) {
    if (!(data[at]! > 0)) continue;
    logarithms += Math.log(data[at]!);
    positive++;
  }
  return positive > 0 ? Math.exp(logarithms / positive) : 1;
}
