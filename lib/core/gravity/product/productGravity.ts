import { axis } from '../../labels.ts';
import { type Matrix, matrix } from '../../matrix.ts';
import type { Flows } from '../../trade/flows.ts';
import { type Shrunk, shrink } from '../ppml/shrink.ts';
import type { Cell } from '../support.ts';
import { type PairColumn, pairTable } from './pairTable.ts';
import { type SharedFit, sharedCoefficients } from './sharedCoefficients.ts';

/** What is known of the coefficients of one group of products. */
export type GroupFit = Omit<SharedFit, 'exporterEffects' | 'importerEffects' | 'ease' | 'zeros'>;

/** Product gravity of a whole world: P[k,i,j] = A[k,i] B[k,j] ease[group of k][i,j], but 0 in the cells listed in `zeros`. */
export interface ProductGravity {
  readonly groups: readonly GroupFit[];
  /** by name of a column, its coefficients shrunk over the groups; empty when they were not */
  readonly shrunk: ReadonlyMap<string, Shrunk>;
  readonly groupP: ArrayLike<number>;
  /** by group, whether its effects and ease may be used: the last fit of them, with shrunk coefficients or its own, has converged */
  readonly settled: readonly boolean[];
  /** A and B, products × countries; 0 where a country does not sell (buy) the product to (from) anybody whose columns are known */
  readonly exporterEffects: Matrix;
  readonly importerEffects: Matrix;
  /** by group, countries × countries; NaN where a column is unknown, 0 on the diagonal */
  readonly ease: readonly Matrix[];
  readonly zeros: readonly Cell[];
}

/**
 * Fits product gravity group by group: coefficients of a group are shared by its products (sharedCoefficients.ts).
 *
 * @param groupP the group of each product, 0 up to the number of groups: HS sections, say
 * @param shrinkTowardsPooled then coefficients are replaced by those shrunk towards the mean of all groups (shrink.ts), where a group has no estimate
 *   of its own by that mean, and effects are fitted anew; NaN when no group has one. `groups` then still tells each group's own estimates
 */
export function productGravity(
  flows: Flows,
  groupP: ArrayLike<number>,
  pairs: readonly PairColumn[],
  { shrinkTowardsPooled = false }: { shrinkTowardsPooled?: boolean } = {},
): ProductGravity {
  const countries = flows.countries.codes.length;
  const products = flows.products.codes.length;
  if (groupP.length !== products)
    throw new RangeError(
      `productGravity: ${groupP.length} groups given, expected one for each of ${products} products`,
    );
  const parts = splitByGroup(flows, groupP);
  const table = pairTable(pairs, countries);
  let fits = parts.map(({ flows: own }) => sharedCoefficients(own, pairs, { table }));
  const groups = fits.map(
    ({ exporterEffects: _A, importerEffects: _B, ease: _ease, zeros: _zeros, ...group }) => group,
  );

  const shrunk = new Map<string, Shrunk>();
  if (shrinkTowardsPooled) {
    for (const { name } of pairs)
      shrunk.set(
        name,
        shrink(
          groups.map(({ converged, coefficients }) => {
            const own = converged ? coefficients.find((coefficient) => coefficient.name === name) : undefined;
            return own ?? { estimate: Number.NaN, standardError: Number.NaN };
          }),
        ),
      );
    fits = parts.map(({ flows: own }, g) => {
      const held = new Map([...shrunk].map(([name, { groups: of }]) => [name, of[g]!.estimate]));
      return sharedCoefficients(own, pairs, { held, table });
    });
  }

  // from each group's own products back to all
  const exporterEffects = matrix(products, countries);
  const importerEffects = matrix(products, countries);
  const zeros: Cell[] = [];
  for (const [g, { positions }] of parts.entries()) {
    const fit = fits[g]!;
    for (const [at, p] of positions.entries()) {
      const own = [at * countries, (at + 1) * countries] as const;
      exporterEffects.data.set(fit.exporterEffects.data.subarray(...own), p * countries);
      importerEffects.data.set(fit.importerEffects.data.subarray(...own), p * countries);
    }
    for (const cell of fit.zeros) zeros.push({ ...cell, product: positions[cell.product]! });
  }
  return {
    groups,
    shrunk,
    groupP,
    settled: fits.map(({ converged }) => converged),
    exporterEffects,
    importerEffects,
    ease: fits.map(({ ease }) => ease),
    zeros,
  };
}

/**
 * What a product gravity expects of any cell.
 *
 * @returns USD; 0 where the exporter sells the product to nobody, or the importer buys it from nobody; NaN where the pair lacks a column, and for a
 *   product whose group has no fit
 */
export function expectedOf({ groupP, settled, exporterEffects, importerEffects, ease, zeros }: ProductGravity) {
  const countries = exporterEffects.cols;
  const number = ({ exporter, importer, product }: Cell) => (product * countries + exporter) * countries + importer;
  const zero = new Set(zeros.map(number));
  return (cell: Cell): number => {
    const { exporter, importer, product } = cell;
    const group = groupP[product]!;
    if (!settled[group]) return Number.NaN;
    if (zero.size > 0 && zero.has(number(cell))) return 0;
    return (
      exporterEffects.data[product * countries + exporter]! *
      importerEffects.data[product * countries + importer]! *
      ease[group]!.data[exporter * countries + importer]!
    );
  };
}

/** The flows of each group on an axis of its own products, and where those stand on the axis of all. */
function splitByGroup(flows: Flows, groupP: ArrayLike<number>): { flows: Flows; positions: number[] }[] {
  const { countries, products, exporterN, importerN, productN, valueN } = flows;
  const groups = Array.from(groupP).reduce((most, group) => Math.max(most, group + 1), 0);
  const positionsG = Array.from({ length: groups }, (): number[] => []);
  const ownP = new Uint16Array(products.codes.length);
  for (let p = 0; p < products.codes.length; p++) {
    const positions = positionsG[groupP[p]!];
    if (!positions) throw new RangeError(`productGravity: product ${products.codes[p]} has group ${groupP[p]}`);
    ownP[p] = positions.length;
    positions.push(p);
  }
  const rowsG = new Uint32Array(groups);
  for (let n = 0; n < productN.length; n++) rowsG[groupP[productN[n]!]!]!++;
  const parts = positionsG.map((positions, g) => ({
    positions,
    flows: {
      countries,
      products: axis(positions.map((p) => products.codes[p]!)),
      exporterN: new Uint16Array(rowsG[g]!),
      importerN: new Uint16Array(rowsG[g]!),
      productN: new Uint16Array(rowsG[g]!),
      valueN: new Float64Array(rowsG[g]!),
    },
  }));
  const nextG = new Uint32Array(groups);
  for (let n = 0; n < productN.length; n++) {
    const p = productN[n]!;
    const { flows: own } = parts[groupP[p]!]!;
    const at = nextG[groupP[p]!]!++;
    own.exporterN[at] = exporterN[n]!;
    own.importerN[at] = importerN[n]!;
    own.productN[at] = ownP[p]!;
    own.valueN[at] = valueN[n]!;
  }
  return parts;
}
