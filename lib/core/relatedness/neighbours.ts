import { type Matrix, matrix } from '../matrix.ts';

/** How much each country's neighbours count for it. */
export interface Neighbours {
  /** countries × countries: row c holds the weights of c's neighbours, which sum to 1; 0 on the diagonal */
  readonly weightCC: Matrix;
  /** 1 for a country without any neighbour of positive weight: its row is 0, and so is whatever is summed with it */
  readonly aloneC: Uint8Array;
}

/**
 * Neighbours by distance alone.
 *
 *     w[c,d] = (1/D[c,d]) / Σ_{d' ≠ c} 1/D[c,d']     d ≠ c
 *
 * @param distanceKm D, countries × countries, km; a distance that is missing (NaN) or not above 0 is not known and gives weight 0
 * @source METHODS 4, equations 2 and 3; decisions/0074 and 0075
 */
export function nearNeighbours(distanceKm: Matrix): Neighbours {
  return normalised(distanceKm, () => 1);
}

/**
 * Neighbours by distance and likeness together: who is near and trades in the same products.
 *
 *     w[c,d] = max(0, s[c,d]) / D[c,d] / Σ_{d' ≠ c} max(0, s[c,d']) / D[c,d']     d ≠ c
 *
 * @param similarity s, countries × countries; NaN (nothing known about one of the two) gives weight 0
 * @param distanceKm D, countries × countries, km; a distance that is missing (NaN) or not above 0 is not known and gives weight 0
 * @throws RangeError when the two matrices differ in shape
 * @source METHODS 9.8 and 9.9
 */
export function nearAndSimilarNeighbours(similarity: Matrix, distanceKm: Matrix): Neighbours {
  if (similarity.rows !== distanceKm.rows || similarity.cols !== distanceKm.cols)
    throw new RangeError(
      `nearAndSimilarNeighbours: similarity is ${similarity.rows}×${similarity.cols}, distances ${distanceKm.rows}×${distanceKm.cols}`,
    );
  return normalised(distanceKm, (at) => (similarity.data[at]! > 0 ? similarity.data[at]! : 0));
}

/**
 * Neighbours by likeness alone, near or far.
 *
 *     w[c,d] = max(0, s[c,d])^power / Σ_{d' ≠ c} max(0, s[c,d'])^power     d ≠ c
 *
 * @param similarity s, countries × countries; NaN (nothing known about one of the two) gives weight 0
 * @param power how much the most alike stand out
 */
export function similarNeighbours(similarity: Matrix, power: number): Neighbours {
  const ones = matrix(similarity.rows, similarity.cols, new Float64Array(similarity.data.length).fill(1));
  return normalised(ones, (at) => (similarity.data[at]! > 0 ? similarity.data[at]! ** power : 0));
}

/** likeness / distance, the diagonal left out, each row divided by its sum. */
function normalised({ rows, cols, data }: Matrix, likeness: (at: number) => number): Neighbours {
  if (rows !== cols) throw new RangeError(`neighbours: distances are ${rows}×${cols}, expected countries × countries`);
  const weightCC = matrix(rows, rows);
  const aloneC = new Uint8Array(rows);
  for (let c = 0; c < rows; c++) {
    const weightD = weightCC.data.subarray(c * rows, (c + 1) * rows);
    let sum = 0;
    for (let d = 0, at = c * rows; d < rows; d++, at++) {
      if (d === c || !(data[at]! > 0)) continue;
      weightD[d] = likeness(at) / data[at]!;
      sum += weightD[d]!;
    }
    if (sum === 0) aloneC[c] = 1;
    else for (let d = 0; d < rows; d++) weightD[d]! /= sum;
  }
  return { weightCC, aloneC };
}
