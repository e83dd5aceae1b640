/**
 * The standard normal distribution function.
 *
 *     Φ(x) = 1/2 + φ(x) (x + x³/3 + x⁵/(3·5) + …)           |x| < 6: the series, to the last digit that counts
 *     1 - Φ(x) = φ(x) / (x + 1/(x + 2/(x + 3/(x + …))))     beyond: the continued fraction
 *
 * @returns in [0, 1], within 1e-15 of the truth; small tails to a relative 1e-13 beyond 6 and 1e-15 absolute before
 * @source Marsaglia (2004), Journal of Statistical Software 11(4); Laplace's continued fraction
 */
export function normalCdf(x: number): number {
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (Math.abs(x) >= 6) {
    let fraction = Math.abs(x);
    for (let k = 40; k >= 1; k--) fraction = Math.abs(x) + k / fraction;
    const tail = density === 0 ? 0 : density / fraction;
    return x > 0 ? 1 - tail : tail;
  }
  let term = x;
  let sum = x;
  for (let odd = 3; sum + term !== sum; odd += 2) {
    term *= (x * x) / odd;
    sum += term;
  }
  return 0.5 + density * sum;
}
