/** What a standard deviation divides by: the number of elements, or one less. */
export type Divisor = 'population' | 'sample';

export interface Moments {
  readonly mean: number;
  readonly deviation: number;
}

/** Mean and standard deviation of the elements that are not NaN; NaN where there are too few of them. */
export function moments(values: Float64Array, divisor: Divisor): Moments {
  const defined = values.filter((value) => !Number.isNaN(value));
  const mean = defined.reduce((sum, value) => sum + value, 0) / defined.length;
  const squares = defined.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (divisor === 'sample' ? defined.length - 1 : defined.length)) };
}

/** Subtracts the mean and divides by the deviation; all NaN when the values do not vary (beyond rounding). */
export function standardise(values: Float64Array, { mean, deviation }: Moments): Float64Array {
  const varies = deviation > Math.abs(mean) * 1e-13;
  return values.map((value) => (varies ? (value - mean) / deviation : Number.NaN));
}

/** Pearson's correlation; NaN when either side does not vary. */
export function correlation(aN: Float64Array, bN: Float64Array): number {
  const a = standardise(aN, moments(aN, 'population'));
  const b = standardise(bN, moments(bN, 'population'));
  return a.reduce((sum, value, n) => sum + value * b[n]!, 0) / a.length;
}
