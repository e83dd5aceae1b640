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
  const count = sizeN.length;
  const ascending = (valueN: Float64Array) =>
    Uint32Array.from(valueN, (_, n) => n).sort((x, y) =>
      valueN[x]! < valueN[y]! ? -1 : valueN[x]! > valueN[y]! ? 1 : x - y,
    );
  // whose the cells are and what size they have, by growth; the places of cells in that order, by score
  const byGrowth = ascending(growthN);
  const exporterX = Uint16Array.from(byGrowth, (n) => exporterN[n]!);
  const sizeX = Uint16Array.from(byGrowth, (n) => sizeN[n]!);
  const growthX = Float64Array.from(byGrowth, (n) => growthN[n]!);
  const placeN = new Uint32Array(count);
  for (let x = 0; x < count; x++) placeN[byGrowth[x]!] = x;
  const byScore = ascending(scoreN).reverse();
  const placeY = byScore.map((n) => placeN[n]!);
  const scoreY = Float64Array.from(byScore, (n) => scoreN[n]!);
  const groups = sizeN.reduce((most, size) => Math.max(most, size + 1), 0);
  const once = new Uint8Array(exporterN.reduce((most, e) => Math.max(most, e + 1), 0)).fill(1);

  return (timesE = once) => {
    let total = 0;
    for (let x = 0; x < count; x++) total += timesE[exporterX[x]!]!;

    // the median: the first growth that half of the cells do not exceed; those above it come after all its ties
    let firstAbove = 0;
    for (let below = 0; firstAbove < count && below < total / 2; firstAbove++) below += timesE[exporterX[firstAbove]!]!;
    while (firstAbove < count && growthX[firstAbove] === growthX[firstAbove - 1]) firstAbove++;

    // by size, how many grew more
    const cellsS = new Float64Array(groups);
    const aboveS = new Float64Array(groups);
    for (let x = 0; x < count; x++) {
      const times = timesE[exporterX[x]!]!;
      cellsS[sizeX[x]!]! += times;
      if (x >= firstAbove) aboveS[sizeX[x]!]! += times;
    }

    // the tenth, ties at its end in proportion
    const tenth = total / 10;
    let left = tenth;
    let [observed, expected] = [0, 0];
    for (let y = 0; y < count && left > 0; ) {
      const score = scoreY[y]!;
      let [weight, above, ofSizes] = [0, 0, 0];
      for (; y < count && scoreY[y] === score; y++) {
        const x = placeY[y]!;
        const times = timesE[exporterX[x]!]!;
        if (times === 0) continue;
        weight += times;
        if (x >= firstAbove) above += times;
        ofSizes += (times * aboveS[sizeX[x]!]!) / cellsS[sizeX[x]!]!;
      }
      if (weight === 0) continue;
      const share = Math.min(1, left / weight);
      observed += share * above;
      expected += share * ofSizes;
      left -= share * weight;
    }
    return { observed: observed / tenth, expected: expected / tenth, excess: (observed - expected) / tenth };
  };
}
