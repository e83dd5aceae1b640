import { type Factors, potentialOf } from '../gravity/potential.ts';
import type { Cell } from '../gravity/support.ts';
import { blendedValue } from '../potential/blendedValue.ts';
import type { Model } from '../potential/modelEffects.ts';
import { modelValue } from '../potential/modelValue.ts';
import { actualOf } from '../trade/actualOf.ts';
import { noiseSd } from './dispersion.ts';
import { type Drivers, drivers } from './drivers.ts';
import { BASES, type Basis, basisOf } from './scoredCells.ts';
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

/** What the potential of one cell is made of; USD. No number depends on how the factors of the fit are scaled. */
export interface CellExplanation {
  readonly basis: Basis;
  readonly actual: number;
  /** what the models expect together; what is sold where the totals decide it; NaN for a new product, where supply is not observed */
  readonly potential: number;
  /** why the potential is no estimate; null when it is one */
  readonly reason: NoEstimate | null;
  /** min(actual, potential); NaN for a new product, as the next two */
  readonly realised: number;
  readonly unrealisedRaw: number;
  readonly unrealisedShrunk: number;
  /** standard deviation of the noise's logarithm; NaN without an estimate */
  readonly noiseSd: number;
  /** what each model says by itself; 0 where it is silent */
  readonly models: Readonly<Record<Model, number>>;
  /** v_ik v_jk / v_k; 0 when one of them is */
  readonly size: number;
  /** static index; 0 for a pair that never traded */
  readonly index: number;
  /** null without an estimate */
  readonly drivers: Drivers | null;
  /** product-space density in [0, 1] */
  readonly density: number;
}

/** Explains any single cell, an opportunity or not. Use for a few cells: it takes a pass over the exporter's products. */
export function explainCell(inputs: ScoringInputs, cell: Cell): CellExplanation {
  const { exporter, importer, product } = cell;
  const { flows, startE, totals, factors, density, dispersion, blended } = inputs;
  const nProducts = density.cols;
  const supply = totals.exporterProduct.data[exporter * nProducts + product]!;
  const demand = totals.importerProduct.data[importer * nProducts + product]!;
  const pair = totals.pair.data[exporter * totals.pair.cols + importer]!;
  const actual = actualOf(flows, startE)(cell);

  // what each model says, and all of them
  const size = supply > 0 ? sizeAlone(supply, demand, totals.productP[product]!) : 0;
  const index = pair > 0 ? staticIndex(size, pair, exposure(totals, exporter)[importer]!) : 0;
  const fitted = whyNoEstimate(factors, cell, { supply, demand, pair });
  const threeWay = fitted === null ? potentialOf(factors)(cell) : 0;
  const models = { threeWay, gravity: blended ? modelValue(blended.models, 'gravity', cell) : 0, index };
  const potential = exporter === importer ? 0 : blended ? blendedValue(blended.blend, models).potential : threeWay;
  const reason = supply > 0 && potential > 0 ? null : (fitted ?? 'forced');
  const known = supply === 0 ? Number.NaN : reason === null ? potential : potentialOf(factors)(cell);

  const sd = reason === null ? noiseSd(dispersion, product, known) : Number.NaN;
  return {
    basis: BASES[basisOf(supply, pair, actual)]!,
    actual,
    potential: known,
    reason,
    realised: Math.min(actual, known),
    unrealisedRaw: unrealisedRaw(known, actual),
    unrealisedShrunk: reason === null ? unrealisedShrunk(known, actual, sd) : unrealisedRaw(known, actual),
    noiseSd: sd,
    models,
    size,
    index,
    drivers: reason === null ? drivers(known, size, index) : null,
    density: density.data[exporter * nProducts + product]! || 0,
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
