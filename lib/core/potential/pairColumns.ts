import type { Covariates } from '../covariates/covariates.ts';
import type { PairColumn } from '../gravity/product/pairTable.ts';

/** A column that is known for less than this share of the pairs with a distance would leave too many of them out. */
const MOSTLY = 0.9;

/**
 * What a run knows of pairs as regressors of gravity: ln distance, border, language, colony, agreement.
 *
 *     ln km, and 0 or 1
 *
 * @returns the columns that are known for most pairs whose distance is known, and the names of the others; null without any distance
 */
export function pairColumnsOf(
  covariates: Pick<Covariates, 'distanceKmIJ' | 'contigIJ' | 'comlangIJ' | 'colonyIJ' | 'rtaIJ'>,
): { columns: PairColumn[]; unknown: string[] } | null {
  const { distanceKmIJ } = covariates;
  const isKnown = (values: Float64Array) =>
    values.reduce((sum, value, at) => sum + (known(at) && !Number.isNaN(value) ? 1 : 0), 0);
  const known = (at: number) => !Number.isNaN(distanceKmIJ[at]!);
  const pairs = isKnown(distanceKmIJ);
  if (pairs === 0) return null;
  const columns: PairColumn[] = [{ name: 'lnDistance', valueIJ: distanceKmIJ.map(Math.log) }];
  const unknown: string[] = [];
  for (const [name, valueIJ] of [
    ['contiguity', covariates.contigIJ],
    ['language', covariates.comlangIJ],
    ['colony', covariates.colonyIJ],
    ['agreement', covariates.rtaIJ],
  ] as const) {
    if (isKnown(valueIJ) >= MOSTLY * pairs) columns.push({ name, valueIJ });
    else unknown.push(name);
  }
  return { columns, unknown };
}
