import type { Flows } from '../trade/flows.ts';
import type { Blend } from './blend.ts';
import type { Models } from './modelEffects.ts';
import { modelValue } from './modelValue.ts';
import { potentialCells } from './potentialCells.ts';

/** Potentials of one exporter's cells, USD, columnar, by importer, then product. Row n of every array is the same cell. */
export interface PotentialColumns {
  readonly importerN: Uint16Array;
  readonly productN: Uint16Array;
  /** 0 where nothing trades */
  readonly actualN: Float64Array;
  /** the blend of the models that speak of the cell, > 0 */
  readonly potentialN: Float64Array;
  /** which models speak: bits 1 << position in MODELS */
  readonly patternN: Uint8Array;
  /** each model by itself; 0 where it is silent */
  readonly threeWayN: Float64Array;
  readonly gravityN: Float64Array;
  readonly indexN: Float64Array;
}

export interface PotentialContext {
  readonly flows: Flows;
  /** where each exporter's rows of the flows start (`exporterStarts`) */
  readonly startE: Uint32Array;
  readonly models: Models;
  readonly blend: Blend;
}

/**
 * The potential of all cells of an exporter, with what each model says.
 *
 * @returns a function of the exporter and of the least potential to be listed, USD > 0; cells of products that the exporter does not sell have none
 */
export function exporterPotential({ flows, startE, models, blend }: PotentialContext) {
  const walk = potentialCells(flows, startE, models, blend);
  return (exporter: number, fromUsd = Number.MIN_VALUE): PotentialColumns => {
    const rows: Record<keyof PotentialColumns, number[]> = {
      importerN: [],
      productN: [],
      actualN: [],
      potentialN: [],
      patternN: [],
      threeWayN: [],
      gravityN: [],
      indexN: [],
    };
    walk(exporter, fromUsd, (m, p, potential, actual, pattern) => {
      const cell = { exporter, importer: m, product: p };
      rows.importerN.push(m);
      rows.productN.push(p);
      rows.actualN.push(actual);
      rows.potentialN.push(potential);
      rows.patternN.push(pattern);
      rows.threeWayN.push(modelValue(models, 'threeWay', cell));
      rows.gravityN.push(modelValue(models, 'gravity', cell));
      rows.indexN.push(modelValue(models, 'index', cell));
    });
    return {
      importerN: Uint16Array.from(rows.importerN),
      productN: Uint16Array.from(rows.productN),
      actualN: Float64Array.from(rows.actualN),
      potentialN: Float64Array.from(rows.potentialN),
      patternN: Uint8Array.from(rows.patternN),
      threeWayN: Float64Array.from(rows.threeWayN),
      gravityN: Float64Array.from(rows.gravityN),
      indexN: Float64Array.from(rows.indexN),
    };
  };
}
