import { decodeArrays, encodeArrays } from '../../core/arrays.ts';
import { pick } from '../../core/pick.ts';
import { type Basis, NEW_PRODUCT, type ScoredCells } from '../../core/scoring/scoredCells.ts';

/** Opportunity cells that fill a page: at most 38 bytes each, about 31 KB. */
export const CELLS_PER_PAGE = 850;

/** What all cells of an exporter share by importer or by product, so that no cell repeats it. */
export interface CellContext {
  /** v_ij / T_ij by importer: how much more than size the pair trades */
  readonly easeM: Float64Array;
  /** product-space density by product; NaN outside its universe */
  readonly densityP: Float32Array;
  /** how many importers it sells each product to */
  readonly marketsP: Uint16Array;
}

/**
 * Opportunities of one exporter in one group (an importer, a chapter, a basis), or the part of them that lies on one page; row n of every
 * array is the same cell. The first `actualI.length` cells are of products that the exporter sells, the others of new products, which have no
 * potential. Amounts but the actual one are single precision: seven digits.
 */
export interface CellBlock {
  readonly group: string;
  readonly context: CellContext;
  readonly importerN: Uint16Array;
  readonly productN: Uint16Array;
  readonly scoreN: Float32Array;
  /** USD, E[max(v later − v, 0)]: what the score ranks */
  readonly opportunityN: Float32Array;
  /** that an empty cell is entered; NaN for an existing one */
  readonly probabilityN: Float32Array;
  /** bits of FLAGS */
  readonly flagN: Uint8Array;
  readonly actualI: Float64Array;
  /** potential − actual: kept instead of the potential, because the difference of two large numbers would lose its digits; NaN without a potential */
  readonly gapI: Float32Array;
  readonly shrunkI: Float32Array;
  readonly sizeI: Float32Array;
  /** how far the three-way fit and gravity agree, as `agreementByte`; 0 in pages of releases that did not keep it */
  readonly agreementI: Uint8Array;
}

export interface CellPage {
  /** pages of the group that starts here; 1 when the page holds whole groups */
  readonly pages: number;
  readonly blocks: readonly CellBlock[];
}

interface Meta {
  readonly pages: number;
  /** code, cells, and how many of them are of products that the exporter sells */
  readonly groups: readonly (readonly [string, number, number])[];
}

/**
 * Packs cells into one page.
 *
 * @param rows rows of `cells`, group after group, in each the default order, hence new products last
 * @param groups each group's code and how many of the rows are its own
 * @param pages pages of the group that starts here
 */
export function encodeCells(
  cells: ScoredCells,
  rows: Uint32Array,
  groups: readonly { readonly code: string; readonly count: number }[],
  pages: number,
): Uint8Array {
  const isSold = (row: number) => (cells.basisN[row] ?? 0) < NEW_PRODUCT;
  const rowsI = rows.filter(isSold);
  let from = 0;
  const meta: Meta = {
    pages,
    groups: groups.map(({ code, count }) => {
      let sold = 0;
      while (sold < count && isSold(rows[from + sold] ?? 0)) sold++;
      from += count;
      return [code, count, sold] as const;
    }),
  };
  const gapI = new Float32Array(rowsI.length);
  for (let i = 0; i < rowsI.length; i++) {
    const row = rowsI[i] ?? 0;
    gapI[i] = (cells.potentialN[row] ?? 0) - (cells.actualN[row] ?? 0);
  }
  return encodeArrays(meta, {
    actualI: pick(cells.actualN, rowsI, new Float64Array(rowsI.length)),
    gapI,
    shrunkI: pick(cells.shrunkN, rowsI, new Float32Array(rowsI.length)),
    sizeI: pick(cells.sizeN, rowsI, new Float32Array(rowsI.length)),
    scoreN: pick(cells.scoreN, rows, new Float32Array(rows.length)),
    opportunityN: pick(cells.opportunityN, rows, new Float32Array(rows.length)),
    probabilityN: pick(cells.probabilityN, rows, new Float32Array(rows.length)),
    importerN: pick(cells.importerN, rows, new Uint16Array(rows.length)),
    productN: pick(cells.productN, rows, new Uint16Array(rows.length)),
    flagN: pick(cells.flagN, rows, new Uint8Array(rows.length)),
    agreementI: pick(cells.agreementN, rowsI, new Uint8Array(rowsI.length)),
  });
}

/** The inverse: blocks are views on the page. */
export function decodeCells(body: Uint8Array, context: CellContext): CellPage {
  const { meta, arrays } = decodeArrays<Meta, Exclude<keyof CellBlock, 'group' | 'context'>>(body);
  let n = 0;
  let i = 0;
  const blocks = meta.groups.map(([group, cells, sold]): CellBlock => {
    const [toN, toI] = [n + cells, i + sold];
    const block = {
      group,
      context,
      importerN: (arrays.importerN as Uint16Array).subarray(n, toN),
      productN: (arrays.productN as Uint16Array).subarray(n, toN),
      scoreN: (arrays.scoreN as Float32Array).subarray(n, toN),
      opportunityN: (arrays.opportunityN as Float32Array).subarray(n, toN),
      probabilityN: (arrays.probabilityN as Float32Array).subarray(n, toN),
      flagN: (arrays.flagN as Uint8Array).subarray(n, toN),
      actualI: (arrays.actualI as Float64Array).subarray(i, toI),
      gapI: (arrays.gapI as Float32Array).subarray(i, toI),
      shrunkI: (arrays.shrunkI as Float32Array).subarray(i, toI),
      sizeI: (arrays.sizeI as Float32Array).subarray(i, toI),
      agreementI: arrays.agreementI ? (arrays.agreementI as Uint8Array).subarray(i, toI) : new Uint8Array(sold),
    };
    [n, i] = [toN, toI];
    return block;
  });
  return { pages: meta.pages, blocks };
}

/** How much more than size cell n's pair trades. */
export const easeOf = ({ context, importerN }: CellBlock, n: number) => context.easeM[importerN[n] ?? 0] ?? Number.NaN;

/** What a cell can be sorted and filtered by. NaN: an amount that the cell has not got, such as the potential of a new product. */
export const MEASURES = {
  score: (block: CellBlock, n: number) => block.scoreN[n] ?? Number.NaN,
  opportunityUsd: (block: CellBlock, n: number) => block.opportunityN[n] ?? Number.NaN,
  feasibility: (block: CellBlock, n: number) => block.probabilityN[n] ?? Number.NaN,
  density: (block: CellBlock, n: number) => block.context.densityP[block.productN[n] ?? 0] || 0,
  actualUsd: (block: CellBlock, n: number) => block.actualI[n] ?? 0,
  potentialUsd: (block: CellBlock, n: number) => (block.actualI[n] ?? 0) + (block.gapI[n] ?? Number.NaN),
  unrealisedUsd: (block: CellBlock, n: number) => block.shrunkI[n] ?? Number.NaN,
  unrealisedRawUsd: (block: CellBlock, n: number) => Math.max(0, block.gapI[n] ?? Number.NaN),
  indexUsd: (block: CellBlock, n: number) => (block.sizeI[n] ?? Number.NaN) * easeOf(block, n),
  sizeUsd: (block: CellBlock, n: number) => block.sizeI[n] ?? Number.NaN,
} as const;
export type Measure = keyof typeof MEASURES;

/** The basis of cell n of a block (lib/core/scoring/scoredCells.ts). */
export function basisOf(block: CellBlock, n: number): Basis {
  if (n >= block.actualI.length) return 'newProduct';
  if ((block.actualI[n] ?? 0) > 0) return 'existing';
  return easeOf(block, n) > 0 ? 'newMarket' : 'newPair';
}
