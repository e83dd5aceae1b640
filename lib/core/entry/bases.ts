import type { Cell } from '../gravity/support.ts';
import type { Totals } from '../trade/totals.ts';

/** Kinds of empty cells, by what the exporter does already. Each has a base rate of its own. */
export const ENTRY_BASES = ['newMarket', 'newPair', 'newProduct'] as const;
export type EntryBasis = (typeof ENTRY_BASES)[number];

/**
 * The kind of an empty cell.
 *
 *     newProduct  v_ik = 0    newPair  v_ik > 0, v_ij = 0    newMarket  v_ik > 0, v_ij > 0
 *
 * A new product in a new pair is a new product. Every fit of three pairwise totals is 0 on the first two, so it ranks nothing there.
 *
 * @param totals of the base year
 * @returns for any cell its position in `ENTRY_BASES`
 */
export function entryBasisOf({ exporterProduct, pair }: Pick<Totals, 'exporterProduct' | 'pair'>) {
  return ({ exporter, importer, product }: Cell): number => {
    if (!(exporterProduct.data[exporter * exporterProduct.cols + product]! > 0)) return 2;
    return pair.data[exporter * pair.cols + importer]! > 0 ? 0 : 1;
  };
}
