/**
 * Poisson deviance of one row, half of it, from logarithms: for y > 0 with d = η - ln y
 *
 *     exp(η) - y - y d  =  y (exp(d) - 1 - d)
 *
 * For y = 1e9 and a fit within 1e-6 of it, the left side computes 5.0e-4 as 4.9e-4 or 6.0e-4 (μ and y cancel to their last digits);
 * the series on the right gives all digits. Below |d| = 0.01 six terms are exact to 1e-13 of the value (test: deviance of a near-perfect fit).
 *
 * @param y outcome ≥ 0  @param eta η = ln μ  @param mu exp(η)  @param logY ln y, ignored when y = 0
 */
export function halfDeviance(y: number, eta: number, mu: number, logY: number): number {
  if (y === 0) return mu;
  const d = eta - logY;
  if (d > 0.01 || d < -0.01) return mu - y - y * d;
  return y * d * d * 0.5 * (1 + (d / 3) * (1 + (d / 4) * (1 + (d / 5) * (1 + (d / 6) * (1 + d / 7)))));
}
