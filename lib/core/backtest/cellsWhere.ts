import { pick } from '../pick.ts';
import type { Judged } from './positiveRanks.ts';

/** Part of the cells judged: one basis, one region, one section of products, all but the hubs. */
export interface Part {
  readonly judged: Judged;
  /** which cells of the whole they are, ascending */
  readonly rowN: Uint32Array;
}

/** Large re-exporters, whose flows say little of what they make: Hong Kong, Singapore, the Emirates, the Netherlands, Belgium. */
export const HUBS = ['HKG', 'SGP', 'ARE', 'NLD', 'BEL'] as const;

/**
 * The cells with one label. Exporters stay as they are, some of them perhaps without cells, so that draws of exporters fit every part.
 *
 * @param labelN a label for each cell, such as a position in a list of sections, or 0 and 1
 */
export function cellsWhere(judged: Judged, labelN: Uint8Array, label: number): Part {
  const { startE, positiveN } = judged;
  if (labelN.length !== positiveN.length)
    throw new RangeError(`cellsWhere: ${labelN.length} labels for ${positiveN.length} cells`);
  let cells = 0;
  for (const own of labelN) if (own === label) cells++;
  const rowN = new Uint32Array(cells);
  const partStartE = new Uint32Array(startE.length);
  let at = 0;
  for (let e = 0; e + 1 < startE.length; e++) {
    for (let n = startE[e]!; n < startE[e + 1]!; n++) if (labelN[n] === label) rowN[at++] = n;
    partStartE[e + 1] = at;
  }
  return { judged: { startE: partStartE, positiveN: pick(positiveN, rowN, new Uint8Array(cells)) }, rowN };
}
