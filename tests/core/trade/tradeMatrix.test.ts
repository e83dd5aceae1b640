import { expect, test } from 'vitest';
import { axis } from '../../../lib/core/labels.ts';
import type { Flows } from '../../../lib/core/trade/flows.ts';
import { exportsMatrix, importsMatrix } from '../../../lib/core/trade/tradeMatrix.ts';
import { rowsOf } from '../complexity/fiveBySix.ts';

const flows: Flows = {
  countries: axis(['BRA', 'CAN', 'MEX']),
  products: axis(['0101', '0603']),
  exporterN: Uint16Array.of(0, 0, 0, 2, 2),
  importerN: Uint16Array.of(1, 1, 2, 0, 1),
  productN: Uint16Array.of(0, 1, 1, 1, 1),
  valueN: Float64Array.of(5, 7, 2, 11, 3),
};

test('exports add up over importers', () => {
  expect(rowsOf(exportsMatrix(flows))).toEqual([
    [5, 9],
    [0, 0],
    [0, 14],
  ]);
});

test('imports add up over exporters', () => {
  expect(rowsOf(importsMatrix(flows))).toEqual([
    [0, 11],
    [5, 10],
    [0, 2],
  ]);
});
