/** A 0/1 matrix, 32 columns to a word: element (r, c) is bit `c & 31` of `data[r * words + (c >>> 5)]`. */
export interface BitMatrix {
  readonly rows: number;
  readonly words: number;
  readonly data: Uint32Array;
}

export function bitMatrix(rows: number, cols: number): BitMatrix {
  const words = Math.ceil(cols / 32);
  return { rows, words, data: new Uint32Array(rows * words) };
}

export function setBit({ words, data }: BitMatrix, row: number, col: number): void {
  data[row * words + (col >>> 5)]! |= 1 << (col & 31);
}

export function clearBit({ words, data }: BitMatrix, row: number, col: number): void {
  data[row * words + (col >>> 5)]! &= ~(1 << (col & 31));
}

export function hasBit({ words, data }: BitMatrix, row: number, col: number): boolean {
  return ((data[row * words + (col >>> 5)]! >>> (col & 31)) & 1) === 1;
}

/** The bits of one row, a view. */
export function bitsOfRow({ words, data }: BitMatrix, row: number): Uint32Array {
  return data.subarray(row * words, (row + 1) * words);
}

/** The columns that are set in both of two rows of bits, ascending. */
export function commonBits(x: Uint32Array, y: Uint32Array): number[] {
  const common: number[] = [];
  for (let word = 0; word < x.length; word++) {
    for (let left = x[word]! & y[word]!; left !== 0; left &= left - 1) common.push(word * 32 + lowestBit(left));
  }
  return common;
}

/** Position of the lowest bit that is set. */
export function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}
