import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitMatrix, setBit } from '../../../lib/core/gravity/bits.ts';
import { type Slice, surelyFillable, unfillableCells } from '../../../lib/core/gravity/slices.ts';

/** A table as a drawing: `+` trades, `o` is empty but may trade, `.` can't. */
function tableOf(rows: readonly string[]) {
  const nRows = rows.length;
  const nCols = rows[0]!.length;
  const rowBits = bitMatrix(nRows, nCols);
  const colBits = bitMatrix(nCols, nRows);
  const present = { rows: bitMatrix(1, nRows), cols: bitMatrix(1, nCols) };
  const positives: [number, number][] = [];
  for (const [r, row] of rows.entries()) {
    for (const [c, cell] of [...row].entries()) {
      if (cell === '.') continue;
      setBit(rowBits, r, c);
      setBit(colBits, c, r);
      if (cell !== '+') continue;
      positives.push([r, c]);
      setBit(present.rows, 0, r);
      setBit(present.cols, 0, c);
    }
  }
  const slice: Slice = { presentRows: present.rows.data, presentCols: present.cols.data, rowBits, colBits };
  return { slice, positives, rowN: positives.map(([r]) => r), colN: positives.map(([, c]) => c) };
}

const unfillable = (rows: readonly string[]) => {
  const { slice, rowN, colN } = tableOf(rows);
  return unfillableCells(slice, { rowN, colN });
};

describe('unfillableCells', () => {
  it('sees that a row with one market leaves that market to nobody else', () => {
    // row 0 sells all it has to column 0, which buys nothing else: rows 1 and 2 can't sell there
    expect(unfillable(['+..', 'o++', 'oo+'])).toEqual([
      [1, 0],
      [2, 0],
    ]);
  });

  it('fills what lies on a cycle', () => {
    // raise (0, 1), lower (1, 1), raise (1, 0), lower (0, 0)
    expect(unfillable(['+o', 'o+'])).toEqual([]);
    // without (1, 0) nothing can come back
    expect(unfillable(['+o', '.+'])).toEqual([[0, 1]]);
  });

  it('separates blocks that are joined one way only', () => {
    expect(unfillable(['++oo', '++oo', '..++', '..++'])).toEqual([
      [0, 2],
      [0, 3],
      [1, 2],
      [1, 3],
    ]);
  });

  const anyTable = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 40 })).chain(([rows, cols]) =>
    fc.array(fc.string({ unit: fc.constantFrom('+', 'o', '.', '.'), minLength: cols, maxLength: cols }), {
      minLength: rows,
      maxLength: rows,
    }),
  );

  /** By definition: an empty cell can be filled when its column leads back to its row, lowering positive cells and raising any. */
  function literally(rows: readonly string[]): [number, number][] {
    const { positives } = tableOf(rows);
    const hasRow = (r: number) => positives.some(([row]) => row === r);
    const hasCol = (c: number) => positives.some(([, col]) => col === c);
    const found: [number, number][] = [];
    for (const [r, row] of rows.entries()) {
      for (const [c, cell] of [...row].entries()) {
        if (cell !== 'o' || !hasRow(r) || !hasCol(c)) continue;
        const reached = new Set<number>();
        const cols = [c];
        for (const col of cols)
          for (const [from, to] of positives) {
            if (to !== col || reached.has(from)) continue;
            reached.add(from);
            for (const [next, mark] of [...rows[from]!].entries()) if (mark !== '.' && hasCol(next)) cols.push(next);
          }
        if (!reached.has(r)) found.push([r, c]);
      }
    }
    return found;
  }

  it('is the definition, by reachability', () => {
    fc.assert(
      fc.property(anyTable, (rows) => {
        expect(unfillable(rows)).toEqual(literally(rows));
      }),
      { numRuns: 300 },
    );
  });

  it('surelyFillable never promises too much', () => {
    fc.assert(
      fc.property(anyTable, (rows) => {
        const { slice, positives } = tableOf(rows);
        const colOfRow = (r: number) => positives.find(([row]) => row === r)![1];
        const rowOfCol = (c: number) => positives.find(([, col]) => col === c)![0];
        if (surelyFillable(slice, colOfRow, rowOfCol)) expect(literally(rows)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('surelyFillable sees a full table', () => {
    const { slice } = tableOf(['+++', 'o+o', '+oo']);
    expect(
      surelyFillable(
        slice,
        (r) => [0, 1, 0][r]!,
        (c) => [0, 1, 0][c]!,
      ),
    ).toBe(true);
  });
});
