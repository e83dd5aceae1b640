import type { ProductCells } from './productCells.ts';

/**
 * The two effects of a product given everything else, in closed form, one side and the other in turn:
 *
 *     A[g] = Σ_{n in g} y / Σ_{n in g} B[l(n)] ease[n],     B[l] = Σ_{n in l} y / Σ_{n in l} A[g(n)] ease[n]
 *
 * This is iterative proportional fitting of ease to the totals of y: the Poisson likelihood of two effects, without logarithms.
 * The effects of the product change in place.
 *
 * @param easeIJ by pair, > 0
 * @returns sweeps, and the largest relative error of a total with which the last of them began; it ended nearer
 * @source Deming and Stephan (1940); for gravity Guimarães and Portugal (2010), Stata Journal 10:628
 */
export function balance(
  { absorbed: { groups, fromG, levels, idNR }, pairN, totals, effects: { ofG, ofL } }: ProductCells,
  easeIJ: Float64Array,
  tolerance: number,
  maxSweeps: number,
): { sweeps: number; error: number } {
  const reachL = new Float64Array(levels);
  let error = Infinity;
  let sweeps = 0;
  while (error > tolerance && sweeps < maxSweeps) {
    error = 0;
    reachL.fill(0);
    for (let g = 0; g < groups; g++) {
      const from = fromG[g]!;
      const to = fromG[g + 1]!;
      let reach = 0;
      for (let n = from; n < to; n++) reach += ofL[idNR[n]!]! * easeIJ[pairN[n]!]!;
      error = Math.max(error, Math.abs((ofG[g]! * reach) / totals.ofG[g]! - 1));
      const own = totals.ofG[g]! / reach;
      ofG[g] = own;
      for (let n = from; n < to; n++) reachL[idNR[n]!]! += own * easeIJ[pairN[n]!]!;
    }
    for (let l = 0; l < levels; l++) ofL[l] = totals.ofL[l]! / reachL[l]!;
    sweeps++;
  }
  return { sweeps, error };
}

/** μ of every cell. */
export function means(
  { absorbed: { n, groups, fromG, idNR }, pairN, effects: { ofG, ofL } }: ProductCells,
  easeIJ: Float64Array,
): Float64Array {
  const muN = new Float64Array(n);
  for (let g = 0; g < groups; g++)
    for (let at = fromG[g]!; at < fromG[g + 1]!; at++) muN[at] = ofG[g]! * ofL[idNR[at]!]! * easeIJ[pairN[at]!]!;
  return muN;
}
