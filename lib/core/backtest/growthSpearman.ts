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
  const { sizeN, exporterN } = cells;
  const count = sizeN.length;
  const byScore = sortedInGroups(cells.scoreN, sizeN, 'score');
  const byGrowth = sortedInGroups(cells.growthN, sizeN, 'growth');
  const rankN = new Float64Array(count);

  return (timesE) => {
    const times = (n: number) => (timesE ? timesE[exporterN[n]!]! : 1);
    let [sum, total] = [0, 0];
    for (let from = 0; from < count; ) {
      const size = sizeN[byScore.order[from]!]!;
      let to = from;
      let weight = 0;
      while (to < count && sizeN[byScore.order[to]!] === size) weight += times(byScore.order[to++]!);

      // ranks by score, then growth's against them; both have the mean (W + 1) / 2
      const centre = (weight + 1) / 2;
      let [spreadX, spreadY, together] = [0, 0, 0];
      forTies(byScore, from, to, times, (tieFrom, tieTo, tieWeight, rank) => {
        spreadX += tieWeight * (rank - centre) ** 2;
        for (let x = tieFrom; x < tieTo; x++) rankN[byScore.order[x]!] = rank - centre;
      });
      forTies(byGrowth, from, to, times, (tieFrom, tieTo, tieWeight, rank) => {
        spreadY += tieWeight * (rank - centre) ** 2;
        let inTie = 0;
        for (let x = tieFrom; x < tieTo; x++) inTie += times(byGrowth.order[x]!) * rankN[byGrowth.order[x]!]!;
        together += inTie * (rank - centre);
      });
      if (spreadX > 0 && spreadY > 0) sum += (weight * together) / Math.sqrt(spreadX * spreadY);
      total += weight;
      from = to;
    }
    return sum / total;
  };
}

interface Sorted {
  /** cells by group, ascending inside */
  readonly order: Uint32Array;
  /** 1 where a cell in this order has the value of the one before */
  readonly tied: Uint8Array;
}

function sortedInGroups(valueN: Float64Array, groupN: Uint16Array, name: string): Sorted {
  const wrong = valueN.findIndex(Number.isNaN);
  if (wrong >= 0) throw new RangeError(`growthSpearman: the ${name} of cell ${wrong} is NaN, expected a number`);
  const order = Uint32Array.from(valueN, (_, n) => n).sort(
    (x, y) => groupN[x]! - groupN[y]! || (valueN[x]! < valueN[y]! ? -1 : valueN[x]! > valueN[y]! ? 1 : x - y),
  );
  const tied = order.map((n, x) => {
    const before = order[x - 1] ?? n;
    return Number(x > 0 && groupN[n] === groupN[before] && valueN[n] === valueN[before]);
  });
  return { order, tied: Uint8Array.from(tied) };
}

/** Walks over the ties of one group with their weight and mean rank; ties that nothing is taken of are passed by. */
function forTies(
  { order, tied }: Sorted,
  from: number,
  to: number,
  times: (n: number) => number,
  visit: (tieFrom: number, tieTo: number, weight: number, rank: number) => void,
): void {
  let below = 0;
  for (let x = from; x < to; ) {
    const tieFrom = x;
    let weight = times(order[x++]!);
    while (x < to && tied[x]) weight += times(order[x++]!);
    if (weight > 0) visit(tieFrom, x, weight, below + (weight + 1) / 2);
    below += weight;
  }
}
