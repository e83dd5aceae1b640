/** Scored cells of one exporter; row n of every array is the same cell. NaN: an amount that the cell has not got. */
export interface ScoreRows {
  readonly exporter: string;
  readonly importerN: readonly string[];
  readonly productN: readonly string[];
  readonly basisN: readonly string[];
  readonly scoreN: Float64Array;
  readonly opportunityUsdN: Float64Array;
  readonly probabilityN: Float64Array;
  readonly actualUsdN: Float64Array;
  readonly potentialUsdN: Float64Array;
  readonly unrealisedUsdN: Float64Array;
  /** grades, A to D */
  readonly confidenceN: readonly string[];
}

/**
 * Writes scores of a run as one table in columns that other programs read.
 *
 * @param folder  where it is put
 * @returns where it lies, and how many rows it has
 */
export type WriteScoreTable = (
  folder: string,
  run: string,
  rows: AsyncIterable<ScoreRows>,
) => Promise<{ readonly path: string; readonly rows: number }>;
