/** How many standard deviations of noise a potential has to exceed what is sold by: one chance in twenty under pure noise. */
export const NOISE_Z = 1.645;

/**
 * What is missing from the potential. Positive by construction: the totals are kept, so under pure noise half of the cells lie below their mu.
 *
 *     U = max(mu − v, 0)        USD
 */
export function unrealisedRaw(potential: number, actual: number): number {
  return Math.max(potential - actual, 0);
}

/**
 * What is missing beyond what noise explains.
 *
 *     U = max(mu exp(−z s) − v, 0) ,   z = 1.645
 *
 * With unit-mean lognormal noise z = 1.645 leaves less than 1 % of the potential as unrealised in a world that has nothing unrealised.
 *
 * @param sd s: standard deviation of the noise's logarithm (`noiseSd`)
 * @returns USD
 * @source METHODS 9.6
 */
export function unrealisedShrunk(potential: number, actual: number, sd: number): number {
  return Math.max(potential * Math.exp(-NOISE_Z * sd) - actual, 0);
}
