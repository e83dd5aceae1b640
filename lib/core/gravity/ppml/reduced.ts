import type { Absorbed } from './absorbed.ts';

/** Row weights together with what the absorbed levels sum them to. */
export interface Weighted {
  readonly weightN: Float64Array;
  readonly totalG: Float64Array;
  readonly totalL: Float64Array;
  /** diagonal of the reduced system, the preconditioner of its conjugate gradients */
  readonly diagonalL: Float64Array;
}

/**
 * Sums row weights by level.
 *
 *     diagonal[l] = Σ_{n in l} w[n] (1 - w[n] / W[g(n)])
 *
 * which is exact where a level meets a group at most once and never too small elsewhere. A level that lies inside one group by
 * itself has a diagonal of zero; its coefficient is arbitrary, and its own weight stands in.
 */
export function weighted({ groups, fromG, remaining, levels, idNR }: Absorbed, weightN: Float64Array): Weighted {
  const totalG = new Float64Array(groups);
  const totalL = new Float64Array(levels);
  const diagonalL = new Float64Array(levels);
  for (let g = 0; g < groups; g++) {
    let total = 0;
    for (let n = fromG[g]!; n < fromG[g + 1]!; n++) total += weightN[n]!;
    totalG[g] = total;
    for (let n = fromG[g]!; n < fromG[g + 1]!; n++) {
      const w = weightN[n]!;
      const free = w * (1 - w / total);
      for (let r = 0; r < remaining; r++) {
        const l = idNR[n * remaining + r]!;
        totalL[l]! += w;
        diagonalL[l]! += free;
      }
    }
  }
  for (let l = 0; l < levels; l++) if (!(diagonalL[l]! > 1e-10 * totalL[l]!)) diagonalL[l] = totalL[l]!;
  return { weightN, totalG, totalL, diagonalL };
}

/**
 * The right-hand side of the reduced system: what each remaining level sums a column to after its group means are taken out.
 *
 *     out[l] = Σ_{n in l} w[n] (x[n] - mean of x in g(n))
 */
export function reducedSums(
  absorbed: Absorbed,
  { weightN, totalG }: Weighted,
  xN: Float64Array,
  outL: Float64Array,
): void {
  const { groups, fromG, remaining, idNR } = absorbed;
  outL.fill(0);
  for (let g = 0; g < groups; g++) {
    const from = fromG[g]!;
    const to = fromG[g + 1]!;
    let sum = 0;
    for (let n = from; n < to; n++) sum += weightN[n]! * xN[n]!;
    const mean = sum / totalG[g]!;
    for (let n = from; n < to; n++) {
      const deviation = weightN[n]! * (xN[n]! - mean);
      for (let r = 0; r < remaining; r++) outL[idNR[n * remaining + r]!]! += deviation;
    }
  }
}

/**
 * The reduced matrix times a vector of level coefficients, in one pass over the rows: each group is short enough to be in cache
 * when it is walked for the second time.
 *
 *     out[l] = Σ_{n in l} w[n] (h[n] - mean of h in g(n)),    h[n] = Σ_r θ[id(n, r)]
 */
export function reducedTimes(absorbed: Absorbed, weights: Weighted, thetaL: Float64Array, outL: Float64Array): void {
  const times = absorbed.remaining === 1 ? timesOne : absorbed.remaining === 2 ? timesTwo : timesMany;
  times(absorbed, weights, thetaL, outL);
}

function timesMany(absorbed: Absorbed, { weightN, totalG }: Weighted, thetaL: Float64Array, outL: Float64Array): void {
  const { groups, fromG, remaining, idNR } = absorbed;
  outL.fill(0);
  for (let g = 0; g < groups; g++) {
    const from = fromG[g]!;
    const to = fromG[g + 1]!;
    let sum = 0;
    for (let n = from; n < to; n++) {
      let h = 0;
      for (let r = 0; r < remaining; r++) h += thetaL[idNR[n * remaining + r]!]!;
      sum += weightN[n]! * h;
    }
    const mean = sum / totalG[g]!;
    for (let n = from; n < to; n++) {
      let h = -mean;
      for (let r = 0; r < remaining; r++) h += thetaL[idNR[n * remaining + r]!]!;
      const pull = weightN[n]! * h;
      for (let r = 0; r < remaining; r++) outL[idNR[n * remaining + r]!]! += pull;
    }
  }
}

/** Two effects in all, one of them eliminated: Σ_{n in l} w θ[l] is total[l] θ[l], so only the means are scattered. */
function timesOne(
  absorbed: Absorbed,
  { weightN, totalG, totalL }: Weighted,
  thetaL: Float64Array,
  outL: Float64Array,
): void {
  const { groups, fromG, idNR, levels } = absorbed;
  for (let l = 0; l < levels; l++) outL[l] = totalL[l]! * thetaL[l]!;
  for (let g = 0; g < groups; g++) {
    const from = fromG[g]!;
    const to = fromG[g + 1]!;
    let sum = 0;
    for (let n = from; n < to; n++) sum += weightN[n]! * thetaL[idNR[n]!]!;
    const mean = sum / totalG[g]!;
    for (let n = from; n < to; n++) outL[idNR[n]!]! -= weightN[n]! * mean;
  }
}

/** Three effects in all: the general loop with its two ids written out. */
function timesTwo(absorbed: Absorbed, { weightN, totalG }: Weighted, thetaL: Float64Array, outL: Float64Array): void {
  const { groups, fromG, idNR } = absorbed;
  outL.fill(0);
  for (let g = 0; g < groups; g++) {
    const from = fromG[g]!;
    const to = fromG[g + 1]!;
    let sum = 0;
    for (let n = from; n < to; n++) sum += weightN[n]! * (thetaL[idNR[2 * n]!]! + thetaL[idNR[2 * n + 1]!]!);
    const mean = sum / totalG[g]!;
    for (let n = from; n < to; n++) {
      const one = idNR[2 * n]!;
      const two = idNR[2 * n + 1]!;
      const pull = weightN[n]! * (thetaL[one]! + thetaL[two]! - mean);
      outL[one]! += pull;
      outL[two]! += pull;
    }
  }
}
