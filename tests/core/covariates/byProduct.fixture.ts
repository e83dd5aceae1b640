import type { Measure } from '../../../lib/core/covariates/measures.ts';
import { NOBODY, type Statements } from '../../../lib/core/covariates/statements.ts';

/** What a file states of products, by their codes, for all years: in all importers, or in one. */
export function byProduct(measure: Measure, of: Readonly<Record<string, number>>, importer?: string): Statements {
  const codes = Object.keys(of).sort();
  const nobody = new Uint16Array(codes.length).fill(NOBODY);
  return {
    measure,
    countries: importer === undefined ? [] : [importer],
    products: codes,
    years: [],
    yearN: new Uint16Array(codes.length),
    firstN: importer === undefined ? nobody : new Uint16Array(codes.length),
    secondN: nobody,
    productN: Uint16Array.from(codes.keys()),
    valueN: Float64Array.from(codes, (code) => of[code] ?? Number.NaN),
  };
}
