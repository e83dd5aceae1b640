/** Cells that exist before and after, with what was foretold and what came of it; row n of every array is one cell. */
export interface GrowthCells {
  /** the score: higher foretells more growth */
  readonly scoreN: Float64Array;
  /** ln(v after / v before) */
  readonly growthN: Float64Array;
  /** group of similar size before (`quantileGroups` of v before) */
  readonly sizeN: Uint16Array;
  readonly exporterN: Uint16Array;
}

/**
 * How well a score orders growth among cells of similar size: Spearman's correlation inside each size group, averaged by weight.
 *
 *     ρ = Σ_s W[s] ρ[s] / Σ_s W[s]        ρ[s]: Pearson's correlation of mean ranks (ties share theirs) within group s, W[s] its cells
 *
 * Small flows grow more for reasons of arithmetic, so any score that falls with size would look good without the groups. A group in which the
 * score or growth does not vary counts as 0: it tells nothing apart.
 *
 * @returns the correlation as a function of how often each exporter is taken (once each unless told), in which a cell taken twice is two cells;
 *   NaN for no cells. Sorting is done once, a call is linear in cells
 * @throws RangeError for a NaN among scores or growth
 */
export function growthSpearman(cells: GrowthCells): (timesE?: ArrayLike<number>) => number {
  const { scoreN, growthN, sizeN, exporterN } = cells;
  const count = sizeN.length;
  const byScore = sortedInGroups(scoreN, cells, 'score');
  const byGrowth = sortedInGroups(growthN, cells, 'growth');

  // where each group starts, the same in both orders; where the cell at a place of one order is in the other
  const starts: number[] = [];
  for (let x = 0; x < count; x++)
    if (x === 0 || sizeN[byScore.order[x]!] !== sizeN[byScore.order[x - 1]!]) starts.push(x);
  starts.push(count);
  const placeN = new Uint32Array(count);
  for (let x = 0; x < count; x++) placeN[byScore.order[x]!] = x;
  const placeY = byGrowth.order.map((n) => placeN[n]!);
  const rankX = new Float64Array(count);
  const once = new Uint8Array(exporterN.reduce((most, e) => Math.max(most, e + 1), 0)).fill(1);

  return (timesE = once) => {
    let [sum, total] = [0, 0];
    for (let group = 0; group + 1 < starts.length; group++) {
      const [from, to] = [starts[group]!, starts[group + 1]!];
      let weight = 0;
      for (let x = from; x < to; x++) weight += timesE[byScore.exporterX[x]!]!;
      // ranks run from 1 to the weight, so that both have this mean
      const centre = (weight + 1) / 2;

      // mean ranks by score
      let spreadX = 0;
      for (let x = from, below = 0; x < to; ) {
        const tieFrom = x;
        let tie = timesE[byScore.exporterX[x++]!]!;
        while (x < to && byScore.tiedX[x]) tie += timesE[byScore.exporterX[x++]!]!;
        const rank = below + (tie + 1) / 2 - centre;
        spreadX += tie * rank * rank;
        for (let at = tieFrom; at < x; at++) rankX[at] = rank;
        below += tie;
      }

      // mean ranks by growth, against those
      let [spreadY, together] = [0, 0];
      for (let y = from, below = 0; y < to; ) {
        const tieFrom = y;
        let tie = timesE[byGrowth.exporterX[y++]!]!;
        while (y < to && byGrowth.tiedX[y]) tie += timesE[byGrowth.exporterX[y++]!]!;
        const rank = below + (tie + 1) / 2 - centre;
        spreadY += tie * rank * rank;
        for (let at = tieFrom; at < y; at++) together += timesE[byGrowth.exporterX[at]!]! * rankX[placeY[at]!]! * rank;
        below += tie;
      }
      if (spreadX > 0 && spreadY > 0) sum += (weight * together) / Math.sqrt(spreadX * spreadY);
      total += weight;
    }
    return sum / total;
  };
}

/** The cells by group and ascending value inside it; whose each is, and whether it has the value of the one before. */
interface Sorted {
  readonly order: Uint32Array;
  readonly exporterX: Uint16Array;
  readonly tiedX: Uint8Array;
}

function sortedInGroups(valueN: Float64Array, { sizeN, exporterN }: GrowthCells, name: string): Sorted {
  const wrong = valueN.findIndex(Number.isNaN);
  if (wrong >= 0) throw new RangeError(`growthSpearman: the ${name} of cell ${wrong} is NaN, expected a number`);
  const order = Uint32Array.from(valueN, (_, n) => n).sort(
    (x, y) => sizeN[x]! - sizeN[y]! || (valueN[x]! < valueN[y]! ? -1 : valueN[x]! > valueN[y]! ? 1 : x - y),
  );
  const sameAsBefore = (x: number) =>
    x > 0 && sizeN[order[x]!] === sizeN[order[x - 1]!] && valueN[order[x]!] === valueN[order[x - 1]!];
  return {
    order,
    exporterX: Uint16Array.from(order, (n) => exporterN[n]!),
    tiedX: Uint8Array.from(order, (_, x) => Number(sameAsBefore(x))),
  };
}
