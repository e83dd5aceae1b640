import type { Absorbed, EffectCoefficients } from './absorbed.ts';
import { dot } from './gram.ts';
import { network, solveNetwork } from './network.ts';
import { reducedSums, reducedTimes, type Weighted } from './reduced.ts';

/** How exactly a column is partialled out; both measures have the column's own unit. */
export interface Tolerance {
  /** enough when this small outright … */
  readonly absolute: number;
  /** … or when this much smaller than at the start */
  readonly relative: number;
}

export interface Demeaned {
  readonly iterations: number;
  /** largest weighted mean that the column still has in any level */
  readonly meanLeft: number;
  readonly converged: boolean;
}

const MAX_ITERATIONS = 20_000;
/** A residual this much smaller than at the start (squared) consists of rounding: nothing can be read from it. */
const ROUNDING = 1e-28;
/** A direction whose curvature is this small against its length only moves what no row sees: a null vector of the effects. */
const NULL_CURVATURE = 1e-14;
/** Iterations with the diagonal after which the network is factored: that costs about as much as these. */
const PATIENCE = 200;

/**
 * Weighted partialling out: subtracts from a column its least-squares fit on the absorbed effects, in place.
 *
 *     x ← x - D θ,    θ = argmin Σ_n w[n] (x[n] - Σ_effects θ[level of n])²
 *
 * The largest effect is eliminated in closed form; preconditioned conjugate gradients solve for the rest. The diagonal is enough for
 * networks in which most trade with most; where it is not, along chains, the network itself is approximately factored (network.ts),
 * once, and again when the weights have moved too far from those it was made of (decision 0019).
 *
 * The iteration stops when the largest weighted mean left in any level is small, and the gains of the last steps say that the same
 * holds for the distance to the exact solution (in the weighted root mean square): on a chain, means are small long before.
 *
 * @param columnN x, in the column's own unit; on return the residual
 * @param step receives θ. Only sums over a row's levels are unique
 * @source Hestenes and Stiefel (1952), also for the estimate of the error from the last steps
 */
export function demean(
  absorbed: Absorbed,
  weights: Weighted,
  columnN: Float64Array,
  step: EffectCoefficients,
  tolerance: Tolerance,
): Demeaned {
  step.ofL.fill(0);
  const solved =
    absorbed.remaining === 0
      ? { iterations: 0, meanLeft: 0, converged: true }
      : solve(absorbed, weights, columnN, step.ofL, tolerance);
  subtract(absorbed, weights, columnN, step);
  return solved;
}

/** Preconditioned conjugate gradients on the reduced system, from zero; thetaL receives the solution. */
function solve(
  absorbed: Absorbed,
  weights: Weighted,
  columnN: Float64Array,
  thetaL: Float64Array,
  { absolute, relative }: Tolerance,
): Demeaned {
  const { levels, learnt } = absorbed;
  const { diagonalL, totalL, totalG } = weights;
  const residualL = new Float64Array(levels);
  const nextL = new Float64Array(levels);
  const directionL = new Float64Array(levels);
  const timesL = new Float64Array(levels);
  const gains: number[] = [];
  let totalWeight = 0;
  for (let g = 0; g < totalG.length; g++) totalWeight += totalG[g]!;

  const precondition = () => {
    if (learnt.network) solveNetwork(learnt.network, residualL, nextL);
    else for (let l = 0; l < levels; l++) nextL[l] = residualL[l]! / diagonalL[l]!;
  };
  // where to go first, and again after the preconditioner has changed
  const restart = () => {
    precondition();
    directionL.set(nextL);
    slope = dot(residualL, nextL, null);
  };

  reducedSums(absorbed, weights, columnN, residualL);
  let { meanLeft, squares } = sizes(residualL, diagonalL, totalL);
  const meanWanted = Math.max(absolute, relative * meanLeft);
  const floor = ROUNDING * squares;
  let slope = 0;
  restart();
  let gained = 0;
  let iterations = 0;
  let sinceRestart = 0;
  let fresh = false;
  while (squares > floor && iterations < MAX_ITERATIONS) {
    reducedTimes(absorbed, weights, directionL, timesL);
    let curvature = 0;
    let size = 0;
    for (let l = 0; l < levels; l++) {
      const direction = directionL[l]!;
      curvature += direction * timesL[l]!;
      size += direction * direction * diagonalL[l]!;
    }
    if (!(curvature > NULL_CURVATURE * size)) break;

    // step, and what is left
    const length = slope / curvature;
    for (let l = 0; l < levels; l++) {
      thetaL[l]! += length * directionL[l]!;
      residualL[l]! -= length * timesL[l]!;
    }
    ({ meanLeft, squares } = sizes(residualL, diagonalL, totalL));
    gains.push(length * slope);
    gained += length * slope;
    iterations++;
    sinceRestart++;

    // near enough, by both measures: what the last quarter of the steps gained stands for what is still to gain
    if (meanLeft <= meanWanted) {
      let error = 0;
      for (let at = iterations - Math.ceil(iterations / 4); at < iterations; at++) error += gains[at]!;
      const enough = Math.max(absolute * absolute * totalWeight, relative * relative * gained);
      if (error <= enough || meanLeft === 0) {
        if (fresh) learnt.iterations = sinceRestart;
        return { iterations, meanLeft, converged: true };
      }
    }

    // next direction; from the network of these very weights when it takes too long without
    if (!fresh && sinceRestart === PATIENCE + 2 * learnt.iterations) {
      learnt.network = network(absorbed, weights.weightN);
      fresh = true;
      sinceRestart = 0;
      restart();
      continue;
    }
    precondition();
    const nextSlope = dot(residualL, nextL, null);
    const turn = nextSlope / slope;
    slope = nextSlope;
    for (let l = 0; l < levels; l++) directionL[l] = nextL[l]! + turn * directionL[l]!;
  }
  return { iterations, meanLeft, converged: meanLeft <= meanWanted || squares <= floor };
}

/** How much is left: the largest weighted mean in a level, and the sum of squares scaled by the diagonal. */
function sizes(residualL: Float64Array, diagonalL: Float64Array, totalL: Float64Array) {
  let meanLeft = 0;
  let squares = 0;
  for (let l = 0; l < residualL.length; l++) {
    const r = residualL[l]!;
    squares += (r * r) / diagonalL[l]!;
    const mean = Math.abs(r) / totalL[l]!;
    if (mean > meanLeft) meanLeft = mean;
  }
  return { meanLeft, squares };
}

/** Takes the remaining levels' coefficients out of the column, then the group means of what is left. */
function subtract(absorbed: Absorbed, { weightN, totalG }: Weighted, columnN: Float64Array, step: EffectCoefficients) {
  const { groups, fromG, remaining, idNR } = absorbed;
  const { ofG, ofL } = step;
  for (let g = 0; g < groups; g++) {
    const from = fromG[g]!;
    const to = fromG[g + 1]!;
    let sum = 0;
    for (let n = from; n < to; n++) {
      let x = columnN[n]!;
      for (let r = 0; r < remaining; r++) x -= ofL[idNR[n * remaining + r]!]!;
      columnN[n] = x;
      sum += weightN[n]! * x;
    }
    const mean = sum / totalG[g]!;
    ofG[g] = mean;
    for (let n = from; n < to; n++) columnN[n]! -= mean;
  }
}
