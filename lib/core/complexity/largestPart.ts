import type { Matrix } from '../matrix.ts';
import { packColumns, packRows } from './packed.ts';
import type { Positions } from './universe.ts';

/**
 * The largest connected part of the graph that links every exporter to the products present in its basket. Between parts
 * nothing compares complexities: a world in two parts has a second eigenvalue of 1, and its eigenvector tells the parts apart.
 *
 * @param presence M, exporters × products, 0 or 1
 * @returns the part with the most exporters; of equals, the one with the most products, then the one with the first exporter
 */
export function largestPart(presence: Matrix): Positions {
  const baskets = packRows(presence);
  const exporters = packColumns(presence);
  const seenE = new Uint8Array(presence.rows);
  const seenP = new Uint8Array(presence.cols);
  let largest = { exporters: [] as number[], products: [] as number[] };
  for (let first = 0; first < presence.rows; first++) {
    if (seenE[first]) continue;
    // from the first exporter to its products, to their exporters, and so on until nothing new is reached
    const part = { exporters: [first], products: [] as number[] };
    seenE[first] = 1;
    for (let next = 0; next < part.exporters.length; next++) {
      const e = part.exporters[next]!;
      for (let b = baskets.start[e]!; b < baskets.start[e + 1]!; b++) {
        const p = baskets.at[b]!;
        if (seenP[p]) continue;
        seenP[p] = 1;
        part.products.push(p);
        for (let x = exporters.start[p]!; x < exporters.start[p + 1]!; x++) {
          const other = exporters.at[x]!;
          if (seenE[other]) continue;
          seenE[other] = 1;
          part.exporters.push(other);
        }
      }
    }
    const longer = part.exporters.length - largest.exporters.length || part.products.length - largest.products.length;
    if (longer > 0) largest = part;
  }
  return { exporters: Uint32Array.from(largest.exporters).sort(), products: Uint32Array.from(largest.products).sort() };
}
