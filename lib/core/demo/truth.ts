import type { Friction } from './geography.ts';

/** The numbers that the world is made with: what an estimator has to find again. */
export const TRUTH = {
  friction: { distance: -1.1, border: 0.6, language: 0.4, history: 0.5 } satisfies Friction,
  /** standard deviation of ln(value / expectation) of a cell in one year */
  noise: 1,
  /** share of that variance which a cell keeps from year to year */
  persistence: 0.7,
  /** USD: a smaller shipment is not worth its paperwork */
  leastShipment: 200_000,
  /** USD: trade of a product, on average, in the first year */
  productTotal: 1.3e10,
  /** growth of world trade a year */
  growth: 0.04,
  /** standard deviation by which productivity and taste change in a year, log points */
  drift: 0.06,
} as const;
