import type { Factors } from '../gravity/potential.ts';
import type { Cell } from '../gravity/support.ts';
import type { Matrix } from '../matrix.ts';
import type { Blend } from '../potential/blend.ts';
import type { Models } from '../potential/modelEffects.ts';
import { type PotentialWalk, potentialCells } from '../potential/potentialCells.ts';
import { exporterStarts, type Flows } from '../trade/flows.ts';
import type { OneYear } from '../trade/oneYear.ts';
import { type Totals, totals } from '../trade/totals.ts';
import type { Dispersion } from './dispersion.ts';
import { supportCells } from './supportCells.ts';

/** The models, how they are combined, and the cells of which gravity is silent although its effects are positive. */
export interface Blended {
  readonly models: Models;
  readonly blend: Blend;
  readonly gravityZeros: readonly Cell[];
}

/** Everything that potentials are made of; the same for every exporter. */
export interface ScoringInputs {
  readonly flows: Flows;
  readonly totals: Totals;
  /** where each exporter's rows of the flows start */
  readonly startE: Uint32Array;
  readonly factors: Factors;
  /** product-space density, exporters × products, own product excluded; NaN outside its universe */
  readonly density: Matrix;
  /** of values around the potential */
  readonly dispersion: Dispersion;
  /** all models, and how they are combined; null without covariates: the three-way fit is the potential then */
  readonly blended: Blended | null;
  /** what was traded in one year of the window only; null where the window is too short to say */
  readonly oneYear: OneYear | null;
  /** walks the cells of an exporter whose potential is an estimate */
  readonly potentials: PotentialWalk;
}

/**
 * Brings together what earlier steps have found out and what follows from it directly (totals, where rows start).
 *
 * @param factors the fit of these flows: matrices a, b, c and the lists forced and zeros
 * @param density on the axes of the flows
 * @param dispersion around the potential, found once (`dispersion`, `blendDispersion`)
 * @throws RangeError when a matrix is not on the axes of the flows
 */
export function scoringInputs(
  flows: Flows,
  factors: Factors,
  density: Matrix,
  dispersion: Dispersion,
  blended: ScoringInputs['blended'] = null,
  oneYear: OneYear | null = null,
): ScoringInputs {
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
  const startE = exporterStarts(flows);
  return {
    flows,
    totals: totals(flows),
    startE,
    factors,
    density,
    dispersion,
    blended,
    oneYear,
    potentials: blended
      ? potentialCells(flows, startE, blended.models, blended.blend)
      : threeWayPotentials(flows, startE, factors),
  };
}

/** The walk without other models: the three-way fit where it is an estimate. */
export const threeWayPotentials =
  (flows: Flows, startE: Uint32Array, factors: Factors): PotentialWalk =>
  (exporter, fromUsd, visit) =>
    supportCells(flows, startE, factors, exporter, fromUsd, (m, p, mu, actual) => visit(m, p, mu, actual, THREE_WAY));

/** The pattern in which the three-way fit alone speaks. */
const THREE_WAY = 1;

const pick = ({ a, b, c }: Factors) => ({ a, b, c });
