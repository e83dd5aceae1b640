import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Flows } from '../../../lib/core/trade/flows.ts';
import { mergeYears } from '../../../lib/core/trade/mergeYears.ts';
import { type Row, slice } from './slices.fixture.ts';

const rowsOf = ({ countries, products, exporterN, importerN, productN, valueN }: Flows): Row[] =>
  Array.from(valueN, (value, n) => [
    countries.codes[exporterN[n]!]!,
    countries.codes[importerN[n]!]!,
    products.codes[productN[n]!]!,
    value,
  ]);

describe('mergeYears', () => {
  it('divides by the years in which the exporter reports anything', () => {
    const merged = mergeYears([
      slice(2019, [['A', 'B', '01', 10]]),
      slice(2020, [
        ['A', 'B', '01', 20],
        ['A', 'C', '02', 6],
        ['B', 'A', '01', 5], // B reports in 2020 only
      ]),
    ]);
    expect(rowsOf(merged)).toEqual([
      ['A', 'B', '01', 15],
      ['A', 'C', '02', 3], // 0 in 2019
      ['B', 'A', '01', 5],
    ]);
  });

  it('lets the last slice speak for the (year, exporter) pairs that it contains, as a whole', () => {
    const merged = mergeYears([
      slice(2020, [
        ['A', 'B', '01', 10],
        ['A', 'C', '02', 99], // not in the revision: gone
        ['B', 'C', '01', 7],
      ]),
      slice(2020, [['A', 'B', '01', 12]]),
    ]);
    expect(rowsOf(merged)).toEqual([
      ['A', 'B', '01', 12],
      ['B', 'C', '01', 7],
    ]);
  });

  it('is the definition, written slowly', () => {
    const country = fc.constantFrom('A', 'B', 'C', 'D', 'E');
    const row = fc.tuple(country, country, fc.constantFrom('01', '02', '03', '04'), fc.integer({ min: 1, max: 1000 }));
    const rows = fc.uniqueArray(row, { selector: (each) => each.slice(0, 3).join(), minLength: 1, maxLength: 40 });
    const input = fc.array(fc.tuple(fc.constantFrom(2018, 2019, 2020), rows), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(input, (drawn) => {
        const speaks = new Map<string, readonly Row[]>(); // year,exporter → rows
        for (const [year, all] of drawn) {
          for (const exporter of new Set(all.map(([each]) => each)))
            speaks.set(
              `${year},${exporter}`,
              all.filter(([each]) => each === exporter),
            );
        }
        const expected = new Map<string, number>();
        for (const exporter of ['A', 'B', 'C', 'D', 'E']) {
          const years = [2018, 2019, 2020].filter((year) => speaks.has(`${year},${exporter}`));
          for (const year of years) {
            for (const [e, i, p, value] of speaks.get(`${year},${exporter}`)!) {
              expected.set(`${e},${i},${p}`, (expected.get(`${e},${i},${p}`) ?? 0) + value / years.length);
            }
          }
        }
        const merged = rowsOf(mergeYears(drawn.map(([year, all]) => slice(year, all))));
        expect(merged.map(([e, i, p]) => `${e},${i},${p}`)).toEqual([...expected.keys()].sort());
        for (const [e, i, p, value] of merged) expect(value).toBeCloseTo(expected.get(`${e},${i},${p}`)!, 9);
      }),
    );
  });
});
