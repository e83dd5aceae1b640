import type { Flows } from '../../trade/flows.ts';
import { type BitMatrix, bitMatrix, setBit } from '../bits.ts';
import { type Kernel, kernel } from '../kernel.ts';
import { surelyFillable, unfillableCells } from '../slices.ts';
import { type Cell, type Support, support } from '../support.ts';

/**
 * The exporter × importer tables of a group of products, one for each product, and the effects that are fitted to their totals:
 *
 *     μ[k,i,j] = A[k,i] B[k,j] ease[i,j]
 *
 * A table has the rows of the product's sellers and the columns of its buyers, traded or not, except a country with itself and pairs
 * without a column. Separated cells (`zeros`: those that the totals hold at 0, or that `ppml` has shown to be) are no cells of it.
 */
export interface Tables {
  readonly flows: Flows;
  readonly support: Support;
  readonly zeros: readonly Cell[];
  /** cells of all tables */
  readonly cells: number;
  /** length of a row of a dense matrix: countries, rounded up to an even number */
  readonly stride: number;
  /** where the flow of row n lies: its entry among the supplies, among the demands, and in a dense matrix */
  readonly supplyN: Uint32Array;
  readonly demandN: Uint32Array;
  readonly pairN: Uint32Array;
  readonly memory: Kernel<'ease' | 'other' | 'b' | 't' | 'total' | 'a' | 'p' | 'q' | 's', 'row'>;
  /** A, by supply, the memory's `a`; 0 for fillers */
  readonly aS: Float64Array;
  /** B, by demand */
  readonly bD: Float64Array;
  /** Σ_i μ by demand, once balanced: near its total, while Σ_j μ by supply is exact */
  readonly fittedD: Float64Array;
  /** Runs `step` on product p while the cells that it has not are 0 in a dense matrix, whose values come back afterwards. */
  withoutZeros(denseIJ: Float64Array, p: number, step: () => void): void;
}

/** The length of a row of a dense matrix. */
export const strideOf = (countries: number): number => countries + (countries % 2);

/** And of the matrix: the row after the last country's is for the fillers, ones, so that nothing is divided by zero. */
export const denseLength = (countries: number): number => (countries + 1) * strideOf(countries);

/**
 * Lays out the tables of flows between usable pairs.
 *
 * @param flows all of them between usable pairs
 * @param usableIJ 1 where a pair has all its columns, countries × countries
 * @param separated the cells that are 0, where more is known of them than the pattern tells
 */
export function tablesOf(flows: Flows, usableIJ: Uint8Array, separated: readonly Cell[] | null = null): Tables {
  const countries = flows.countries.codes.length;
  const packed = support(flows);
  const { startSP, exporterS, startDP, importerD, totalD } = packed;
  const products = startSP.length - 1;
  const stride = strideOf(countries);
  const dense = denseLength(countries);
  const supplies = exporterS.length;
  const memory = kernel(
    {
      ease: dense,
      other: dense,
      b: stride,
      t: stride,
      total: supplies,
      a: supplies,
      p: supplies,
      q: supplies,
      s: supplies,
    },
    { row: supplies },
  );
  memory.f64.total.set(packed.totalS);
  for (const matrix of [memory.f64.ease, memory.f64.other]) matrix.fill(1, countries * stride);
  for (let s = 0; s < supplies; s++) memory.u32.row[s] = exporterS[s]! * stride * 8;

  const pattern = unfillable(flows, packed, usableIJ);
  const zeros = separated ?? pattern.zeros;
  const zerosOfP = new Map<number, number[]>();
  for (const { product, exporter, importer } of zeros) {
    const at = zerosOfP.get(product);
    if (at) at.push(exporter * stride + importer);
    else zerosOfP.set(product, [exporter * stride + importer]);
  }

  // entries by product and country, to find those of a flow
  const rows = flows.valueN.length;
  const supplyPE = new Uint32Array(products * countries);
  const demandPM = new Uint32Array(products * countries);
  for (let p = 0; p < products; p++) {
    for (let s = startSP[p]!; s < startSP[p + 1]!; s++)
      if (exporterS[s]! < countries) supplyPE[p * countries + exporterS[s]!] = s;
    for (let d = startDP[p]!; d < startDP[p + 1]!; d++) demandPM[p * countries + importerD[d]!] = d;
  }
  const [supplyN, demandN, pairN] = [new Uint32Array(rows), new Uint32Array(rows), new Uint32Array(rows)];
  for (let n = 0; n < rows; n++) {
    const [e, m, p] = [flows.exporterN[n]!, flows.importerN[n]!, flows.productN[n]!];
    supplyN[n] = supplyPE[p * countries + e]!;
    demandN[n] = demandPM[p * countries + m]!;
    pairN[n] = e * stride + m;
  }

  return {
    flows,
    support: packed,
    zeros,
    cells: pattern.usableCells - zeros.length,
    stride,
    supplyN,
    demandN,
    pairN,
    memory,
    aS: memory.f64.a,
    bD: totalD.slice(),
    fittedD: totalD.slice(),
    withoutZeros(denseIJ, p, step) {
      const at = zerosOfP.get(p);
      if (!at) return step();
      const values = at.map((position) => denseIJ[position]!);
      for (const position of at) denseIJ[position] = 0;
      step();
      for (const [n, position] of at.entries()) denseIJ[position] = values[n]!;
    },
  };
}

/** Usable cells in which no table with these totals can have a value (slices.ts), and how many usable cells there are. */
function unfillable(
  flows: Flows,
  { startSP, exporterS, startDP, importerD }: Support,
  usableIJ: Uint8Array,
): { zeros: Cell[]; usableCells: number } {
  const countries = flows.countries.codes.length;
  const rowBits = bitMatrix(countries, countries);
  const colBits = bitMatrix(countries, countries);
  for (let e = 0; e < countries; e++)
    for (let m = 0; m < countries; m++) {
      if (e === m || usableIJ[e * countries + m] !== 1) continue;
      setBit(rowBits, e, m);
      setBit(colBits, m, e);
    }
  const products = startSP.length - 1;
  const { from, rowN } = flowsByProduct(flows);
  const colOfRow = new Uint16Array(countries);
  const rowOfCol = new Uint16Array(countries);
  const zeros: Cell[] = [];
  let usableCells = 0;
  for (let product = 0; product < products; product++) {
    const sellers = exporterS.subarray(startSP[product]!, startSP[product + 1]!);
    const buyers = importerD.subarray(startDP[product]!, startDP[product + 1]!);
    const presentRows = bitsOf(sellers, countries);
    const presentCols = bitsOf(buyers, countries);
    for (const seller of sellers) if (seller < countries) usableCells += common(rowBits, seller, presentCols);
    const own = rowN.subarray(from[product]!, from[product + 1]!);
    for (const n of own) {
      colOfRow[flows.exporterN[n]!] = flows.importerN[n]!;
      rowOfCol[flows.importerN[n]!] = flows.exporterN[n]!;
    }
    const slice = { presentRows, presentCols, rowBits, colBits };
    if (
      surelyFillable(
        slice,
        (row) => colOfRow[row]!,
        (col) => rowOfCol[col]!,
      )
    )
      continue;
    const positives = {
      rowN: Uint16Array.from(own, (n) => flows.exporterN[n]!),
      colN: Uint16Array.from(own, (n) => flows.importerN[n]!),
    };
    for (const [exporter, importer] of unfillableCells(slice, positives)) zeros.push({ exporter, importer, product });
  }
  return { zeros, usableCells };
}

/** Rows of the flows, product by product. */
function flowsByProduct({ products, productN }: Flows): { from: Uint32Array; rowN: Uint32Array } {
  const from = new Uint32Array(products.codes.length + 1);
  for (let n = 0; n < productN.length; n++) from[productN[n]! + 1]!++;
  for (let p = 0; p < products.codes.length; p++) from[p + 1]! += from[p]!;
  const next = from.slice();
  const rowN = new Uint32Array(productN.length);
  for (let n = 0; n < productN.length; n++) rowN[next[productN[n]!]!++] = n;
  return { from, rowN };
}

function bitsOf(countries: Uint16Array, length: number): Uint32Array {
  const bits = bitMatrix(1, length);
  for (const country of countries) if (country < length) setBit(bits, 0, country);
  return bits.data;
}

function common({ words, data }: BitMatrix, row: number, other: Uint32Array): number {
  let count = 0;
  for (let word = 0; word < words; word++)
    for (let left = data[row * words + word]! & other[word]!; left !== 0; left &= left - 1) count++;
  return count;
}
