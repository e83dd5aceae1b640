import { type Matrix, matrix } from '../../matrix.ts';
import type { Flows } from '../../trade/flows.ts';
import { covariance } from '../ppml/covariance.ts';
import { factor } from '../ppml/factor.ts';
import { ppml } from '../ppml/ppml.ts';
import type { Cell } from '../support.ts';
import type { PairColumn } from './pairTable.ts';
import type { SharedFit } from './sharedCoefficients.ts';

/** What `ppml` says of the cells of a group written down as rows. */
export interface RowsFit {
  readonly coefficients: SharedFit['coefficients'];
  /** the same by name */
  readonly estimates: ReadonlyMap<string, number>;
  readonly covariance: Matrix;
  readonly collinear: readonly string[];
  readonly separated: readonly Cell[];
  readonly deviance: number;
  readonly converged: boolean;
  readonly iterations: number;
  /** first-order condition of the columns, relative */
  readonly regressors: number;
}

/**
 * Product gravity with every cell as a row: each product's sellers times its buyers, traded or not, except pairs that are not usable.
 *
 *     E[y[k,i,j]] = exp(held + Σ_c β[c] x[c,i,j] + α[k,i] + γ[k,j])
 *
 * Slow and large beside the dense tables, but separation is looked for and proved. Errors are clustered by pair, corrected for leverage.
 *
 * @param flows all of them between usable pairs
 * @param held coefficients by name of a column that are not estimated
 */
export function asRows(
  flows: Flows,
  usableIJ: Uint8Array,
  pairs: readonly PairColumn[],
  held: ReadonlyMap<string, number>,
): RowsFit {
  const countries = flows.countries.codes.length;
  const products = flows.products.codes.length;
  const valueOfCell = new Map<number, number>();
  const sellersP = Array.from({ length: products }, () => new Set<number>());
  const buyersP = Array.from({ length: products }, () => new Set<number>());
  for (let n = 0; n < flows.valueN.length; n++) {
    const [i, j, p] = [flows.exporterN[n]!, flows.importerN[n]!, flows.productN[n]!];
    valueOfCell.set((p * countries + i) * countries + j, flows.valueN[n]!);
    sellersP[p]!.add(i);
    buyersP[p]!.add(j);
  }
  const cells: Cell[] = [];
  for (let product = 0; product < products; product++)
    for (const exporter of sellersP[product]!)
      for (const importer of buyersP[product]!)
        if (usableIJ[exporter * countries + importer] === 1) cells.push({ exporter, importer, product });

  const pairN = cells.map(({ exporter, importer }) => exporter * countries + importer);
  const along = (valueIJ: Float64Array) => Float64Array.from(pairN, (pair) => valueIJ[pair]!);
  const offsetN = new Float64Array(cells.length);
  for (const { name, valueIJ } of pairs) {
    const beta = held.get(name) ?? 0;
    if (beta !== 0) for (let n = 0; n < offsetN.length; n++) offsetN[n]! += beta * valueIJ[pairN[n]!]!;
  }
  const fit = ppml(
    {
      yN: Float64Array.from(cells, ({ product }, n) => valueOfCell.get(product * countries ** 2 + pairN[n]!) ?? 0),
      columns: pairs
        .filter(({ name }) => !held.has(name))
        .map(({ name, valueIJ }) => ({ name, valueN: along(valueIJ) })),
      effects: [
        factor(
          'exporter-product',
          cells.map(({ product, exporter }) => product * countries + exporter),
        ),
        factor(
          'importer-product',
          cells.map(({ product, importer }) => product * countries + importer),
        ),
      ],
      offsetN,
    },
    // a product with one seller says nothing of the columns, but has effects
    { singletons: 'keep', tolerance: 1e-12, firstOrderTolerance: 1e-12 },
  );
  const errors = fit.fitted && covariance(fit.fitted, { kind: 'cluster', by: [factor('pair', pairN)] }, 'leverage');
  return {
    coefficients: fit.coefficients.map((coefficient, k) => ({
      ...coefficient,
      standardError: errors?.standardErrorK[k] ?? Number.NaN,
    })),
    estimates: new Map(fit.coefficients.map(({ name, estimate }) => [name, estimate])),
    covariance: errors?.matrix ?? matrix(0, 0),
    collinear: fit.dropped.collinear,
    separated: cells.filter((_, n) => fit.status[n] !== 0),
    deviance: fit.deviance,
    converged: fit.converged,
    iterations: fit.iterations,
    regressors: fit.firstOrder.regressors,
  };
}
