import { RESIDUAL_CLASSES_USD, RESIDUAL_QUANTILES } from './residualQuantiles.ts';

/** How many years ahead a forecast reaches at most. */
export const LONGEST_HORIZON = 5;

/** How many years before it a forecast is made from. */
export const FORECAST_YEARS = 3;

/** A year ahead the latest value keeps this much of its weight, and of what is left again this much each further year. */
const MEMORY = 0.9;

/** What a flow is expected to be, USD, with an interval that held four outcomes in five. */
export interface FlowForecast {
  readonly horizon: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * What a flow will be worth some years from now: its latest value, drawn towards its mean of three years the more the further ahead.
 *
 *     ln(1 + f/1000) = w ln(1 + last/1000) + (1 − w) ln(1 + mean/1000),   w = 0.9^horizon
 *
 * Growth plays no part: of the flow, of its product or of the whole, it made forecasts worse as often as better (decisions/0009).
 *
 * @param last value of the latest year, USD ≥ 0
 * @param mean mean of the latest three years, zeros included, USD ≥ 0
 * @param horizon years ahead, 1 … 5
 * @returns USD; the interval is of what came of flows of that size in the back-test
 * @throws RangeError for a horizon outside
 */
export function flowForecast(last: number, mean: number, horizon: number): FlowForecast {
  const value = pointForecast(last, mean, horizon);
  let size = 0;
  while (size + 1 < RESIDUAL_CLASSES_USD.length && value >= RESIDUAL_CLASSES_USD[size + 1]!) size++;
  const [low, high] = RESIDUAL_QUANTILES[horizon - 1]![size]!;
  return { horizon, value, low: shifted(value, low), high: shifted(value, high) };
}

/** The forecast without its interval. */
export function pointForecast(last: number, mean: number, horizon: number): number {
  if (!(Number.isInteger(horizon) && horizon >= 1 && horizon <= LONGEST_HORIZON))
    throw new RangeError(`flowForecast: a horizon of ${horizon} years, expected 1 to ${LONGEST_HORIZON}`);
  const weight = MEMORY ** horizon;
  return 1000 * Math.expm1(weight * Math.log1p(last / 1000) + (1 - weight) * Math.log1p(mean / 1000));
}

/** Moves a value by a difference of ln(1 + v/1000); not below 0. */
export const shifted = (value: number, by: number): number =>
  Math.max(0, 1000 * Math.expm1(Math.log1p(value / 1000) + by));
