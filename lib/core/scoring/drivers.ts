/** What a potential is made of. The three parts multiply to it, and their logarithms add up to its logarithm. */
export interface Drivers {
  /** USD: what the sizes of supply and demand alone would give */
  readonly size: number;
  /** how much more the pair trades than sizes would give, v_ij / T_ij */
  readonly ease: number;
  /** what keeping all three totals changes */
  readonly marginAdjustment: number;
  readonly logSize: number;
  readonly logEase: number;
  readonly logMarginAdjustment: number;
}

/**
 * Splits a potential into drivers that do not depend on how the factors of the fit are scaled.
 *
 *     ln mu = ln(size) + ln(EPI0 / size) + ln(mu / EPI0)
 *
 * @param potential mu > 0, USD
 * @param size v_ik v_jk / v_k > 0, USD
 * @param index EPI0 > 0, USD
 */
export function drivers(potential: number, size: number, index: number): Drivers {
  return {
    size,
    ease: index / size,
    marginAdjustment: potential / index,
    logSize: Math.log(size),
    logEase: Math.log(index / size),
    logMarginAdjustment: Math.log(potential / index),
  };
}
