import type { Cell } from './support.ts';
import type { ThreeWayFit } from './threeWay.ts';

/** What of a fit says how much each cell is worth. */
export type Factors = Pick<ThreeWayFit, 'a' | 'b' | 'c' | 'forced' | 'zeros'>;

/**
 * The three-way potential of any cell.
 *
 *     mu_ijk = A_ik B_jk C_ij , but the value itself where a margin forces it, and 0 where the totals leave no room
 *
 * @returns USD; 0 outside the support: one of the three totals is 0
 */
export function potentialOf({ a, b, c, forced, zeros }: Factors) {
  const number = ({ exporter, importer, product }: Cell) => (exporter * c.cols + importer) * a.cols + product;
  const decided = new Map<number, number>();
  for (const cell of zeros) decided.set(number(cell), 0);
  for (const cell of forced) decided.set(number(cell), cell.value);
  return (cell: Cell): number => {
    const { exporter, importer, product } = cell;
    const known = decided.size > 0 ? decided.get(number(cell)) : undefined;
    return (
      known ??
      a.data[exporter * a.cols + product]! *
        b.data[importer * b.cols + product]! *
        c.data[exporter * c.cols + importer]!
    );
  };
}
