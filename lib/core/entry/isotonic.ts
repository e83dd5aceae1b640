/** A non-decreasing step function: `value[s]` from `from[s]` up to the next step. Survives JSON. */
export interface IsotonicFit {
  /** lowest score of each step, ascending */
  readonly from: readonly number[];
  readonly value: readonly number[];
}

/**
 * The non-decreasing function of a score that lies closest to the outcomes: calibration that keeps the order of the score.
 *
 *     min Σ_n w_n (y_n − f(x_n))²   over f non-decreasing
 *
 * Pool adjacent violators: from left to right, a block whose mean is not above that of the block before it is merged with it. Equal scores are one
 * block from the start, so the result does not depend on the order of cells. Within each step Σ w f = Σ w y: totals are kept.
 *
 * @param scoreN x, finite
 * @param outcomeN y, a 0/1 outcome or any finite number
 * @param weightN w > 0
 * @throws RangeError for no cells, columns of different lengths, a score or outcome that is not finite, a weight that is not positive
 * @source Ayer et al. (1955), Annals of Mathematical Statistics 26:641
 */
export function isotonicFit(
  scoreN: Float64Array,
  outcomeN: ArrayLike<number>,
  weightN: ArrayLike<number>,
): IsotonicFit {
  const cells = scoreN.length;
  if (cells === 0 || outcomeN.length !== cells || weightN.length !== cells)
    throw new RangeError(
      `isotonicFit: ${cells} scores, ${outcomeN.length} outcomes, ${weightN.length} weights, expected as many of each, at least one`,
    );
  for (let n = 0; n < cells; n++) {
    const weight = weightN[n]!;
    if (!Number.isFinite(scoreN[n]) || !Number.isFinite(outcomeN[n]) || !(weight > 0 && weight < Infinity))
      throw new RangeError(
        `isotonicFit: cell ${n} has score ${scoreN[n]}, outcome ${outcomeN[n]}, weight ${weight}, expected finite numbers and a positive weight`,
      );
  }
  const order = Uint32Array.from({ length: cells }, (_, n) => n).sort((a, b) => scoreN[a]! - scoreN[b]! || a - b);

  // a stack of blocks, each a lowest score, a weight and a weighted mean
  const from: number[] = [];
  const weights: number[] = [];
  const value: number[] = [];
  const merge = () => {
    const weight = weights.pop()!;
    const mean = value.pop()!;
    from.pop();
    const last = weights.length - 1;
    weights[last]! += weight;
    value[last]! += (weight / weights[last]!) * (mean - value[last]!);
  };
  for (let at = 0; at < cells; ) {
    const score = scoreN[order[at]!]!;
    from.push(score);
    weights.push(weightN[order[at]!]!);
    value.push(outcomeN[order[at]!]!);
    for (at++; at < cells && scoreN[order[at]!] === score; at++) {
      from.push(score);
      weights.push(weightN[order[at]!]!);
      value.push(outcomeN[order[at]!]!);
      merge();
    }
    while (value.length > 1 && value[value.length - 2]! >= value[value.length - 1]!) merge();
  }
  return { from, value };
}

/** f at a score; below the first step its value. Throws RangeError for NaN. */
export function isotonicAt({ from, value }: IsotonicFit, score: number): number {
  if (Number.isNaN(score)) throw new RangeError('isotonicAt: the score is NaN, expected a number');
  let low = 0;
  let high = from.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (from[middle]! <= score) low = middle;
    else high = middle - 1;
  }
  return value[low]!;
}
