/** How far forecasts were from what came. */
export interface Accuracy {
  /** Σ|v − f| / Σ v: of every dollar traded, how much was foreseen wrongly; ruled by the largest flows */
  readonly wape: number;
  /** mean of |ln(1 + v/1000) − ln(1 + f/1000)|: relative error, every flow alike, those below 1,000 USD hardly at all */
  readonly logError: number;
  /** 1 − deviance(f) / deviance(mean v): the share of the Poisson deviance that the forecast explains; below 0 worse than one number for all */
  readonly poissonD2: number;
}

/** Forecasts count as at least this much in the deviance, USD: a forecast of 0 for a flow that comes would cost infinitely much. */
const LEAST_USD = 1;

/**
 * Measures forecasts against outcomes, all cells including those that came to nothing.
 *
 *     deviance(f) = 2 Σ v ln(v/f) − (v − f)
 *
 * @param valueN what came, USD ≥ 0
 * @param forecastN what was foretold, USD ≥ 0
 * @returns NaN for all three when nothing came at all
 * @throws RangeError when lengths differ
 * @source METHODS 6
 */
export function accuracy(valueN: Float64Array, forecastN: Float64Array): Accuracy {
  const cells = valueN.length;
  if (forecastN.length !== cells) throw new RangeError(`accuracy: ${forecastN.length} forecasts for ${cells} outcomes`);
  let [total, missed, logs] = [0, 0, 0];
  for (let n = 0; n < cells; n++) {
    total += valueN[n]!;
    missed += Math.abs(valueN[n]! - forecastN[n]!);
    logs += Math.abs(Math.log1p(valueN[n]! / 1000) - Math.log1p(forecastN[n]! / 1000));
  }
  const mean = total / cells;
  let [ofForecast, ofMean] = [0, 0];
  for (let n = 0; n < cells; n++) {
    ofForecast += unitDeviance(valueN[n]!, Math.max(LEAST_USD, forecastN[n]!));
    ofMean += unitDeviance(valueN[n]!, mean);
  }
  if (total === 0) return { wape: Number.NaN, logError: Number.NaN, poissonD2: Number.NaN };
  return { wape: missed / total, logError: logs / cells, poissonD2: 1 - ofForecast / ofMean };
}

const unitDeviance = (value: number, forecast: number) =>
  2 * ((value > 0 ? value * Math.log(value / forecast) : 0) - (value - forecast));
