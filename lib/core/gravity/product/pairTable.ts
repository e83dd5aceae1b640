import { denseLength, strideOf } from './tables.ts';

/** What pairs are to each other, for all products alike. */
export interface PairColumn {
  readonly name: string;
  /** countries × countries, row = exporter; NaN where unknown, which leaves the pair out */
  readonly valueIJ: Float64Array;
}

/** Columns of pairs laid out as the tables of products are: the same for every group of products. */
export interface PairTable {
  /** 1 where a pair has all its columns, countries × countries */
  readonly usableIJ: Uint8Array;
  /** where usable pairs lie in the layout of ease */
  readonly pairAt: Uint32Array;
  readonly standard: readonly Standard[];
}

/** A column less its mean, over its standard deviation, in the layout of ease: 0 everywhere where it does not vary. */
export interface Standard {
  readonly name: string;
  readonly sd: number;
  readonly zIJ: Float64Array;
}

/**
 * Lays out the columns of pairs.
 *
 * @param pairs at least one column
 * @throws RangeError for none, and for a column that is not countries × countries
 */
export function pairTable(pairs: readonly PairColumn[], countries: number): PairTable {
  checkPairs(pairs, countries);
  const usableIJ = usablePairs(pairs, countries);
  const pairAt = positions(usableIJ, countries);
  return { usableIJ, pairAt, standard: pairs.map((pair) => standardised(pair, pairAt, countries)) };
}

function checkPairs(pairs: readonly PairColumn[], countries: number): void {
  if (pairs.length === 0) throw new RangeError('pairTable: no column');
  for (const { name, valueIJ } of pairs)
    if (valueIJ.length !== countries ** 2)
      throw new RangeError(`${name} has ${valueIJ.length} pairs, expected ${countries} × ${countries} countries`);
}

function usablePairs(pairs: readonly PairColumn[], countries: number): Uint8Array {
  const usableIJ = new Uint8Array(countries ** 2);
  for (let pair = 0; pair < usableIJ.length; pair++)
    if (pair % (countries + 1) !== 0 && pairs.every(({ valueIJ }) => Number.isFinite(valueIJ[pair]!)))
      usableIJ[pair] = 1;
  return usableIJ;
}

/** Where usable pairs lie in the layout of ease. */
function positions(usableIJ: Uint8Array, countries: number): Uint32Array {
  const at = new Uint32Array(usableIJ.reduce((sum, usable) => sum + usable, 0));
  let next = 0;
  for (let e = 0; e < countries; e++)
    for (let m = 0; m < countries; m++) if (usableIJ[e * countries + m] === 1) at[next++] = e * strideOf(countries) + m;
  return at;
}

function standardised({ name, valueIJ }: PairColumn, pairAt: Uint32Array, countries: number): Standard {
  const stride = strideOf(countries);
  const zIJ = new Float64Array(denseLength(countries));
  let sum = 0;
  let largest = 0;
  for (const at of pairAt) {
    const x = valueIJ[Math.floor(at / stride) * countries + (at % stride)]!;
    zIJ[at] = x;
    sum += x;
    largest = Math.max(largest, Math.abs(x));
  }
  const mean = sum / pairAt.length;
  let squares = 0;
  for (const at of pairAt) squares += (zIJ[at]! - mean) ** 2;
  const spread = Math.sqrt(squares / pairAt.length);
  const sd = spread > 1e-13 * largest ? spread : 0;
  for (const at of pairAt) zIJ[at] = sd > 0 ? (zIJ[at]! - mean) / sd : 0;
  return { name, sd, zIJ };
}
