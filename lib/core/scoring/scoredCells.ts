/** How a cell came to have a score: the exporter already exports the product (a value in USD), or it does not yet (a rank only). */
export const BASES = ['intensive', 'extensive'] as const;
export type Basis = (typeof BASES)[number];

/**
 * The opportunities of one exporter, columnar, in the default order: score descending within a basis, ties by unrealised value
 * descending, then product, then importer; the intensive basis first. Row n of every array is the same cell.
 */
export interface ScoredCells {
  /** position in BASES */
  readonly basisN: Uint8Array;
  readonly importerN: Uint16Array;
  readonly productN: Uint16Array;
  /** USD, mean of the window; 0 when the cell is empty */
  readonly actualN: Float64Array;
  /** USD, three-way fit mu; NaN on the extensive basis, where supply is not observed */
  readonly potentialN: Float64Array;
  /** USD, potential × exp(−z·s) − actual floored at 0 (METHODS 9.6); NaN on the extensive basis */
  readonly shrunkN: Float64Array;
  /** USD, v_ik·v_jk/v_k: what size alone would give; NaN on the extensive basis */
  readonly sizeN: Float64Array;
  /** USD, static ITC index (v_ik/v_k)·v_jk·v_ij/T_ij; on the extensive basis density·v_jk·v_ij/T_ij, a rank and not USD */
  readonly indexN: Float64Array;
  /** product-space density of the exporter around the product, own product excluded, in [0, 1] */
  readonly feasibilityN: Float64Array;
  /** percentile 0–100 within (exporter, basis) */
  readonly scoreN: Float64Array;
}
