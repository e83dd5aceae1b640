/**
 * How many cells a product must have before its own dispersion tells as much as that of all products, from how well two halves of its cells agree.
 *
 *     K = σ² / τ²,     σ² = mean_k n_k (ln ρ₁ - ln ρ₂)² / 4,     τ² = cov_k(ln ρ₁, ln ρ₂),     ρ_h = X_h / Y_h,  n = Y₁ + Y₂
 *
 * Half of n cells has ln ρ with variance τ² + 2 σ² / n, of which the halves share τ². Noise with a heavy tail gives a product of a thousand cells any ratio; a
 * product that is below 1 by chance would have its noise taken for missing trade.
 *
 * @param deviationHP X: squared deviations of the one half of each product's cells, and then of the other, in units of an average product's
 * @param cellsHP Y: the cells of which that is the sum
 * @returns K, in cells; Infinity where halves agree no more than chance makes them; 0 where fewer than two products have cells in both halves
 * @source Bühlmann's credibility; decisions/0013
 */
export function credibleFrom(deviationHP: Float64Array, cellsHP: Float64Array): number {
  const nProducts = deviationHP.length / 2;
  const logRatio = (at: number) => Math.log(deviationHP[at]! / cellsHP[at]!);
  const told: { readonly one: number; readonly other: number; readonly cells: number }[] = [];
  for (let p = 0; p < nProducts; p++) {
    const [one, other] = [logRatio(p), logRatio(nProducts + p)];
    if (Number.isFinite(one) && Number.isFinite(other))
      told.push({ one, other, cells: cellsHP[p]! + cellsHP[nProducts + p]! });
  }
  if (told.length < 2) return 0;
  const mean = (of: (product: (typeof told)[number]) => number) =>
    told.reduce((sum, product) => sum + of(product), 0) / told.length;
  const meanOne = mean(({ one }) => one);
  const meanOther = mean(({ other }) => other);
  const within = mean(({ one, other, cells }) => (cells * (one - other) ** 2) / 4);
  const between = mean(({ one, other }) => (one - meanOne) * (other - meanOther));
  return between > 0 ? within / between : Infinity;
}
