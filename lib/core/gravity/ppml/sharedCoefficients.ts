import { type Matrix, matrix } from '../../matrix.ts';
import { noEffects } from './absorbed.ts';
import { balance, means } from './balance.ts';
import { demean } from './demean.ts';
import { halfDeviance } from './deviance.ts';
import { crossProducts, inverseOf, sandwich, times } from './gram.ts';
import type { Coefficient } from './ppml.ts';
import { type ProductCells, type ProductFlows, productCells } from './productCells.ts';
import { weighted } from './reduced.ts';

/** What pairs are to each other, for all products alike. */
export interface PairColumn {
  readonly name: string;
  /** countries × countries, row = exporter; NaN where unknown, which leaves the pair out */
  readonly valueIJ: Float64Array;
}

export interface SharedFit {
  /** in the order of the columns, collinear ones left out; errors clustered by pair, times G/(G-1) for the G pairs with cells */
  readonly coefficients: readonly (Coefficient & { readonly standardError: number })[];
  readonly covariance: Matrix;
  /** names of columns that the effects and earlier columns explain */
  readonly collinear: readonly string[];
  /** cells used, zeros included */
  readonly observations: number;
  /** positions of the products left out: without a usable flow, or without a maximum (their two effects alone never settle) */
  readonly leftOut: readonly number[];
  readonly deviance: number;
  /** false means: do not use the numbers */
  readonly converged: boolean;
  readonly iterations: number;
  /** max_k |Σ x[k] (y - μ)| / Σ |x[k]| y; the margins of every product hold to 1e-10 */
  readonly firstOrder: number;
  /** products that are in, laid out, with their effects */
  readonly products: readonly ProductCells[];
}

/** Relative error of a product's totals. */
const MARGINS = 1e-10;
const MAX_SWEEPS = 5000;
const FIRST_ORDER = 1e-10;
const MAX_ITERATIONS = 100;
const HALVINGS = 30;
/** A column counts as collinear when less than this share of its variance is its own. */
const LEAST_OWN = 1e-12;

/**
 * Product-level gravity with coefficients shared by the products of a group, and exporter and importer effects for each product:
 *
 *     E[y[k,i,j]] = A[k,i] B[k,j] exp(Σ_c β[c] x[c,i,j])
 *
 * over all pairs i ≠ j of a seller and a buyer of k, zeros included. Given β the effects have a closed form (balance.ts); given the
 * effects, margins are met, and the score of β needs no more than sums over products by pair:
 *
 *     β ← β + (Σ x̃ μ x̃')⁻¹ Σ_ij x[i,j] (Σ_k y - Σ_k μ),   halved while the deviance rises
 *
 * with x̃ the columns less their fit on the product's effects. The same numbers as `ppml` gives on all cells written down as rows, with
 * exporter-product and importer-product effects (test: shared coefficients); here only one product's columns are in memory at a time.
 *
 * @param products flows of each product, all in one unit
 * @param pairs at least one column
 */
export function sharedCoefficients(products: readonly ProductFlows[], pairs: readonly PairColumn[]): SharedFit {
  const countries = countriesOf(pairs);
  const usable = Uint8Array.from({ length: countries ** 2 }, (_, pair) =>
    pairs.every(({ valueIJ }) => Number.isFinite(valueIJ[pair]!)) ? 1 : 0,
  );
  const level = new Float64Array(countries ** 2).fill(1);
  const leftOut: number[] = [];
  const cells: ProductCells[] = [];
  for (const [at, flows] of products.entries()) {
    const product = productCells(flows, usable, countries);
    if (product && balance(product, level, MARGINS, MAX_SWEEPS).error <= MARGINS) cells.push(product);
    else leftOut.push(at);
  }
  const { kept, collinear } = identified(cells, pairs, level);
  const columns = kept.map(({ valueIJ }) => valueIJ);

  // observed by pair, and what first-order conditions are measured against
  const observedIJ = sumByPair(cells, ({ valueN }) => valueN, countries);
  const sizeK = columns.map((xIJ) =>
    observedIJ.reduce((sum, y, pair) => sum + (y > 0 ? Math.abs(xIJ[pair]!) * y : 0), 0),
  );
  const scoreOf = (easeIJ: Float64Array) => {
    const fittedIJ = sumByPair(cells, (product) => means(product, easeIJ), countries);
    return columns.map((xIJ) =>
      xIJ.reduce((sum, x, pair) => sum + (usable[pair] === 1 ? x * (observedIJ[pair]! - fittedIJ[pair]!) : 0), 0),
    );
  };

  const betaK = new Float64Array(columns.length);
  let easeIJ = ease(columns, betaK);
  let deviance = devianceOf(cells, easeIJ);
  let scoreK = scoreOf(easeIJ);
  const firstOrder = () => Math.max(0, ...scoreK.map((score, k) => Math.abs(score) / sizeK[k]!));
  let balanced = true;
  let iterations = 0;
  while (balanced && firstOrder() > FIRST_ORDER && iterations < MAX_ITERATIONS) {
    const solved = inverseOf(information(cells, columns, easeIJ, 1e-4));
    if (solved === null) break;
    const stepK = times(solved.inverse, scoreK);
    let length = 1;
    for (let halving = 0; halving <= HALVINGS; halving++, length /= 2) {
      const nextIJ = ease(
        columns,
        betaK.map((beta, k) => beta + length * stepK[k]!),
      );
      balanced = cells.every((product) => balance(product, nextIJ, MARGINS, MAX_SWEEPS).error <= MARGINS);
      const next = devianceOf(cells, nextIJ);
      if (!(next <= deviance * (1 + 1e-12))) continue;
      for (let k = 0; k < betaK.length; k++) betaK[k]! += length * stepK[k]!;
      deviance = next;
      easeIJ = nextIJ;
      break;
    }
    iterations++;
    if (length < 2 ** -HALVINGS) break;
    scoreK = scoreOf(easeIJ);
  }

  const { covariance, clusters } = clustered(cells, columns, easeIJ);
  const smallSample = clusters / (clusters - 1);
  for (let at = 0; at < covariance.data.length; at++) covariance.data[at]! *= smallSample;
  return {
    coefficients: kept.map(({ name }, k) => ({
      name,
      estimate: betaK[k]!,
      standardError: Math.sqrt(covariance.data[k * kept.length + k]!),
    })),
    covariance,
    collinear,
    observations: cells.reduce((sum, { absorbed }) => sum + absorbed.n, 0),
    leftOut,
    deviance,
    converged: cells.length > 0 && balanced && firstOrder() <= FIRST_ORDER,
    iterations,
    firstOrder: firstOrder(),
    products: cells,
  };
}

function countriesOf(pairs: readonly PairColumn[]): number {
  const countries = Math.sqrt(pairs[0]?.valueIJ.length ?? 0);
  for (const { name, valueIJ } of pairs)
    if (!Number.isInteger(countries) || valueIJ.length !== countries ** 2)
      throw new RangeError(
        `${name} has ${valueIJ.length} pairs, expected countries × countries, for all columns alike`,
      );
  if (countries === 0) throw new RangeError('sharedCoefficients: no columns, or no countries');
  return countries;
}

/** exp(Σ_k β[k] x[k]) by pair; NaN where unknown, which no cell reads. */
function ease(columns: readonly Float64Array[], betaK: Float64Array): Float64Array {
  const easeIJ = new Float64Array(columns[0]?.length ?? 0);
  for (let pair = 0; pair < easeIJ.length; pair++) {
    let eta = 0;
    for (let k = 0; k < columns.length; k++) eta += betaK[k]! * columns[k]![pair]!;
    easeIJ[pair] = Math.exp(eta);
  }
  return easeIJ;
}

function sumByPair(
  cells: readonly ProductCells[],
  of: (product: ProductCells) => Float64Array,
  countries: number,
): Float64Array {
  const sumIJ = new Float64Array(countries ** 2);
  for (const product of cells) {
    const valueN = of(product);
    for (let n = 0; n < valueN.length; n++) sumIJ[product.pairN[n]!]! += valueN[n]!;
  }
  return sumIJ;
}

function devianceOf(cells: readonly ProductCells[], easeIJ: Float64Array): number {
  let half = 0;
  for (const product of cells) {
    const muN = means(product, easeIJ);
    for (let n = 0; n < muN.length; n++) {
      const y = product.valueN[n]!;
      half += halfDeviance(y, y > 0 ? Math.log(muN[n]!) : 0, muN[n]!, y > 0 ? Math.log(y) : 0);
    }
  }
  return 2 * half;
}

/** The columns of one product with its effects partialled out, weights μ. */
function partialledOut(
  { absorbed, pairN }: ProductCells,
  columns: readonly Float64Array[],
  muN: Float64Array,
  absolute: number,
): Float64Array[] {
  const weights = weighted(absorbed, muN);
  const step = noEffects(absorbed);
  return columns.map((xIJ) => {
    const restN = Float64Array.from(pairN, (pair) => xIJ[pair]!);
    const size = Math.sqrt(restN.reduce((sum, x) => sum + x * x, 0) / restN.length);
    demean(absorbed, weights, restN, step, { absolute: absolute * size, relative: 0 });
    return restN;
  });
}

function information(
  cells: readonly ProductCells[],
  columns: readonly Float64Array[],
  easeIJ: Float64Array,
  absolute: number,
): Matrix {
  const sum = matrix(columns.length, columns.length);
  for (const product of cells) {
    const muN = means(product, easeIJ);
    const products = crossProducts(partialledOut(product, columns, muN, absolute), muN);
    for (let at = 0; at < sum.data.length; at++) sum.data[at]! += products.data[at]!;
  }
  return sum;
}

/** Cholesky in the given order: columns of which effects and earlier columns leave nothing are dropped. */
function identified(cells: readonly ProductCells[], pairs: readonly PairColumn[], easeIJ: Float64Array) {
  const columns = pairs.map(({ valueIJ }) => valueIJ);
  const own = information(cells, columns, easeIJ, 1e-10);
  const k = columns.length;
  const variation = columns.map((xIJ) => {
    let [total, sum, squares] = [0, 0, 0];
    for (const product of cells) {
      const muN = means(product, easeIJ);
      for (let n = 0; n < muN.length; n++) {
        const x = xIJ[product.pairN[n]!]!;
        total += muN[n]!;
        sum += muN[n]! * x;
        squares += muN[n]! * x * x;
      }
    }
    return squares - (sum * sum) / total + 1e-14 * squares;
  });
  const kept: number[] = [];
  const lower = new Float64Array(k * k);
  for (let j = 0; j < k; j++) {
    let pivot = own.data[j * k + j]!;
    for (const i of kept) {
      let entry = own.data[j * k + i]!;
      for (const m of kept) if (m < i) entry -= lower[j * k + m]! * lower[i * k + m]!;
      lower[j * k + i] = entry / lower[i * k + i]!;
      pivot -= lower[j * k + i]! ** 2;
    }
    if (!(pivot > LEAST_OWN * variation[j]!)) continue;
    lower[j * k + j] = Math.sqrt(pivot);
    kept.push(j);
  }
  const isKept = new Set(kept);
  return {
    kept: kept.map((at) => pairs[at]!),
    collinear: pairs.filter((_, at) => !isKept.has(at)).map(({ name }) => name),
  };
}

/** (Σ x̃ μ x̃')⁻¹ (Σ_ij S S') (Σ x̃ μ x̃')⁻¹ with S = Σ_k x̃ (y - μ) of the pair; NaN when the information is singular. */
function clustered(cells: readonly ProductCells[], columns: readonly Float64Array[], easeIJ: Float64Array) {
  const k = columns.length;
  const bread = matrix(k, k);
  const scores = columns.map((xIJ) => new Float64Array(xIJ.length));
  const occurs = new Uint8Array(easeIJ.length);
  for (const product of cells) {
    const muN = means(product, easeIJ);
    const restsKN = partialledOut(product, columns, muN, 1e-9);
    const products = crossProducts(restsKN, muN);
    for (let at = 0; at < bread.data.length; at++) bread.data[at]! += products.data[at]!;
    for (let n = 0; n < muN.length; n++) {
      const pair = product.pairN[n]!;
      occurs[pair] = 1;
      for (let c = 0; c < k; c++) scores[c]![pair]! += restsKN[c]![n]! * (product.valueN[n]! - muN[n]!);
    }
  }
  const clusters = occurs.reduce((sum, flag) => sum + flag, 0);
  const inverse = inverseOf(bread)?.inverse;
  if (!inverse) return { covariance: matrix(k, k, new Float64Array(k * k).fill(Number.NaN)), clusters };
  const covariance = sandwich(inverse, crossProducts(scores, null));
  return { covariance, clusters };
}
