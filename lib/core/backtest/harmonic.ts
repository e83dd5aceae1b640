/**
 * A stretch of the harmonic series.
 *
 *     H(a + n) − H(a) = 1/(a + 1) + … + 1/(a + n)
 *
 * @param a whole number ≥ 0
 * @param n whole number ≥ 0
 * @returns to about 1e-15 of its value: the first terms one by one until a ≥ 16, the rest by the asymptotic series of the digamma function
 *   up to its sixth power
 */
export function harmonicBetween(a: number, n: number): number {
  const end = a + n;
  let sum = 0;
  let from = a;
  for (; from < 16 && from < end; from++) sum += 1 / (from + 1);
  if (from === end) return sum;
  return sum + Math.log1p((end - from) / from) + correction(end) - correction(from);
}

/** H(x) − ln x − γ = 1/2x − 1/12x² + 1/120x⁴ − 1/252x⁶ + … */
function correction(x: number): number {
  const y = 1 / (x * x);
  return 1 / (2 * x) - y * (1 / 12 - y * (1 / 120 - y * (1 / 252 - y / 240)));
}
