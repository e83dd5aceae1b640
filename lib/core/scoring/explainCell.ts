import { type Factors, potentialOf } from '../gravity/potential.ts';
import type { Cell } from '../gravity/support.ts';
import { actualOf } from '../trade/actualOf.ts';
import { noiseSd } from './dispersion.ts';
import { type Drivers, drivers } from './drivers.ts';
import type { Basis } from './scoredCells.ts';
import type { ScoringInputs } from './scoringInputs.ts';
import { exposure, sizeAlone, staticIndex } from './staticIndex.ts';
import { unrealisedRaw, unrealisedShrunk } from './unrealised.ts';

/**
 * Why a cell has no estimated potential: it lies within one country; one of its three totals is zero; or the totals decide it, so that its potential is what is
 * sold (possibly nothing) whatever the model.
 */
export type NoEstimate =
  | 'sameCountry'
  | 'importerDoesNotImport'
  | 'pairNeverTraded'
  | 'exporterDoesNotExport'
  | 'forced';

/** Everything that the scores know of one cell; USD. No number depends on how the factors of the fit are scaled. */
export interface CellExplanation {
  readonly basis: Basis;
  readonly actual: number;
  /** three-way fit; NaN on the extensive basis, where supply is not observed */
  readonly potential: number;
  /** why the potential is no estimate; null when it is one */
  readonly reason: NoEstimate | null;
  /** min(actual, potential); NaN on the extensive basis, as the next two */
  readonly realised: number;
  readonly unrealisedRaw: number;
  readonly unrealisedShrunk: number;
  /** standard deviation of the noise's logarithm; NaN without an estimate */
  readonly noiseSd: number;
  /** v_ik v_jk / v_k; 0 when one of them is */
  readonly size: number;
  /** static index; on the extensive basis density · v_jk · v_ij / T_ij, a rank and not USD; 0 for a pair that never traded */
  readonly index: number;
  /** null without an estimate */
  readonly drivers: Drivers | null;
  /** product-space density in [0, 1] */
  readonly feasibility: number;
}

/** Explains any single cell, an opportunity or not. Use for a few cells: it takes a pass over the exporter's products. */
export function explainCell(inputs: ScoringInputs, cell: Cell): CellExplanation {
  const { exporter, importer, product } = cell;
  const { flows, startE, totals, factors, density, dispersion } = inputs;
  const nProducts = density.cols;
  const supply = totals.exporterProduct.data[exporter * nProducts + product]!;
  const demand = totals.importerProduct.data[importer * nProducts + product]!;
  const pair = totals.pair.data[exporter * totals.pair.cols + importer]!;
  const feasibility = density.data[exporter * nProducts + product]! || 0;

  const basis: Basis = supply > 0 ? 'intensive' : 'extensive';
  const actual = actualOf(flows, startE)(cell);
  const reason = whyNoEstimate(factors, cell, { supply, demand, pair });
  const potential = basis === 'extensive' ? Number.NaN : potentialOf(factors)(cell);
  const estimated = reason === null;

  // without trade of the pair there is no ease to speak of; without supply its place is taken by density
  const size = supply > 0 ? sizeAlone(supply, demand, totals.productP[product]!) : 0;
  const seed = basis === 'intensive' ? size : feasibility * demand;
  const index = pair > 0 ? staticIndex(seed, pair, exposure(totals, exporter)[importer]!) : 0;
  const sd = estimated ? noiseSd(dispersion, product, potential) : Number.NaN;
  return {
    basis,
    actual,
    potential,
    reason,
    realised: Math.min(actual, potential),
    unrealisedRaw: unrealisedRaw(potential, actual),
    unrealisedShrunk: estimated ? unrealisedShrunk(potential, actual, sd) : unrealisedRaw(potential, actual),
    noiseSd: sd,
    size,
    index,
    drivers: estimated ? drivers(potential, size, index) : null,
    feasibility,
  };
}

/** The first reason that holds, the most basic one first. */
function whyNoEstimate(
  { a, b, c, forced, zeros }: Factors,
  { exporter, importer, product }: Cell,
  { supply, demand, pair }: { supply: number; demand: number; pair: number },
): NoEstimate | null {
  if (exporter === importer) return 'sameCountry';
  if (demand === 0) return 'importerDoesNotImport';
  if (pair === 0) return 'pairNeverTraded';
  if (supply === 0) return 'exporterDoesNotExport';
  // all three totals are positive, but what is left of one after the forced cells is not, or the cell is listed
  const isCell = (cell: Cell) => cell.exporter === exporter && cell.importer === importer && cell.product === product;
  const fitted =
    a.data[exporter * a.cols + product]! > 0 &&
    b.data[importer * b.cols + product]! > 0 &&
    c.data[exporter * c.cols + importer]! > 0;
  return fitted && !zeros.some(isCell) && !forced.some(isCell) ? null : 'forced';
}
