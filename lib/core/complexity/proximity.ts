import { type Matrix, matrix } from '../matrix.ts';
import { packColumns, packRows } from './packed.ts';

/** What the exporters that two products share are divided by. */
const DIVISORS = {
  /** the larger ubiquity: the smaller of the two conditional probabilities */
  minimum: (ubiquity: number, other: number) => (ubiquity > other ? ubiquity : other),
  /** the root of their product: the cosine of the two columns, Datawheel's "sqrt" */
  cosine: (ubiquity: number, other: number) => Math.sqrt(ubiquity * other),
  /** the row's ubiquity: P(column | row), which is not symmetric */
  conditional: (ubiquity: number) => ubiquity,
} as const;

export interface ProximityOptions {
  readonly proximity?: keyof typeof DIVISORS;
  /** what a product is to itself: 0 (it is not its own neighbour) or 1 (the formula taken literally) */
  readonly diagonal?: 0 | 1;
}

/**
 * How likely two products are to be exported together. Unless told otherwise, the smaller of the two conditional
 * probabilities, which does not take a rare product for close to a common one just because its few exporters sell both:
 *
 *     φ[p,q] = min(P(p|q), P(q|p)) = Σ_e M[e,p] M[e,q] / max(u[p], u[q]),   φ[p,p] = the diagonal option
 *
 * @param presence M, exporters × products, 0 or 1
 * @returns products × products, in [0, 1], symmetric unless conditional; 0 beside a product that nobody exports
 * @cost one count for each pair of products in each basket, and 8 bytes per pair of products (200 MB at HS6): densities
 *   and outlooks do not need it (`minimumProximitySums`)
 * @source Hidalgo, Klinger, Barabási and Hausmann (2007), Science 317:482
 */
export function proximity(
  presence: Matrix,
  { proximity: measure = 'minimum', diagonal = 0 }: ProximityOptions = {},
): Matrix {
  const nProducts = presence.cols;
  const baskets = packRows(presence);
  const exporters = packColumns(presence);
  // a product that nobody exports shares no exporters: 1 instead of 0 keeps its row and column 0 / 1
  const ubiquityP = new Float64Array(nProducts);
  for (let p = 0; p < nProducts; p++) ubiquityP[p] = Math.max(exporters.start[p + 1]! - exporters.start[p]!, 1);
  const divisor: (ubiquity: number, other: number) => number = DIVISORS[measure];

  const phiPP = new Float64Array(nProducts * nProducts);
  const togetherP = new Float64Array(nProducts);
  for (let p = 0; p < nProducts; p++) {
    // count, basket by basket, what p's exporters also export
    togetherP.fill(0);
    for (let x = exporters.start[p]!; x < exporters.start[p + 1]!; x++) {
      const e = exporters.at[x]!;
      const end = baskets.start[e + 1]!;
      for (let b = baskets.start[e]!; b < end; b++) togetherP[baskets.at[b]!]!++;
    }
    // divide
    const row = p * nProducts;
    const ubiquity = ubiquityP[p]!;
    for (let q = 0; q < nProducts; q++) phiPP[row + q] = togetherP[q]! / divisor(ubiquity, ubiquityP[q]!);
    if (phiPP[row + p] !== 0) phiPP[row + p] = diagonal;
  }
  return matrix(nProducts, nProducts, phiPP);
}
