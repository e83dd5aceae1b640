/** From where to where the middle 95 % of the draws lie, and how many draws had a value. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  readonly draws: number;
}

/**
 * The percentile interval of bootstrap draws.
 *
 *     low = Q(2.5 %), high = Q(97.5 %), Q linear between order statistics: position (n − 1) q
 *
 * @param valueD one value a draw; NaN is a draw without a value and is left out, and `draws` counts the others
 * @returns NaN on both sides when no draw has a value
 */
export function interval(valueD: Float64Array): Interval {
  const ascending = valueD.filter((value) => !Number.isNaN(value)).sort();
  const at = (q: number) => {
    const position = (ascending.length - 1) * q;
    const below = Math.floor(position);
    const rest = position - below;
    const low = ascending[below] ?? Number.NaN;
    return rest === 0 ? low : low + rest * (ascending[below + 1]! - low);
  };
  return { low: at(0.025), high: at(0.975), draws: ascending.length };
}

/** The interval of the difference between two scores over the same draws. */
export const pairedInterval = (oneD: Float64Array, otherD: Float64Array): Interval =>
  interval(oneD.map((value, d) => value - otherD[d]!));
