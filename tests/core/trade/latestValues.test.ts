import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latestValues } from '../../../lib/core/trade/latestValues.ts';
import { mergeYears, type YearSlice } from '../../../lib/core/trade/mergeYears.ts';
import { windowYears } from '../../../lib/core/trade/windowYears.ts';
import { slice } from './slices.fixture.ts';

/** The latest value of each cell by name. */
function latest(slices: readonly YearSlice[]) {
  const flows = mergeYears(slices);
  const valueN = latestValues(flows, windowYears(flows, slices), 3);
  return (
    valueN &&
    Object.fromEntries(
      Array.from(valueN, (value, n) => [
        `${flows.countries.codes[flows.exporterN[n]!]} ${flows.countries.codes[flows.importerN[n]!]} ${flows.products.codes[flows.productN[n]!]}`,
        value,
      ]),
    )
  );
}

describe('values of the latest year', () => {
  it('of a window of three: nothing is 0, an exporter that left out a year is unknown', () => {
    const years = [
      slice(2019, [
        ['A', 'B', '01', 1],
        ['A', 'C', '02', 2],
        ['B', 'A', '01', 3],
        ['C', 'A', '09', 4],
      ]),
      slice(2020, [
        ['A', 'B', '01', 5],
        ['B', 'A', '01', 6],
      ]),
      slice(2021, [
        ['A', 'B', '01', 7],
        ['A', 'D', '03', 8],
        ['C', 'A', '09', 9],
        ['B', 'D', '01', 10],
      ]),
    ];
    expect(latest(years)).toEqual({
      'A B 01': 7,
      'A C 02': 0,
      'A D 03': 8,
      'B A 01': 0,
      'B D 01': 10,
      'C A 09': Number.NaN,
    });
  });

  it('are those of the file that speaks for the year', () => {
    const years = [2019, 2020, 2021].map((year) => slice(year, [['A', 'B', '01', year]]));
    expect(latest([...years, slice(2021, [['A', 'B', '01', 5]])])).toEqual({ 'A B 01': 5 });
  });

  it('there are none for another number of years', () => {
    expect(latest([slice(2020, [['A', 'B', '01', 1]]), slice(2021, [['A', 'B', '01', 1]])])).toBeNull();
  });

  it('are what a look-up finds, whatever the years hold', () => {
    const row = fc
      .tuple(
        fc.constantFrom('A', 'B', 'C'),
        fc.constantFrom('A', 'B', 'C', 'D'),
        fc.constantFrom('01', '02', '03'),
        fc.integer({ min: 1, max: 99 }),
      )
      .filter(([e, m]) => e !== m);
    const rows = fc.uniqueArray(row, { selector: ([e, m, p]) => e + m + p, minLength: 1 });
    fc.assert(
      fc.property(rows, rows, rows, (a, b, c) => {
        const found = latest([slice(1, a), slice(2, b), slice(3, c)])!;
        for (const [name, value] of Object.entries(found)) {
          const [exporter] = name.split(' ');
          const every = [a, b, c].every((year) => year.some(([e]) => e === exporter));
          const own = c.find(([e, m, p]) => `${e} ${m} ${p}` === name)?.[3] ?? 0;
          expect(value).toBe(every ? own : Number.NaN);
        }
      }),
    );
  });
});
