import type { Factor } from './factor.ts';

/** One regressor: a name and a value per row. */
export interface Column {
  readonly name: string;
  readonly valueN: Float64Array;
}

/**
 * What is to be explained by what: E[y] = exp(offset + Σ_k β[k] x[n,k] + Σ_effects α[level of n]).
 * Without effects a constant is estimated.
 */
export interface Model {
  /** outcome, ≥ 0 for PPML, any unit: coefficients do not depend on it */
  readonly yN: Float64Array;
  readonly columns: readonly Column[];
  readonly effects: readonly Factor[];
  /** added to the linear predictor with a coefficient of one; none is zero */
  readonly offsetN?: Float64Array;
  /** how often a row counts, > 0; none is one */
  readonly weightN?: Float64Array;
}

/** Throws RangeError with the row and value at the first entry that breaks the contract of `Model`. */
export function checkModel({ yN, columns, effects, offsetN, weightN }: Model, lowestY: number): void {
  const rows = yN.length;
  checkColumn('y', yN, rows, lowestY);
  if (offsetN) checkColumn('offset', offsetN, rows, -Infinity);
  if (weightN) checkColumn('weight', weightN, rows, Number.MIN_VALUE);
  const names = new Set<string>();
  for (const { name, valueN } of columns) {
    checkColumn(name, valueN, rows, -Infinity);
    if (names.has(name)) throw new RangeError(`regressor ${name} is given twice`);
    names.add(name);
  }
  for (const { name, codeN, levels } of effects) {
    if (codeN.length !== rows) throw new RangeError(`effect ${name} has ${codeN.length} rows, y has ${rows}`);
    for (let n = 0; n < rows; n++)
      if (codeN[n]! >= levels.length)
        throw new RangeError(`effect ${name}, row ${n}: level ${codeN[n]} of ${levels.length}`);
  }
}

function checkColumn(name: string, valueN: Float64Array, rows: number, lowest: number): void {
  if (valueN.length !== rows) throw new RangeError(`${name} has ${valueN.length} rows, y has ${rows}`);
  for (let n = 0; n < rows; n++) {
    const value = valueN[n]!;
    if (!(Number.isFinite(value) && value >= lowest)) {
      const expected = lowest === -Infinity ? 'a finite number' : `a finite number, at least ${lowest}`;
      throw new RangeError(`${name}, row ${n}: ${value}, expected ${expected}`);
    }
  }
}
