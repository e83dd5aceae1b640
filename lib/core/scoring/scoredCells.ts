/**
 * Kinds of cells, by what the exporter does already; each competes with its own kind only.
 *
 *     newMarket   it sells the product elsewhere, and other products there
 *     existing    it sells the product there
 *     newPair     it sells the product elsewhere, and nothing there
 *     newProduct  it does not sell the product at all: the extensive margin; supply is not observed, so nothing has a potential
 */
export const BASES = ['newMarket', 'existing', 'newPair', 'newProduct'] as const;
export type Basis = (typeof BASES)[number];

/** Position in BASES of the basis whose cells have no potential in USD. */
export const NEW_PRODUCT = BASES.indexOf('newProduct');

/**
 * The opportunities of one exporter, columnar, in the default order: by basis, then score descending. Row n of every array is the same
 * cell.
 */
export interface ScoredCells {
  /** position in BASES */
  readonly basisN: Uint8Array;
  readonly importerN: Uint16Array;
  readonly productN: Uint16Array;
  /** USD, mean of the window; 0 when the cell is empty */
  readonly actualN: Float64Array;
  /** USD, what the models expect; NaN where none speaks of the cell, always for a new product */
  readonly potentialN: Float64Array;
  /** USD, potential × exp(−z·s) − actual floored at 0 (METHODS 9.6); NaN without a potential */
  readonly shrunkN: Float64Array;
  /** USD, v_ik·v_jk/v_k: what size alone would give; NaN for a new product */
  readonly sizeN: Float64Array;
  /** that an empty cell is entered, in (0, 1); NaN for an existing one */
  readonly probabilityN: Float64Array;
  /** USD, E[max(v later − v, 0)]: what is ranked */
  readonly opportunityN: Float64Array;
  /** percentile 0–100 within (exporter, basis), of all its cells, kept or not */
  readonly scoreN: Float64Array;
  /** cells × CONTRIBUTION_GROUPS: what each group of terms adds to the score, log-odds of an empty cell, log points of growth of an existing one */
  readonly contributionNG: Float32Array;
  /** how far the three-way fit and gravity agree, as `agreementByte` */
  readonly agreementN: Uint8Array;
  /** bits of FLAGS */
  readonly flagN: Uint8Array;
}

/** The basis of a cell, as a position in BASES. */
export function basisOf(supply: number, pair: number, actual: number): number {
  if (actual > 0) return 1;
  if (!(supply > 0)) return NEW_PRODUCT;
  return pair > 0 ? 0 : 2;
}
