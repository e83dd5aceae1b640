import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { margins } from '../../../lib/core/complexity/margins.ts';
import { packColumns, packRows } from '../../../lib/core/complexity/packed.ts';
import { transposed } from '../../../lib/core/complexity/transposed.ts';
import { matrix } from '../../../lib/core/matrix.ts';
import { anyPresence } from './definitions.ts';
import { EXPORTS, grid, rowsOf } from './fiveBySix.ts';

describe('margins', () => {
  test('are the sums along the rows, along the columns and of everything', () => {
    const { rows, cols, total } = margins(EXPORTS);
    expect([...rows]).toEqual([245, 190, 165, 315, 180]);
    expect([...cols]).toEqual([430, 145, 150, 165, 130, 75]);
    expect(total).toBe(1095);
  });
});

describe('packed', () => {
  const m = grid(
    [0, 1, 1], //
    [0, 0, 0],
    [-5, 0, 1],
  );

  test('rows hold the columns that are not zero', () => {
    expect(packRows(m)).toEqual({ start: Uint32Array.of(0, 2, 2, 4), at: Uint32Array.of(1, 2, 0, 2) });
  });

  test('columns hold the rows that are not zero', () => {
    expect(packColumns(m)).toEqual({ start: Uint32Array.of(0, 1, 2, 4), at: Uint32Array.of(2, 0, 0, 2) });
  });

  test('columns are the rows of the transposed matrix', () => {
    fc.assert(
      fc.property(anyPresence, (presence) => {
        expect(packColumns(presence)).toEqual(packRows(transposed(presence)));
      }),
    );
  });
});

describe('transposed', () => {
  test('has the columns as rows, also beyond one tile', () => {
    const m = matrix(
      37,
      70,
      Float64Array.from({ length: 37 * 70 }, (_, at) => at),
    );
    const turned = rowsOf(transposed(m));
    expect(turned).toEqual(rowsOf(m)[0]!.map((_, c) => rowsOf(m).map((row) => row[c]!)));
  });
});
