/** How probabilities have to be stretched and shifted on the logit scale to fit what happened. */
export interface Recalibration {
  /** 1 when right, below 1 when probabilities are too far apart (overconfident) */
  readonly slope: number;
  /** the shift that goes with it; 0 when right */
  readonly intercept: number;
  readonly converged: boolean;
  /** cells with a probability of exactly 0 or 1, which have no logit, left out */
  readonly certain: number;
  /** those of them that turned out the other way: each of them alone refutes the probabilities */
  readonly refuted: number;
}

/**
 * The slope of calibration, by a logistic regression of outcomes on the logits of their probabilities.
 *
 *     logit P(y = 1) = a + b · logit(p)        (a, b) by maximum likelihood
 *
 * @param probabilityN in [0, 1]
 * @param positiveN 0 or 1
 * @returns NaN for both, not converged, when outcomes or probabilities do not vary or are separated by a threshold
 * @source Cox (1958), Biometrika 45:562
 */
export function calibrationSlope(probabilityN: Float64Array, positiveN: Uint8Array): Recalibration {
  // the logits, once
  const logitN = new Float64Array(probabilityN.length);
  const outcomeN = new Uint8Array(probabilityN.length);
  let cells = 0;
  let certain = 0;
  let refuted = 0;
  for (let n = 0; n < probabilityN.length; n++) {
    const p = probabilityN[n]!;
    if (p === 0 || p === 1) {
      certain++;
      if (positiveN[n] !== p) refuted++;
      continue;
    }
    logitN[cells] = Math.log(p) - Math.log1p(-p);
    outcomeN[cells++] = positiveN[n]!;
  }

  // Newton from no slope at all, where no cell is decided yet: from probabilities as they are, the first step can go far astray
  let [intercept, slope] = [0, 0];
  for (let step = 0; step < MAX_STEPS; step++) {
    let [gradientA, gradientB, aa, ab, bb] = [0, 0, 0, 0, 0];
    for (let n = 0; n < cells; n++) {
      const x = logitN[n]!;
      const fitted = 1 / (1 + Math.exp(-(intercept + slope * x)));
      const residual = outcomeN[n]! - fitted;
      const weight = fitted * (1 - fitted);
      gradientA += residual;
      gradientB += residual * x;
      aa += weight;
      ab += weight * x;
      bb += weight * x * x;
    }
    const determinant = aa * bb - ab * ab;
    if (!(determinant > SINGULAR * aa * bb)) break;
    const stepA = (bb * gradientA - ab * gradientB) / determinant;
    const stepB = (aa * gradientB - ab * gradientA) / determinant;
    intercept += stepA;
    slope += stepB;
    if (Math.abs(stepA) + Math.abs(stepB) < 1e-10 * (1 + Math.abs(slope)))
      return { slope, intercept, converged: true, certain, refuted };
  }
  return { slope: Number.NaN, intercept: Number.NaN, converged: false, certain, refuted };
}

const MAX_STEPS = 50;
const SINGULAR = 1e-12;
