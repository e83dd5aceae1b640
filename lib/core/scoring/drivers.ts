/** What a potential is made of. The three parts multiply to it, and their logarithms add up to its logarithm. */
export interface Drivers {
  /** USD: what the sizes of supply and demand alone would give */
  readonly size: number;
  /** how much more the pair trades than sizes would give, v_ij / T_ij; of a pair that never traded, potential / size: what is expected of it */
  readonly ease: number;
  /** what keeping all three totals changes, and what other models say; 1 for a pair that never traded */
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
 * @param index EPI0, USD; 0 for a pair that never traded
 */
export function drivers(potential: number, size: number, index: number): Drivers {
  const eased = index > 0 ? index : potential;
  return {
    size,
    ease: eased / size,
    marginAdjustment: potential / eased,
    logSize: Math.log(size),
    logEase: Math.log(eased / size),
    logMarginAdjustment: Math.log(potential / eased),
  };
}
