import { describe, expect, it } from 'vitest';
import { mergeYears, type YearSlice } from '../../../lib/core/trade/mergeYears.ts';
import { oneYear } from '../../../lib/core/trade/oneYear.ts';
import { windowYears } from '../../../lib/core/trade/windowYears.ts';
import { slice } from './slices.fixture.ts';

/** What is marked, by name. */
function marked(slices: readonly YearSlice[]) {
  const flows = mergeYears(slices);
  const found = oneYear(flows, windowYears(flows, slices));
  if (!found) return null;
  const { codes: countries } = flows.countries;
  const { codes: products } = flows.products;
  const cells = (marks: Uint8Array) =>
    countries.flatMap((country, c) =>
      products.filter((_, p) => marks[c * products.length + p] === 1).map((product) => `${country} ${product}`),
    );
  return {
    sells: cells(found.exporterProduct),
    buys: cells(found.importerProduct),
    flows: [...found.flowN.keys()]
      .filter((n) => found.flowN[n] === 1)
      .map(
        (n) => `${countries[flows.exporterN[n]!]} ${countries[flows.importerN[n]!]} ${products[flows.productN[n]!]}`,
      ),
  };
}

describe('what lies in one year of a window', () => {
  const years = [
    slice(2019, [
      ['A', 'B', '01', 5],
      ['A', 'C', '02', 91],
      ['B', 'A', '03', 90],
      ['C', 'A', '04', 1],
    ]),
    slice(2020, [
      ['A', 'B', '01', 5],
      ['A', 'C', '02', 4],
      ['B', 'A', '03', 10],
      ['B', 'C', '05', 7],
    ]),
    slice(2021, [
      ['A', 'B', '01', 5],
      ['A', 'C', '02', 5],
      ['B', 'C', '05', 7],
      ['C', 'A', '04', 1],
    ]),
  ];

  it('by hand: 91 of 100 is marked, 90 of 100 and two years of three are not', () => {
    expect(marked(years)).toEqual({ sells: ['A 02'], buys: ['C 02'], flows: ['A C 02'] });
  });

  it('a market may be new where the product is not: the flow alone is marked', () => {
    const late = slice(2021, [
      ['A', 'B', '01', 5],
      ['A', 'C', '02', 5],
      ['A', 'C', '01', 50],
      ['B', 'C', '05', 7],
      ['C', 'A', '04', 1],
    ]);
    const found = marked([...years.slice(0, 2), late]);
    expect(found?.flows).toContain('A C 01');
    expect(found?.sells).not.toContain('A 01');
    expect(found?.buys).toContain('C 01');
  });

  it('of an exporter that left a year out nothing is said', () => {
    const found = marked([years[0]!, slice(2019, [['D', 'A', '09', 9]]), years[1]!, years[2]!]);
    expect(found?.sells).not.toContain('D 09');
    expect(found?.buys).not.toContain('A 09');
    // C reports two of three years
    expect(marked(years)?.sells).not.toContain('C 04');
  });

  it('is unknown in a window of two years', () => {
    expect(marked(years.slice(1))).toBeNull();
  });
});
