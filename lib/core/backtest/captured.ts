/** Value in the first places of each exporter's list, USD. */
export interface Captured {
  /** in the first K cells by score */
  readonly topE: Float64Array;
  /** in the K cells with the largest values: the most that any score could have found */
  readonly bestE: Float64Array;
  /** in all cells */
  readonly totalE: Float64Array;
}

/**
 * How much of what came into being lies in the first places of each exporter's list. A group of ties that reaches beyond K takes part with its mean.
 *
 * The share captured is Σ topE / Σ totalE, and against the best possible Σ topE / Σ bestE; `resampleRatio` gives their draws.
 *
 * @param startE exporter e has cells startE[e] up to startE[e + 1] (exclusive)
 * @param scoreN higher is better
 * @param valueN what the cell was worth afterwards, USD ≥ 0; 0 where nothing came of it
 * @param k places
 */
export function captured(startE: Uint32Array, scoreN: Float64Array, valueN: Float64Array, k: number): Captured {
  const nExporters = startE.length - 1;
  const topE = new Float64Array(nExporters);
  const bestE = new Float64Array(nExporters);
  const totalE = new Float64Array(nExporters);
  for (let e = 0; e < nExporters; e++) {
    const scores = scoreN.subarray(startE[e]!, startE[e + 1]!);
    const values = valueN.subarray(startE[e]!, startE[e + 1]!);
    topE[e] = valueInFirst(scores, values, k);
    bestE[e] = valueInFirst(values, values, k);
    for (const value of values) totalE[e]! += value;
  }
  return { topE, bestE, totalE };
}

function valueInFirst(scoreN: Float64Array, valueN: Float64Array, k: number): number {
  const last = kthLargest(scoreN, k);
  let [above, aboveCells, tied, tiedCells] = [0, 0, 0, 0];
  for (let n = 0; n < scoreN.length; n++) {
    if (scoreN[n]! > last) {
      above += valueN[n]!;
      aboveCells++;
    } else if (scoreN[n] === last) {
      tied += valueN[n]!;
      tiedCells++;
    }
  }
  return tiedCells === 0 ? above : above + tied * Math.min(1, (k - aboveCells) / tiedCells);
}

/** The k-th largest value, or the smallest of fewer: the largest k are kept in ascending order. */
function kthLargest(valueN: Float64Array, k: number): number {
  const kept = new Float64Array(k).fill(Number.NEGATIVE_INFINITY);
  for (const value of valueN) {
    if (!(value > kept[0]!)) continue;
    let at = 0;
    while (at + 1 < k && kept[at + 1]! < value) {
      kept[at] = kept[at + 1]!;
      at++;
    }
    kept[at] = value;
  }
  return kept[0]!;
}
