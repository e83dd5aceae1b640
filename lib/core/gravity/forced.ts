import { exporterStarts, type Flows } from '../trade/flows.ts';
import { type BitMatrix, bitMatrix, bitsOfRow, clearBit, commonBits, hasBit, setBit } from './bits.ts';
import { type Slice, surelyFillable, unfillableCells } from './slices.ts';
import type { Cell } from './support.ts';

/** What the margins alone decide about cells, before any fitting. */
export interface Decided {
  /** rows of the flows whose value a margin forces, ascending: the margin has no other cell left */
  readonly forcedN: readonly number[];
  /** empty cells that are 0 in every fit although all three of their margins remain positive without the forced cells */
  readonly zeros: readonly Cell[];
}

/**
 * Finds the cells that the totals decide: empty ones that can't be filled, and then the positive ones that stay alone in a margin.
 *
 * A maximum-likelihood fit with finite factors exists only without them: one exporter's only market of a product may be its only trade
 * with that partner, so that the cell takes the whole pair total and every other cell of the pair is 0, a limit that plain iterations
 * approach like 1/n. Looks at each exporter's, importer's and product's two-way table (`unfillableCells`) until nothing changes.
 * A contradiction that only shows across tables is left to the fit (`stragglers.ts`).
 *
 * Exact: only the pattern of positive cells is used, no value.
 */
export function decidedCells(flows: Flows): Decided {
  const pattern = patternOf(flows);
  const zeros = blockedCells(pattern);
  const forcedN: number[] = [];

  // a margin whose other cells are all zero: fix its one cell, leave it out, and drop the margins that are empty then
  for (let again = true; again; ) {
    again = false;
    for (const [number, cell] of zeros) {
      const alone = onlyCell(pattern, zeros, cell);
      if (alone !== null) {
        const n = pattern.rowOf(alone);
        forcedN.push(n);
        pattern.leaveOut(n);
        again = true;
      }
      if (!pattern.inSupport(cell)) zeros.delete(number);
    }
  }
  return { forcedN: forcedN.sort((x, y) => x - y), zeros: [...zeros.values()] };
}

/** Which margins are positive, as bits both ways round, and which cells are. */
interface Pattern {
  readonly flows: Flows;
  readonly nCountries: number;
  readonly nProducts: number;
  readonly linkEM: BitMatrix;
  readonly linkME: BitMatrix;
  readonly supplyPE: BitMatrix;
  readonly supplyEP: BitMatrix;
  readonly demandPM: BitMatrix;
  readonly demandMP: BitMatrix;
  /** one positive cell of each margin: a partner for a (product, country), a product for a pair */
  readonly importerOfPE: Uint16Array;
  readonly exporterOfPM: Uint16Array;
  readonly productOfEM: Uint16Array;
  /** rows of the flows of each exporter, importer and product, but for those left out */
  rowsOf(kind: Kind, at: number): Uint32Array;
  inSupport(cell: Cell): boolean;
  /** the row of the flows that holds a positive cell */
  rowOf(cell: Cell): number;
  /** Takes a positive cell out, and the margins that are empty without it. */
  leaveOut(n: number): void;
}

const KINDS = ['exporter', 'importer', 'product'] as const;
type Kind = (typeof KINDS)[number];

/** Empty cells of the support that can't be filled, by their number. */
function blockedCells(pattern: Pattern): Map<number, Cell> {
  const blocked = new Map<number, Cell>();
  const blockedIn: Record<Kind, Map<number, Cell[]>> = { exporter: new Map(), importer: new Map(), product: new Map() };
  // every table once; then again those in which another table has blocked a cell
  let open: Record<Kind, ReadonlySet<number>> = {
    exporter: new Set(Array(pattern.nCountries).keys()),
    importer: new Set(Array(pattern.nCountries).keys()),
    product: new Set(Array(pattern.nProducts).keys()),
  };
  for (;;) {
    const touched: Record<Kind, Set<number>> = { exporter: new Set(), importer: new Set(), product: new Set() };
    for (const kind of KINDS) {
      for (const at of open[kind]) {
        for (const cell of unfillableIn(pattern, kind, at, blockedIn[kind].get(at) ?? [])) {
          blocked.set(cellNumber(pattern, cell), cell);
          for (const other of KINDS) {
            blockedIn[other].set(cell[other], [...(blockedIn[other].get(cell[other]) ?? []), cell]);
            if (other !== kind) touched[other].add(cell[other]);
          }
        }
      }
    }
    if (KINDS.every((kind) => touched[kind].size === 0)) return blocked;
    open = touched;
  }
}

const cellNumber = ({ nCountries, nProducts }: Pattern, { exporter, importer, product }: Cell) =>
  (exporter * nCountries + importer) * nProducts + product;

function unfillableIn(pattern: Pattern, kind: Kind, at: number, blocked: readonly Cell[]): Cell[] {
  const { rowKind, colKind, rowBits, colBits, presentRows, presentCols, colOfRow, rowOfCol } = tableOf(
    pattern,
    kind,
    at,
  );
  const slice: Slice = {
    presentRows,
    presentCols,
    rowBits: without(rowBits, blocked, rowKind, colKind),
    colBits: without(colBits, blocked, colKind, rowKind),
  };
  if (surelyFillable(slice, colOfRow, rowOfCol)) return [];
  const rowsN = pattern.rowsOf(kind, at);
  const column = {
    exporter: pattern.flows.exporterN,
    importer: pattern.flows.importerN,
    product: pattern.flows.productN,
  };
  const positives = {
    rowN: rowsN.map((n) => column[rowKind][n]!),
    colN: rowsN.map((n) => column[colKind][n]!),
  };
  const made: Cell = { exporter: at, importer: at, product: at };
  return unfillableCells(slice, positives).map(([row, col]) => ({ ...made, [rowKind]: row, [colKind]: col }));
}

/** The two-way table of one exporter, importer or product: what its rows and columns are, and where a positive cell of each lies. */
function tableOf(pattern: Pattern, kind: Kind, at: number) {
  const { nCountries, linkEM, linkME, supplyPE, supplyEP, demandPM, demandMP } = pattern;
  const { importerOfPE, exporterOfPM, productOfEM } = pattern;
  if (kind === 'product')
    return {
      ...({ rowKind: 'exporter', colKind: 'importer', rowBits: linkEM, colBits: linkME } as const),
      ...{ presentRows: bitsOfRow(supplyPE, at), presentCols: bitsOfRow(demandPM, at) },
      colOfRow: (exporter: number) => importerOfPE[at * nCountries + exporter]!,
      rowOfCol: (importer: number) => exporterOfPM[at * nCountries + importer]!,
    };
  if (kind === 'exporter')
    return {
      ...({ rowKind: 'product', colKind: 'importer', rowBits: demandPM, colBits: demandMP } as const),
      ...{ presentRows: bitsOfRow(supplyEP, at), presentCols: bitsOfRow(linkEM, at) },
      colOfRow: (product: number) => importerOfPE[product * nCountries + at]!,
      rowOfCol: (importer: number) => productOfEM[at * nCountries + importer]!,
    };
  return {
    ...({ rowKind: 'product', colKind: 'exporter', rowBits: supplyPE, colBits: supplyEP } as const),
    ...{ presentRows: bitsOfRow(demandMP, at), presentCols: bitsOfRow(linkME, at) },
    colOfRow: (product: number) => exporterOfPM[product * nCountries + at]!,
    rowOfCol: (exporter: number) => productOfEM[exporter * nCountries + at]!,
  };
}

/** The same bits without some cells; a copy only when there are any. */
function without(bits: BitMatrix, cells: readonly Cell[], rowKind: Kind, colKind: Kind): BitMatrix {
  if (cells.length === 0) return bits;
  const copy = { ...bits, data: bits.data.slice() };
  for (const cell of cells) clearBit(copy, cell[rowKind], cell[colKind]);
  return copy;
}

/** The one cell that is left in the pair, or else another margin, of a zero cell; null when each has several. */
function onlyCell(pattern: Pattern, zeros: ReadonlyMap<number, Cell>, cell: Cell): Cell | null {
  if (!pattern.inSupport(cell)) return null;
  const { exporter, importer, product } = cell;
  const { linkEM, linkME, supplyEP, supplyPE, demandMP, demandPM } = pattern;
  const margins = [
    commonBits(bitsOfRow(supplyEP, exporter), bitsOfRow(demandMP, importer)).map((at) => ({ ...cell, product: at })),
    commonBits(bitsOfRow(linkEM, exporter), bitsOfRow(demandPM, product)).map((at) => ({ ...cell, importer: at })),
    commonBits(bitsOfRow(linkME, importer), bitsOfRow(supplyPE, product)).map((at) => ({ ...cell, exporter: at })),
  ];
  for (const margin of margins) {
    const left = margin.filter((each) => !zeros.has(cellNumber(pattern, each)));
    if (left.length === 1) return left[0]!;
  }
  return null;
}

function patternOf(flows: Flows): Pattern {
  const { exporterN, importerN, productN } = flows;
  const nCountries = flows.countries.codes.length;
  const nProducts = flows.products.codes.length;
  // one positive cell of each margin, then the margins as bits
  const importerOfPE = new Uint16Array(nProducts * nCountries).fill(NOBODY);
  const exporterOfPM = new Uint16Array(nProducts * nCountries).fill(NOBODY);
  const productOfEM = new Uint16Array(nCountries * nCountries).fill(NOBODY);
  for (let n = 0; n < exporterN.length; n++) {
    const [e, m, p] = [exporterN[n]!, importerN[n]!, productN[n]!];
    importerOfPE[p * nCountries + e] = m;
    exporterOfPM[p * nCountries + m] = e;
    productOfEM[e * nCountries + m] = p;
  }
  const [linkEM, linkME] = bitsBothWays(productOfEM, nCountries, nCountries);
  const [supplyPE, supplyEP] = bitsBothWays(importerOfPE, nProducts, nCountries);
  const [demandPM, demandMP] = bitsBothWays(exporterOfPM, nProducts, nCountries);

  const startE = exporterStarts(flows);
  const orders: { importer?: Order; product?: Order } = {};
  const leftOut = new Set<number>();
  const rangeOf = (kind: Kind, at: number): Uint32Array => {
    if (kind === 'exporter')
      return Uint32Array.from({ length: startE[at + 1]! - startE[at]! }, (_, n) => startE[at]! + n);
    const keyed = kind === 'importer' ? ([importerN, nCountries] as const) : ([productN, nProducts] as const);
    orders[kind] ??= rowsBy(...keyed); // seldom asked for
    return orders[kind].order.subarray(orders[kind].start[at], orders[kind].start[at + 1]);
  };
  const rowsOf = (kind: Kind, at: number): Uint32Array => {
    const range = rangeOf(kind, at);
    return leftOut.size === 0 ? range : range.filter((n) => !leftOut.has(n));
  };
  const inSupport = ({ exporter, importer, product }: Cell) =>
    hasBit(linkEM, exporter, importer) && hasBit(supplyEP, exporter, product) && hasBit(demandMP, importer, product);
  const rowOf = ({ exporter, importer, product }: Cell) => {
    const n = rowsOf('exporter', exporter).find((each) => importerN[each] === importer && productN[each] === product);
    if (n === undefined) throw new RangeError(`forced: cell ${exporter}, ${importer}, ${product} is empty`);
    return n;
  };
  const leaveOut = (n: number) => {
    const [e, m, p] = [exporterN[n]!, importerN[n]!, productN[n]!];
    leftOut.add(n);
    const left = rowsOf('exporter', e);
    if (!left.some((each) => importerN[each] === m)) {
      clearBit(linkEM, e, m);
      clearBit(linkME, m, e);
    }
    if (!left.some((each) => productN[each] === p)) {
      clearBit(supplyEP, e, p);
      clearBit(supplyPE, p, e);
    }
    if (!rowsOf('importer', m).some((each) => productN[each] === p)) {
      clearBit(demandMP, m, p);
      clearBit(demandPM, p, m);
    }
  };
  return {
    ...{ flows, nCountries, nProducts, linkEM, linkME, supplyPE, supplyEP, demandPM, demandMP },
    ...{ importerOfPE, exporterOfPM, productOfEM },
    ...{ rowsOf, inSupport, rowOf, leaveOut },
  };
}

const NOBODY = 0xffff;

/** Where somebody is, as bits by row and by column. */
function bitsBothWays(witness: Uint16Array, rows: number, cols: number): [BitMatrix, BitMatrix] {
  const byRow = bitMatrix(rows, cols);
  const byCol = bitMatrix(cols, rows);
  for (let r = 0, at = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++, at++) {
      if (witness[at] === NOBODY) continue;
      setBit(byRow, r, c);
      setBit(byCol, c, r);
    }
  }
  return [byRow, byCol];
}

/** Rows of the flows by the value of a column, each group ascending: those of key x are order[start[x]] up to order[start[x + 1] - 1]. */
interface Order {
  readonly start: Uint32Array;
  readonly order: Uint32Array;
}

function rowsBy(keyN: Uint16Array, keys: number): Order {
  const start = new Uint32Array(keys + 1);
  for (const key of keyN) start[key + 1]!++;
  for (let key = 0; key < keys; key++) start[key + 1]! += start[key]!;
  const next = start.slice(0, keys);
  const order = new Uint32Array(keyN.length);
  for (let n = 0; n < keyN.length; n++) order[next[keyN[n]!]!++] = n;
  return { start, order };
}
