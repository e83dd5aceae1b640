import type { PotentialWalk } from '../potential/potentialCells.ts';
import { type Dispersion, noiseSd } from './dispersion.ts';
import { unrealisedRaw, unrealisedShrunk } from './unrealised.ts';

/** Cells whose potential exceeds what is sold, by importer, then product; row n of every array is the same cell. USD. */
export interface UnrealisedCells {
  readonly importerN: Uint16Array;
  readonly productN: Uint16Array;
  readonly actualN: Float64Array;
  readonly potentialN: Float64Array;
  readonly shrunkN: Float64Array;
}

/**
 * The cells of an exporter whose potential exceeds what is sold by at least a floor, and by more than noise explains.
 *
 * @param floorUsd smallest unrealised value before shrinking, USD > 0
 */
export function unrealisedCells(
  { potentials, dispersion }: { readonly potentials: PotentialWalk; readonly dispersion: Dispersion },
  exporter: number,
  floorUsd: number,
): UnrealisedCells {
  const rows = { importer: [] as number[], product: [] as number[], actual: [] as number[], potential: [] as number[] };
  const shrunk: number[] = [];
  potentials(exporter, floorUsd, (m, p, potential, actual) => {
    if (unrealisedRaw(potential, actual) < floorUsd) return;
    const beyondNoise = unrealisedShrunk(potential, actual, noiseSd(dispersion, p, potential));
    if (beyondNoise === 0) return;
    rows.importer.push(m);
    rows.product.push(p);
    rows.actual.push(actual);
    rows.potential.push(potential);
    shrunk.push(beyondNoise);
  });
  return {
    importerN: Uint16Array.from(rows.importer),
    productN: Uint16Array.from(rows.product),
    actualN: Float64Array.from(rows.actual),
    potentialN: Float64Array.from(rows.potential),
    shrunkN: Float64Array.from(shrunk),
  };
}
