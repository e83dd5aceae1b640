import type { Measure } from '../../../lib/core/covariates/measures.ts';
import { NOBODY, type Statements } from '../../../lib/core/covariates/statements.ts';

/** What a file states of products, by their codes, for all years. */
export function byProduct(measure: Measure, of: Readonly<Record<string, number>>): Statements {
  const codes = Object.keys(of).sort();
  const nobody = new Uint16Array(codes.length).fill(NOBODY);
  return {
    measure,
    countries: [],
    products: codes,
    years: [],
    yearN: new Uint16Array(codes.length),
    firstN: nobody,
    secondN: nobody,
    productN: Uint16Array.from(codes.keys()),
    valueN: Float64Array.from(codes, (code) => of[code] ?? Number.NaN),
  };
}
