import type { Axis } from '../labels.ts';

/**
 * Bilateral trade, sparse and columnar: cell n is exporter `exporterN[n]`, importer `importerN[n]`, product
 * `productN[n]` (positions on the axes), worth `valueN[n]` USD.
 *
 * Invariants (checked by `checkFlows`): sorted by exporter, importer, product; each cell once; exporter ≠ importer; value > 0 and finite.
 * Exporters and importers share one axis, so that i = j is one comparison.
 */
export interface Flows {
  readonly countries: Axis;
  readonly products: Axis;
  readonly exporterN: Uint16Array;
  readonly importerN: Uint16Array;
  readonly productN: Uint16Array;
  readonly valueN: Float64Array;
}

/** The same columns in any order, as `sortFlows` takes them; two rows of one cell count together. */
export interface FlowColumns {
  readonly exporterN: ArrayLike<number>;
  readonly importerN: ArrayLike<number>;
  readonly productN: ArrayLike<number>;
  readonly valueN: ArrayLike<number>;
}

/**
 * Brings columns in any order into the form of `Flows`: sorted, the rows of one cell summed.
 *
 * @param columns positions on the axes and values, USD > 0
 * @throws RangeError as `checkFlows` does
 */
export function sortFlows(countries: Axis, products: Axis, columns: FlowColumns): Flows {
  // three stable passes, the least significant key first
  const { productN, importerN, exporterN, valueN } = columns;
  let order = Uint32Array.from({ length: valueN.length }, (_, n) => n);
  order = stableOrder(order, productN, products.codes.length);
  order = stableOrder(order, importerN, countries.codes.length);
  order = stableOrder(order, exporterN, countries.codes.length);

  // copy, adding up the rows of one cell
  const sorted = {
    exporterN: new Uint16Array(order.length),
    importerN: new Uint16Array(order.length),
    productN: new Uint16Array(order.length),
    valueN: new Float64Array(order.length),
  };
  let cells = 0;
  for (const n of order) {
    const [e, m, p] = [exporterN[n]!, importerN[n]!, productN[n]!];
    const last = cells - 1;
    const sameCell =
      cells > 0 && sorted.exporterN[last] === e && sorted.importerN[last] === m && sorted.productN[last] === p;
    if (sameCell) {
      sorted.valueN[last]! += valueN[n]!;
      continue;
    }
    sorted.exporterN[cells] = e;
    sorted.importerN[cells] = m;
    sorted.productN[cells] = p;
    sorted.valueN[cells] = valueN[n]!;
    cells++;
  }
  const flows: Flows = {
    countries,
    products,
    exporterN: sorted.exporterN.slice(0, cells),
    importerN: sorted.importerN.slice(0, cells),
    productN: sorted.productN.slice(0, cells),
    valueN: sorted.valueN.slice(0, cells),
  };
  checkFlows(flows);
  return flows;
}

/** The rows in ascending order of a key below `bound`, rows of one key in the order given. Throws RangeError for a key outside. */
function stableOrder(order: Uint32Array, keyN: ArrayLike<number>, bound: number): Uint32Array<ArrayBuffer> {
  const nextOf = new Uint32Array(bound + 1);
  for (const n of order) {
    const key = keyN[n]!;
    if (!(key >= 0 && key < bound))
      throw new RangeError(`sortFlows: row ${n} names position ${key} of an axis of ${bound}`);
    nextOf[key + 1]!++;
  }
  for (let key = 0; key < bound; key++) nextOf[key + 1]! += nextOf[key]!;
  const sorted = new Uint32Array(order.length);
  for (const n of order) sorted[nextOf[keyN[n]!]!++] = n;
  return sorted;
}

/**
 * Checks every invariant of `Flows` in one pass.
 *
 * @throws RangeError naming the first row that breaks one, and which
 */
export function checkFlows({ countries, products, exporterN, importerN, productN, valueN }: Flows): void {
  const [nCountries, nProducts, rows] = [countries.codes.length, products.codes.length, valueN.length];
  for (const [name, column] of Object.entries({ exporterN, importerN, productN })) {
    if (column.length !== rows) throw new RangeError(`flows: ${name} has ${column.length} rows, valueN has ${rows}`);
  }
  let before = -1;
  for (let n = 0; n < rows; n++) {
    const [e, m, p, value] = [exporterN[n]!, importerN[n]!, productN[n]!, valueN[n]!];
    if (e >= nCountries || m >= nCountries)
      throw new RangeError(`flows: row ${n} names country ${Math.max(e, m)} of ${nCountries}`);
    if (p >= nProducts) throw new RangeError(`flows: row ${n} names product ${p} of ${nProducts}`);
    if (e === m) throw new RangeError(`flows: row ${n} has ${countries.codes[e]} on both sides`);
    if (!(value > 0 && value < Infinity)) throw new RangeError(`flows: row ${n} is worth ${value}, expected > 0`);
    const cell = (e * nCountries + m) * nProducts + p;
    if (cell <= before)
      throw new RangeError(`flows: row ${n} ${cell === before ? 'repeats the cell of' : 'sorts before'} row ${n - 1}`);
    before = cell;
  }
}

/** Where each exporter's rows start: exporter e has rows start[e] up to start[e + 1] (exclusive). */
export function exporterStarts({ countries, exporterN }: Flows): Uint32Array {
  const startE = new Uint32Array(countries.codes.length + 1);
  for (let e = 0; e < countries.codes.length; e++) {
    // the first row of a later exporter, by halving: rows are sorted
    let from = startE[e]!;
    let to = exporterN.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (exporterN[middle]! > e) to = middle;
      else from = middle + 1;
    }
    startE[e + 1] = from;
  }
  return startE;
}
