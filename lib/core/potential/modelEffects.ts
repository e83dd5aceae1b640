import type { Factors } from '../gravity/potential.ts';
import type { ProductGravity } from '../gravity/product/productGravity.ts';
import type { Cell } from '../gravity/support.ts';
import { type Matrix, matrix } from '../matrix.ts';
import { exposure } from '../scoring/staticIndex.ts';
import type { Totals } from '../trade/totals.ts';

/** The models of what a cell could be worth, in the order of every array that ends in `M`. */
export const MODELS = ['threeWay', 'gravity', 'index'] as const;
export type Model = (typeof MODELS)[number];

/**
 * A model as what all of them are, a product of three effects:
 *
 *     P[i,j,k] = a[i,k] · b[j,k] · c[g(k)][i,j]
 *
 * An effect of 0 says that the model is silent about every cell with it.
 */
export interface ModelEffects {
  /** exporters × products and importers × products */
  readonly a: Matrix;
  readonly b: Matrix;
  /** countries × countries, by group of products; one matrix for all groups where products do not differ */
  readonly cG: readonly Matrix[];
}

/** What each model has to say of the same flows. Gravity is null where nothing is known beside trade. */
export type Models = Readonly<Record<'threeWay' | 'index', ModelEffects>> & {
  readonly gravity: ModelEffects | null;
  /** by product, its group in `cG` */
  readonly groupP: ArrayLike<number>;
  /** by number of a cell, (exporter · countries + importer) · products + product, the models (bits, 1 << position in MODELS) that do not estimate it */
  readonly silent: ReadonlyMap<number, number>;
};

/** Gravity whose effects are at hand already: of an earlier step. */
export interface KnownGravity {
  readonly effects: ModelEffects;
  readonly groupP: ArrayLike<number>;
  readonly zeros: readonly Cell[];
}

/**
 * The three models as effects.
 *
 *     three-way   A[i,k] · B[j,k] · C[i,j]                           keeps v_ik, v_jk and v_ij; silent where the totals decide the cell
 *     gravity     A[k,i] · B[k,j] · exp(x_ij β[g(k)])                 keeps v_ik and v_jk; speaks of pairs that never traded
 *     index       (v_ik / v_k) · v_jk · (v_ij / T_ij)                 keeps v_ij
 */
export function modelsOf(totals: Totals, factors: Factors, gravity: ProductGravity | KnownGravity | null): Models {
  const nCountries = totals.pair.rows;
  const nProducts = totals.exporterProduct.cols;
  const number = (exporter: number, importer: number, product: number) =>
    (exporter * nCountries + importer) * nProducts + product;
  const silent = new Map<number, number>();
  for (const { exporter, importer, product } of [...factors.forced, ...factors.zeros])
    silent.set(number(exporter, importer, product), 1);
  for (const { exporter, importer, product } of gravity?.zeros ?? []) {
    const cell = number(exporter, importer, product);
    silent.set(cell, (silent.get(cell) ?? 0) | 2);
  }
  return {
    threeWay: { a: factors.a, b: factors.b, cG: [factors.c] },
    gravity: gravity && ('effects' in gravity ? gravity.effects : gravityEffects(gravity)),
    index: indexEffects(totals),
    groupP: gravity?.groupP ?? new Uint8Array(nProducts),
    silent,
  };
}

/** Gravity with countries by products as the others are, and 0 for what is not known or not to be used. */
export function gravityEffects({ exporterEffects, importerEffects, ease, settled }: ProductGravity): ModelEffects {
  return {
    a: transposed(exporterEffects),
    b: transposed(importerEffects),
    cG: ease.map(({ rows, cols, data }, group) =>
      matrix(
        rows,
        cols,
        data.map((value) => (settled[group] && value > 0 ? value : 0)),
      ),
    ),
  };
}

function indexEffects(totals: Totals): ModelEffects {
  const { exporterProduct, importerProduct, pair, productP } = totals;
  const nProducts = exporterProduct.cols;
  const share = matrix(exporterProduct.rows, nProducts);
  for (let at = 0; at < share.data.length; at++)
    if (exporterProduct.data[at]! > 0) share.data[at] = exporterProduct.data[at]! / productP[at % nProducts]!;
  const ease = matrix(pair.rows, pair.cols);
  for (let e = 0; e < pair.rows; e++) {
    const exposureM = exposure(totals, e);
    for (let m = 0; m < pair.cols; m++)
      if (exposureM[m]! > 0) ease.data[e * pair.cols + m] = pair.data[e * pair.cols + m]! / exposureM[m]!;
  }
  return { a: share, b: importerProduct, cG: [ease] };
}

function transposed({ rows, cols, data }: Matrix): Matrix {
  const turned = matrix(cols, rows);
  for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) turned.data[c * rows + r] = data[r * cols + c]!;
  return turned;
}
