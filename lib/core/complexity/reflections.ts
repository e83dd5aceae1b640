import type { Matrix } from '../matrix.ts';
import { margins } from './margins.ts';
import { type Packed, packColumns, packRows } from './packed.ts';

/** Raw complexity of exporters and of products: only differences between exporters (products) mean something. */
export interface Reflections {
  readonly kcE: Float64Array;
  readonly kpP: Float64Array;
}

/**
 * The method of reflections: products are the mean of their exporters, exporters the mean of their products, over and over.
 *
 *     kc[0] = diversity,   kp[n+1] = U⁻¹ Mᵀ kc[n],   kc[n+1] = D⁻¹ M kp[n]
 *
 * Even orders of kc and odd orders of kp measure complexity and descend from diversity; the other half of the published
 * sequence descends from ubiquity, measures simplicity and is not needed. `iterations` counts from order 0, so 20 (R,
 * Datawheel) ends with kc of order 18 and kp of order 19. The limit is the second eigenvector.
 *
 * Each order is closer to a constant than the one before: after 20 the differences are 1e-7 of the values, and R's z-scores
 * are good to seven digits where ours are good to ten. Constants pass through unchanged, so the one it ends at, the mean
 * of diversity weighted by diversity, is subtracted first (tests/golden/complexity.golden.test.ts holds both).
 *
 * @param presence M, exporters × products, 0 or 1, no empty row or column
 * @param iterations even, at least 2; RangeError otherwise
 * @source Hidalgo and Hausmann (2009), PNAS 106:10570
 */
export function reflections(presence: Matrix, iterations = 20): Reflections {
  if (iterations < 2 || iterations % 2 !== 0) {
    throw new RangeError(`reflections: ${iterations} iterations, expected an even number of at least 2`);
  }
  const baskets = packRows(presence);
  const exporters = packColumns(presence);
  const { rows: diversityE, total } = margins(presence);
  const limit = diversityE.reduce((sum, diversity) => sum + diversity * diversity, 0) / total;

  let kcE: Float64Array = diversityE.map((diversity) => diversity - limit);
  let kpP = meansOver(exporters, kcE);
  for (let order = 2; order < iterations; order += 2) {
    kcE = meansOver(baskets, kpP);
    kpP = meansOver(exporters, kcE);
  }
  return { kcE, kpP };
}

/** The mean, line by line, of the values at the positions that the line holds; NaN for an empty line. */
export function meansOver({ start, at }: Packed, values: Float64Array): Float64Array {
  const means = new Float64Array(start.length - 1);
  for (let line = 0; line < means.length; line++) {
    let sum = 0;
    for (let n = start[line]!; n < start[line + 1]!; n++) sum += values[at[n]!]!;
    means[line] = sum / (start[line + 1]! - start[line]!);
  }
  return means;
}
