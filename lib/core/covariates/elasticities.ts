import type { Axis } from '../labels.ts';
import type { Measure } from './measures.ts';
import type { Statements } from './statements.ts';

/** How imports answer income and prices, by product of the run; NaN where no file says. Survives storing: plain vectors. */
export interface Elasticities {
  /** percent by which imports per head grow with one percent of income per head */
  readonly incomeP: Float64Array;
  /** percent by which imports fall with one percent of price, without a sign */
  readonly priceP: Float64Array;
}

/**
 * Brings elasticities of files onto the products of a run: what is stated of a product itself, or else of what it is a part of (the finest that is stated),
 * or else the mean over its stated parts, each counting the same. Of two files that state the same the later in the list holds.
 *
 * @param statements of incomeElasticity and priceElasticity, in the order in which their files speak
 * @returns null where neither is stated of any product
 * @source METHODS 1.1: e_jk by product only, since estimates by importer are not published with a licence to use
 */
export function elasticities(products: Axis, statements: readonly Statements[]): Elasticities | null {
  const incomeP = byProduct(products, 'incomeElasticity', statements);
  const priceP = byProduct(products, 'priceElasticity', statements);
  const known = [...incomeP, ...priceP].some((value) => !Number.isNaN(value));
  return known ? { incomeP, priceP } : null;
}

function byProduct({ codes }: Axis, wanted: Measure, statements: readonly Statements[]): Float64Array {
  // a later file replaces what an earlier one says of the same code
  const stated = new Map<string, number>();
  for (const { measure, products, productN, valueN } of statements)
    if (measure === wanted) for (const [n, value] of valueN.entries()) stated.set(products[productN[n]!]!, value);

  const level = codes[0]?.length ?? 0;
  const parts = Map.groupBy(
    [...stated.keys()].filter((code) => code.length > level),
    (code) => code.slice(0, level),
  );
  return Float64Array.from(codes, (code) => {
    for (let digits = level; digits > 0; digits -= 2) {
      const value = stated.get(code.slice(0, digits));
      if (value !== undefined) return value;
    }
    const own = parts.get(code) ?? [];
    return own.reduce((sum, part) => sum + stated.get(part)!, 0) / own.length;
  });
}
