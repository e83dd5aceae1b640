import type { GrowthCells } from './growthSpearman.ts';

/** What became of the tenth of cells with most to gain. */
export interface TopDecile {
  /** share of them that grew more than the median cell */
  readonly observed: number;
  /** the share that cells of their sizes had */
  readonly expected: number;
  /** observed less expected: 0 when the score tells nothing beyond size */
  readonly excess: number;
}

/**
 * Whether the tenth of cells with the highest score, such as unrealised value in USD, grew more than their size explains.
 *
 *     observed = share of the tenth with growth above the median of all cells,   expected = Σ_s (weight of group s in the tenth) · share[s]
 *
 * Cells with the score at which the tenth ends take part in proportion.
 *
 * @returns the shares as a function of how often each exporter is taken (once each unless told); NaN for no cells. Sorting is done once
 */
export function topDecile(cells: GrowthCells): (timesE?: ArrayLike<number>) => TopDecile {
  const { scoreN, growthN, sizeN, exporterN } = cells;
  const ascending = (valueN: Float64Array) =>
    Uint32Array.from(valueN, (_, n) => n).sort((x, y) =>
      valueN[x]! < valueN[y]! ? -1 : valueN[x]! > valueN[y]! ? 1 : x - y,
    );
  const byGrowth = ascending(growthN);
  const byScore = ascending(scoreN).reverse();
  const groups = sizeN.reduce((most, size) => Math.max(most, size + 1), 0);

  return (timesE) => {
    const times = (n: number) => (timesE ? timesE[exporterN[n]!]! : 1);
    let total = 0;
    for (let n = 0; n < sizeN.length; n++) total += times(n);

    // the median: the first growth that half of the cells do not exceed
    let median = Number.NaN;
    let below = 0;
    for (const n of byGrowth) {
      below += times(n);
      if (below >= total / 2) {
        median = growthN[n]!;
        break;
      }
    }

    // by size, how many grew more
    const cellsS = new Float64Array(groups);
    const aboveS = new Float64Array(groups);
    for (let n = 0; n < sizeN.length; n++) {
      cellsS[sizeN[n]!]! += times(n);
      if (growthN[n]! > median) aboveS[sizeN[n]!]! += times(n);
    }

    // the tenth, ties at its end in proportion
    let left = total / 10;
    let [observed, expected] = [0, 0];
    for (let x = 0; x < byScore.length && left > 0; ) {
      const score = scoreN[byScore[x]!]!;
      let [weight, above, ofSizes] = [0, 0, 0];
      for (; x < byScore.length && scoreN[byScore[x]!] === score; x++) {
        const n = byScore[x]!;
        const taken = times(n);
        if (taken === 0) continue;
        weight += taken;
        if (growthN[n]! > median) above += taken;
        ofSizes += (taken * aboveS[sizeN[n]!]!) / cellsS[sizeN[n]!]!;
      }
      if (weight === 0) continue;
      const share = Math.min(1, left / weight);
      observed += share * above;
      expected += share * ofSizes;
      left -= share * weight;
    }
    const tenth = total / 10;
    return { observed: observed / tenth, expected: expected / tenth, excess: (observed - expected) / tenth };
  };
}
