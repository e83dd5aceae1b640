import { solver } from '../gravity/ppml/gram.ts';
import { type Matrix, matrix } from '../matrix.ts';

/** What is fitted: rows with a bin of every term, an outcome of 0 or 1 and a weight. */
export interface BinnedRows {
  /** by term, the bin of each row */
  readonly binTN: readonly Uint8Array[];
  /** how many bins each term has */
  readonly binsT: readonly number[];
  /** 0 or 1 for the logistic family, any number for the linear one */
  readonly outcomeN: ArrayLike<number>;
  readonly weightN: ArrayLike<number>;
}

export interface AdditiveOptions {
  readonly family?: keyof typeof FAMILIES;
  /** λ: how strongly the effects of neighbouring bins are pulled together */
  readonly smoothness?: number;
  /** ρ: how strongly every effect is pulled to 0; > 0 makes the solution unique */
  readonly ridge?: number;
  /** largest gradient, as a share of the weight of positives (linear: of the weighted deviations from the mean) */
  readonly tolerance?: number;
  /** where to begin: a fit of other rows with the same bins. It saves steps and changes nothing else */
  readonly from?: AdditiveFit | undefined;
}

export interface AdditiveFit {
  readonly intercept: number;
  /** by term, the effect of each bin, with a mean of 0 over the rows */
  readonly effectTB: readonly Float64Array[];
  readonly iterations: number;
  readonly gradient: number;
  readonly converged: boolean;
}

/** By family: the mean of eta = 0, the likelihood of an outcome, and its first two derivatives (the second with its sign turned). */
const FAMILIES = {
  /** outcomes 0 or 1, eta their log-odds */
  logistic: {
    start: (mean: number) => Math.log(mean / (1 - mean)),
    // ln(1 + e^eta) without overflow
    likelihood: (y: number, eta: number) => y * eta - Math.max(eta, 0) - Math.log1p(Math.exp(-Math.abs(eta))),
    mean: (eta: number) => 1 / (1 + Math.exp(-eta)),
    curvature: (mean: number) => mean * (1 - mean),
  },
  /** any outcomes, least squares */
  linear: {
    start: (mean: number) => mean,
    likelihood: (y: number, eta: number) => -((y - eta) ** 2) / 2,
    mean: (eta: number) => eta,
    curvature: () => 1,
  },
} as const;

const MAX_ITERATIONS = 50;
const HALVINGS = 30;
/** A curvature serves for further steps as long as each leaves less than one in so many of the gradient: it is five sixths of the work of a step. */
const WORTHWHILE = 3;

/**
 * The additive model of largest penalised likelihood, logistic unless told otherwise:
 *
 *     max  Σ_n w (y eta − ln(1 + e^eta)) − λ/2 Σ_t Σ_b (f[t,b+1] − f[t,b])² − ρ/2 Σ_t Σ_b f[t,b]²,    eta = c + Σ_t f[t, bin of t]
 *
 * or with −(y − eta)²/2 in place of the first bracket. A concave function of some hundred numbers, maximised by Newton's method, steps halved while it falls. The curvature is added up from counts of bins
 * that meet in a row, and kept for further steps while they pay. In the end effects are shifted to a mean of 0 over the weighted rows, which the intercept takes up.
 *
 * @throws RangeError when all outcomes of a logistic fit are equal; of a linear one they are the intercept
 */
export function fitAdditive(
  { binTN, binsT, outcomeN, weightN }: BinnedRows,
  { family = 'logistic', smoothness = 200, ridge = 1, tolerance = 1e-8, from }: AdditiveOptions = {},
): AdditiveFit {
  const terms = binTN.length;
  const rows = outcomeN.length;
  // parameter 0 is the intercept, then the bins of each term
  const startT = new Int32Array(terms + 1);
  startT[0] = 1;
  for (let t = 0; t < terms; t++) startT[t + 1] = startT[t]! + binsT[t]!;
  const size = startT[terms]!;
  const of = FAMILIES[family];
  let [weight, total] = [0, 0];
  for (let n = 0; n < rows; n++) {
    weight += weightN[n]!;
    total += weightN[n]! * outcomeN[n]!;
  }
  const mean = total / weight;
  let scale = 0;
  for (let n = 0; n < rows; n++) scale += weightN[n]! * Math.abs(outcomeN[n]! - mean);
  if (!(scale > 1e-12 * Math.abs(mean) * weight)) {
    if (family === 'logistic') throw new RangeError(`fitAdditive: all outcomes are ${mean}: nothing to tell apart`);
    const effectTB = binsT.map((bins) => new Float64Array(bins));
    return { intercept: mean, effectTB, iterations: 0, gradient: 0, converged: true };
  }
  if (family === 'logistic') scale = total;

  const etaN = new Float64Array(rows);
  const setEta = (beta: Float64Array) => {
    etaN.fill(beta[0]!);
    for (let t = 0; t < terms; t++) {
      const binN = binTN[t]!;
      const effect = beta.subarray(startT[t]!, startT[t + 1]!);
      for (let n = 0; n < rows; n++) etaN[n]! += effect[binN[n]!]!;
    }
  };
  const objective = (beta: Float64Array) => {
    let sum = 0;
    for (let n = 0; n < rows; n++) {
      sum += weightN[n]! * of.likelihood(outcomeN[n]!, etaN[n]!);
    }
    for (let t = 0; t < terms; t++)
      for (let at = startT[t]!; at < startT[t + 1]!; at++) {
        sum -= (ridge / 2) * beta[at]! ** 2;
        if (at + 1 < startT[t + 1]!) sum -= (smoothness / 2) * (beta[at + 1]! - beta[at]!) ** 2;
      }
    return sum;
  };

  const beta = new Float64Array(size);
  beta[0] = from?.intercept ?? of.start(mean);
  for (let t = 0; t < terms; t++) if (from) beta.set(from.effectTB[t]!, startT[t]!);
  setEta(beta);
  let value = objective(beta);
  const residualN = new Float64Array(rows);
  const curvatureN = new Float64Array(rows);
  let gradient = Number.POSITIVE_INFINITY;
  let stepBy: ((slope: Float64Array) => Float64Array) | null = null;
  let iterations = 0;
  for (; iterations < MAX_ITERATIONS; iterations++) {
    for (let n = 0; n < rows; n++) {
      const expected = of.mean(etaN[n]!);
      residualN[n] = weightN[n]! * (outcomeN[n]! - expected);
      curvatureN[n] = weightN[n]! * of.curvature(expected);
    }
    const slope = slopeOf(binTN, startT, residualN);
    penaliseSlope(slope, beta, startT, { smoothness, ridge });
    const before = gradient;
    gradient = slope.reduce((most, each) => Math.max(most, Math.abs(each)), 0) / scale;
    if (gradient <= tolerance) break;
    const fresh = stepBy === null || gradient > before / WORTHWHILE;
    if (fresh) {
      const bend = bendOf(binTN, startT, curvatureN);
      penaliseBend(bend, startT, { smoothness, ridge });
      stepBy = solver(bend);
      if (!stepBy) break;
    }
    const step = stepBy!(slope);

    let length = 1;
    let taken = false;
    for (let halving = 0; halving < HALVINGS && !taken; halving++, length /= 2) {
      const next = beta.map((b, at) => b + length * step[at]!);
      setEta(next);
      const reached = objective(next);
      taken = reached >= value - 1e-12 * Math.abs(value);
      if (!taken) continue;
      beta.set(next);
      value = reached;
    }
    if (taken) continue;
    if (fresh) break;
    stepBy = null;
  }

  // a mean of 0 for every term
  const effectTB = binTN.map((binN, t) => {
    const effectB = beta.slice(startT[t]!, startT[t + 1]!);
    let middle = 0;
    for (let n = 0; n < rows; n++) middle += weightN[n]! * effectB[binN[n]!]!;
    middle /= weight;
    beta[0]! += middle;
    return effectB.map((effect) => effect - middle);
  });
  return { intercept: beta[0]!, effectTB, iterations, gradient, converged: gradient <= tolerance };
}

/** The gradient of the likelihood: Σ r by bin. */
function slopeOf(binTN: readonly Uint8Array[], startT: Int32Array, residualN: Float64Array): Float64Array {
  const slope = new Float64Array(startT.at(-1)!);
  for (let n = 0; n < residualN.length; n++) slope[0]! += residualN[n]!;
  for (const [t, binN] of binTN.entries()) {
    const start = startT[t]!;
    for (let n = 0; n < residualN.length; n++) slope[start + binN[n]!]! += residualN[n]!;
  }
  return slope;
}

/** The curvature of the likelihood, with its sign turned: Σ h by pair of bins. */
function bendOf(binTN: readonly Uint8Array[], startT: Int32Array, curvatureN: Float64Array): Matrix {
  const rows = curvatureN.length;
  const size = startT.at(-1)!;
  const bend = matrix(size, size);
  const { data } = bend;
  for (let n = 0; n < rows; n++) data[0]! += curvatureN[n]!;
  for (const [t, binN] of binTN.entries()) {
    const start = startT[t]!;
    for (let n = 0; n < rows; n++) {
      const at = start + binN[n]!;
      data[at]! += curvatureN[n]!;
      data[at * size + at]! += curvatureN[n]!;
    }
    // a table of its own for each pair of terms stays in the first cache
    const width = startT[t + 1]! - start;
    for (let u = 0; u < t; u++) {
      const otherN = binTN[u]!;
      const other = startT[u]!;
      const met = new Float64Array((startT[u + 1]! - other) * width);
      for (let n = 0; n < rows; n++) met[otherN[n]! * width + binN[n]!]! += curvatureN[n]!;
      for (let at = 0; at < met.length; at++)
        data[(other + Math.floor(at / width)) * size + start + (at % width)] = met[at]!;
    }
  }
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) data[i * size + j] = data[j * size + i]!;
  return bend;
}

interface Penalty {
  readonly smoothness: number;
  readonly ridge: number;
}

function penaliseSlope(slope: Float64Array, beta: Float64Array, startT: Int32Array, { smoothness, ridge }: Penalty) {
  for (let t = 0; t + 1 < startT.length; t++)
    for (let at = startT[t]!; at < startT[t + 1]!; at++) {
      slope[at]! -= ridge * beta[at]!;
      if (at + 1 >= startT[t + 1]!) continue;
      const rise = smoothness * (beta[at + 1]! - beta[at]!);
      slope[at]! += rise;
      slope[at + 1]! -= rise;
    }
}

function penaliseBend({ rows: size, data }: Matrix, startT: Int32Array, { smoothness, ridge }: Penalty) {
  for (let t = 0; t + 1 < startT.length; t++)
    for (let at = startT[t]!; at < startT[t + 1]!; at++) {
      data[at * size + at]! += ridge;
      if (at + 1 >= startT[t + 1]!) continue;
      data[at * size + at]! += smoothness;
      data[(at + 1) * size + at + 1]! += smoothness;
      data[at * size + at + 1]! -= smoothness;
      data[(at + 1) * size + at]! -= smoothness;
    }
}
