import type { Factors } from '../gravity/potential.ts';
import type { Matrix } from '../matrix.ts';
import { exporterStarts, type Flows } from '../trade/flows.ts';
import { type Totals, totals } from '../trade/totals.ts';
import type { Dispersion } from './dispersion.ts';

/** Everything that scores are made of; the same for every exporter. */
export interface ScoringInputs {
  readonly flows: Flows;
  readonly totals: Totals;
  /** where each exporter's rows of the flows start */
  readonly startE: Uint32Array;
  readonly factors: Factors;
  /** product-space density, exporters × products, own product excluded; NaN outside its universe, which scores as 0 */
  readonly density: Matrix;
  readonly dispersion: Dispersion;
}

/**
 * Brings together what earlier steps have found out and what follows from it directly (totals, where rows start).
 *
 * @param factors the fit of these flows: matrices a, b, c and the lists forced and zeros
 * @param density on the axes of the flows
 * @param dispersion of the fit, found once (`dispersion`)
 * @throws RangeError when a matrix is not on the axes of the flows
 */
export function scoringInputs(flows: Flows, factors: Factors, density: Matrix, dispersion: Dispersion): ScoringInputs {
  const nCountries = flows.countries.codes.length;
  const nProducts = flows.products.codes.length;
  const expected = { a: nProducts, b: nProducts, c: nCountries, density: nProducts };
  for (const [name, { rows, cols }] of Object.entries({ ...pick(factors), density })) {
    const width = expected[name as keyof typeof expected];
    if (rows !== nCountries || cols !== width)
      throw new RangeError(`scoringInputs: ${name} is ${rows}×${cols}, expected ${nCountries}×${width}`);
  }
  if (dispersion.ratioP.length !== nProducts)
    throw new RangeError(`scoringInputs: dispersion of ${dispersion.ratioP.length} products, expected ${nProducts}`);
  return { flows, totals: totals(flows), startE: exporterStarts(flows), factors, density, dispersion };
}

const pick = ({ a, b, c }: Factors) => ({ a, b, c });
