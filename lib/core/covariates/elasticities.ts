import type { Axis } from '../labels.ts';
import type { Measure } from './measures.ts';
import { NOBODY, type Statements } from './statements.ts';

/** How imports answer income and prices, on the axes of the run; NaN where no file says. Survives storing: plain vectors. */
export interface Elasticities {
  /** percent by which imports per head grow with one percent of income per head, where nothing else is said of the importer */
  readonly incomeP: Float64Array;
  /** percent by which imports fall with one percent of price, without a sign */
  readonly priceP: Float64Array;
  /** income elasticities of importers of which a file speaks by name, importers × products; not there where none does */
  readonly incomeMP?: Float32Array;
}

/**
 * Brings elasticities of files onto the axes of a run: what is stated of a product itself, or else of what it is a part of (the finest that is stated),
 * or else the mean over its stated parts, each counting the same. What is stated of an importer goes before what is stated of all. Of two files that state
 * the same the later in the list holds.
 *
 * @param statements of incomeElasticity and priceElasticity, in the order in which their files speak
 * @returns null where neither is stated of any product and country of the run
 * @source METHODS 1.1: e_jk by importer and product, σ_k by product
 */
export function elasticities(countries: Axis, products: Axis, statements: readonly Statements[]): Elasticities | null {
  const income = stated('incomeElasticity', statements);
  const price = stated('priceElasticity', statements);
  const incomeP = onProducts(products, income.get(ALL));
  const priceP = onProducts(products, price.get(ALL));
  const nProducts = products.codes.length;
  const incomeMP = new Float32Array(countries.codes.length * nProducts).fill(Number.NaN);
  for (const [importer, own] of income) {
    const at = countries.at.get(importer);
    if (at !== undefined) incomeMP.set(onProducts(products, own), at * nProducts);
  }
  const says = (values: Float64Array | Float32Array) => values.some((value) => !Number.isNaN(value));
  if (says(incomeMP)) return { incomeP, priceP, incomeMP };
  return says(incomeP) || says(priceP) ? { incomeP, priceP } : null;
}

/** What files say of one importer by name, by product; null where they do of none. */
export function incomeElasticitiesOf({ incomeP, incomeMP }: Elasticities, importer: number): Float32Array | null {
  return incomeMP?.subarray(importer * incomeP.length, (importer + 1) * incomeP.length) ?? null;
}

/** Stands for every importer; no code is empty. */
const ALL = '';

/** By importer, and by the code of a product: a later file replaces what an earlier one says of the same. */
function stated(wanted: Measure, statements: readonly Statements[]): Map<string, Map<string, number>> {
  const found = new Map<string, Map<string, number>>();
  for (const { measure, countries, products, firstN, productN, valueN } of statements) {
    if (measure !== wanted) continue;
    for (const [n, value] of valueN.entries()) {
      const importer = firstN[n] === NOBODY ? ALL : countries[firstN[n]!]!;
      const own = found.get(importer) ?? new Map<string, number>();
      found.set(importer, own.set(products[productN[n]!]!, value));
    }
  }
  return found;
}

function onProducts({ codes }: Axis, of: ReadonlyMap<string, number> = new Map()): Float64Array {
  const level = codes[0]?.length ?? 0;
  const parts = Map.groupBy(
    [...of.keys()].filter((code) => code.length > level),
    (code) => code.slice(0, level),
  );
  return Float64Array.from(codes, (code) => {
    for (let digits = level; digits > 0; digits -= 2) {
      const value = of.get(code.slice(0, digits));
      if (value !== undefined) return value;
    }
    const own = parts.get(code) ?? [];
    return own.reduce((sum, part) => sum + of.get(part)!, 0) / own.length;
  });
}
