import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axis } from '../../../lib/core/labels.ts';
import { actualOf } from '../../../lib/core/trade/actualOf.ts';
import { checkFlows, exporterStarts, type Flows, sortFlows } from '../../../lib/core/trade/flows.ts';
import { pairMatrix, totals } from '../../../lib/core/trade/totals.ts';
import { rowsOf } from '../complexity/fiveBySix.ts';

const countries = axis(['BRA', 'CAN', 'MEX', 'USA']);
const products = axis(['0101', '0603', '8703']);

type Row = readonly [exporter: number, importer: number, product: number, value: number];
const columns = (rows: readonly Row[]) => ({
  exporterN: rows.map(([exporter]) => exporter),
  importerN: rows.map(([, importer]) => importer),
  productN: rows.map(([, , product]) => product),
  valueN: rows.map(([, , , value]) => value),
});
const rowsIn = ({ exporterN, importerN, productN, valueN }: Flows): Row[] =>
  Array.from(valueN, (value, n) => [exporterN[n]!, importerN[n]!, productN[n]!, value]);

const anyRows = fc.array(
  fc
    .tuple(fc.nat(3), fc.nat(3), fc.nat(2), fc.integer({ min: 1, max: 99 }))
    .filter(([exporter, importer]) => exporter !== importer),
  { maxLength: 40 },
);

describe('sortFlows', () => {
  it('sorts by exporter, importer, product and adds up the rows of one cell', () => {
    const rows: Row[] = [
      [2, 1, 1, 4],
      [0, 3, 2, 1],
      [2, 1, 0, 8],
      [0, 3, 2, 6],
      [0, 1, 2, 5],
    ];
    expect(rowsIn(sortFlows(countries, products, columns(rows)))).toEqual([
      [0, 1, 2, 5],
      [0, 3, 2, 7],
      [2, 1, 0, 8],
      [2, 1, 1, 4],
    ]);
  });

  it('keeps every total, whatever the order', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const flows = sortFlows(countries, products, columns(rows));
        checkFlows(flows);
        const byCell = new Map<string, number>();
        for (const [e, m, p, value] of rows) byCell.set(`${e},${m},${p}`, (byCell.get(`${e},${m},${p}`) ?? 0) + value);
        expect(new Map(rowsIn(flows).map(([e, m, p, value]) => [`${e},${m},${p}`, value]))).toEqual(byCell);
      }),
    );
  });

  it('names a position that is not on its axis', () => {
    expect(() => sortFlows(countries, products, columns([[0, 1, 3, 5]]))).toThrow(
      'row 0 names position 3 of an axis of 3',
    );
  });
});

describe('checkFlows names the first row that breaks an invariant', () => {
  const flowsOf = (...rows: Row[]): Flows => {
    const { exporterN, importerN, productN, valueN } = columns(rows);
    return {
      countries,
      products,
      exporterN: Uint16Array.from(exporterN),
      importerN: Uint16Array.from(importerN),
      productN: Uint16Array.from(productN),
      valueN: Float64Array.from(valueN),
    };
  };
  const good: Row = [0, 1, 0, 5];

  it.each([
    ['a country off the axis', [good, [0, 4, 0, 1]], 'row 1 names country 4 of 4'],
    ['a product off the axis', [good, [0, 1, 3, 1]], 'row 1 names product 3 of 3'],
    ['trade within a country', [good, [2, 2, 0, 1]], 'row 1 has MEX on both sides'],
    ['nothing traded', [good, [0, 1, 1, 0]], 'row 1 is worth 0'],
    ['a negative value', [[0, 1, 1, -3]], 'row 0 is worth -3'],
    ['not a number', [[0, 1, 1, Number.NaN]], 'row 0 is worth NaN'],
    ['an infinite value', [[0, 1, 1, Infinity]], 'row 0 is worth Infinity'],
    ['a cell twice', [good, good], 'row 1 repeats the cell of row 0'],
    ['rows out of order', [[1, 0, 0, 2], good], 'row 1 sorts before row 0'],
  ] as [string, Row[], string][])('%s', (_, rows, message) => {
    expect(() => checkFlows(flowsOf(...rows))).toThrow(message);
  });

  it('columns of different lengths', () => {
    expect(() => checkFlows({ ...flowsOf(good), importerN: Uint16Array.of(1, 2) })).toThrow(
      'importerN has 2 rows, valueN has 1',
    );
  });
});

describe('totals', () => {
  const flows = sortFlows(
    countries,
    products,
    columns([
      [0, 1, 0, 5],
      [0, 1, 1, 7],
      [0, 2, 1, 2],
      [2, 0, 1, 11],
      [2, 1, 1, 3],
    ]),
  );

  it('of pairs', () => {
    expect(rowsOf(pairMatrix(flows))).toEqual([
      [0, 12, 2, 0],
      [0, 0, 0, 0],
      [11, 3, 0, 0],
      [0, 0, 0, 0],
    ]);
  });

  it('of everything else', () => {
    const { exporterE, importerM, productP, world, exporterProduct, importerProduct } = totals(flows);
    expect([...exporterE]).toEqual([14, 0, 14, 0]);
    expect([...importerM]).toEqual([11, 15, 2, 0]);
    expect([...productP]).toEqual([5, 23, 0]);
    expect(world).toBe(28);
    expect(rowsOf(exporterProduct)[2]).toEqual([0, 14, 0]);
    expect(rowsOf(importerProduct)[1]).toEqual([5, 10, 0]);
  });
});

describe('looking cells up', () => {
  it('finds every cell, and 0 elsewhere', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const flows = sortFlows(countries, products, columns(rows));
        const actual = actualOf(flows);
        const expected = new Map(rowsIn(flows).map(([e, m, p, value]) => [`${e},${m},${p}`, value]));
        for (let exporter = 0; exporter < 4; exporter++)
          for (let importer = 0; importer < 4; importer++)
            for (let product = 0; product < 3; product++)
              expect(actual({ exporter, importer, product })).toBe(
                expected.get(`${exporter},${importer},${product}`) ?? 0,
              );
      }),
      { numRuns: 30 },
    );
  });

  it('rows of an exporter lie between its start and the next', () => {
    const flows = sortFlows(
      countries,
      products,
      columns([
        [0, 1, 0, 5],
        [2, 0, 1, 11],
        [2, 1, 1, 3],
      ]),
    );
    expect([...exporterStarts(flows)]).toEqual([0, 1, 1, 3, 3]);
  });
});
