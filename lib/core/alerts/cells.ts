/**
 * The opportunities of one exporter in one run, as far as alerts look at them; row n of every array is the same cell. Positions are on
 * the axes of the run.
 */
export interface AlertCells {
  readonly importerN: Uint16Array;
  readonly productN: Uint16Array;
  /** position in BASES */
  readonly basisN: Uint8Array;
  /** percentile 0–100 within (exporter, basis) */
  readonly scoreN: Float32Array;
  /** O, USD: what the score ranks; ≥ 0 */
  readonly worthN: Float32Array;
  /** that an empty cell is entered; NaN for an existing one */
  readonly feasibilityN: Float32Array;
  /** USD; NaN where no model speaks of the cell, always for a new product */
  readonly potentialN: Float32Array;
  readonly unrealisedN: Float32Array;
  readonly sizeN: Float32Array;
  readonly actualN: Float64Array;
  /** v_ij / T_ij: how much more than size the pair trades */
  readonly easeN: Float32Array;
  /** bits of FLAGS */
  readonly flagN: Uint8Array;
  /** position in GRADES of the confidence */
  readonly gradeN: Uint8Array;
}

/** What is remembered of the cells between runs. */
export interface CellMemory extends AlertCells {
  /** M of hysteresis.ts */
  readonly markN: Float32Array;
  /** O when the mark last moved */
  readonly referenceN: Float32Array;
  /** 1: no opportunity in the last run, by so little that it may be noise; such cells come last */
  readonly goneN: Uint8Array;
}

/** What is remembered of the market behind each cell; same rows. */
export interface MarketMemory {
  /** v_jk when a change of it last counted, USD; NaN when never known */
  readonly marketN: Float32Array;
  /** position of the largest supplier beside the exporter when a change of it last counted; NO_RIVAL when there was none */
  readonly rivalN: Uint16Array;
}
export const NO_RIVAL = 0xffff;

/** The names of the arrays, for storing them. */
export const MEMORY_ARRAYS = [
  'importerN',
  'productN',
  'basisN',
  'scoreN',
  'worthN',
  'feasibilityN',
  'flagN',
  'gradeN',
  'potentialN',
  'unrealisedN',
  'sizeN',
  'actualN',
  'easeN',
  'markN',
  'referenceN',
  'goneN',
  'marketN',
  'rivalN',
] as const satisfies readonly (keyof (CellMemory & MarketMemory))[];
