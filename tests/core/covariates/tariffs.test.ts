import { describe, expect, it } from 'vitest';
import { NOBODY, type Statements } from '../../../lib/core/covariates/statements.ts';
import { tariffOf, tariffs } from '../../../lib/core/covariates/tariffs.ts';
import { axis } from '../../../lib/core/labels.ts';

const countries = axis(['AAA', 'BBB', 'CCC']);
const hs4 = axis(['0101', '0102', '8703']);

type Rate = readonly [importer: string, exporter: string | null, product: string, year: number, percent: number];

function stated(...rates: Rate[]): Statements {
  const codes = [...new Set(rates.flatMap(([importer, exporter]) => (exporter ? [importer, exporter] : [importer])))];
  const products = [...new Set(rates.map(([, , product]) => product))];
  return {
    measure: 'tariffPercent',
    countries: codes,
    products,
    years: [],
    yearN: Uint16Array.from(rates, ([, , , year]) => year),
    firstN: Uint16Array.from(rates, ([importer]) => codes.indexOf(importer)),
    secondN: Uint16Array.from(rates, ([, exporter]) => (exporter ? codes.indexOf(exporter) : NOBODY)),
    productN: Uint16Array.from(rates, ([, , product]) => products.indexOf(product)),
    valueN: Float64Array.from(rates, ([, , , , percent]) => percent),
  };
}

/** The rate of a cell by its codes. */
function rateOf(statements: Statements[], year = 2020, products = hs4) {
  const known = tariffs(countries, products, year, statements)!;
  const of = tariffOf(known);
  return (exporter: string, importer: string, product: string) =>
    of(countries.at.get(exporter)!, countries.at.get(importer)!, products.at.get(product)!);
}

describe('tariffs on the axes of a run', () => {
  it('a rate for an exporter, else the one for everyone, else none', () => {
    const rate = rateOf([stated(['AAA', null, '0101', 2019, 10], ['AAA', 'BBB', '0101', 2019, 2])]);
    expect([rate('BBB', 'AAA', '0101'), rate('CCC', 'AAA', '0101')]).toEqual([2, 10]);
    expect(rate('BBB', 'AAA', '0102')).toBeNaN();
    expect(rate('AAA', 'BBB', '0101')).toBeNaN();
  });

  it('the latest year up to the one asked for counts, and of two files the later', () => {
    const early = stated(
      ['AAA', null, '0101', 2018, 5],
      ['AAA', null, '0101', 2019, 6],
      ['AAA', null, '0101', 2021, 7],
    );
    expect(rateOf([early])('BBB', 'AAA', '0101')).toBe(6);
    const timeless = stated(['AAA', null, '0101', 0, 1]);
    expect(rateOf([early, timeless])('BBB', 'AAA', '0101')).toBe(6);
    const again = stated(['AAA', null, '0101', 2019, 8]);
    expect(rateOf([early, again])('BBB', 'AAA', '0101')).toBe(8);
    expect(rateOf([again, early])('BBB', 'AAA', '0101')).toBe(6);
  });

  it('by hand: finer lines are averaged, a partner pays its own rate where it has one and everyone’s elsewhere', () => {
    const rate = rateOf([
      stated(
        ['AAA', null, '870310', 2019, 30],
        ['AAA', null, '870320', 2019, 10],
        ['AAA', null, '870390', 2019, 20],
        ['AAA', 'BBB', '870320', 2019, 1],
        ['AAA', 'CCC', '010121', 2019, 4],
        ['AAA', 'CCC', '999999', 2019, 50],
      ),
    ]);
    expect(rate('CCC', 'AAA', '8703')).toBe(20);
    expect(rate('BBB', 'AAA', '8703')).toBe(17);
    // of one line only a partner's rate is known
    expect([rate('CCC', 'AAA', '0101'), rate('BBB', 'AAA', '0101')]).toEqual([4, Number.NaN]);
  });

  it('a coarser rate holds for all parts', () => {
    const rate = rateOf([stated(['AAA', null, '01', 2019, 9])]);
    expect([rate('BBB', 'AAA', '0101'), rate('BBB', 'AAA', '0102'), rate('BBB', 'AAA', '8703')]).toEqual([
      9,
      9,
      Number.NaN,
    ]);
  });

  it('is null where nothing is known of these countries and products, or only later', () => {
    expect(tariffs(countries, hs4, 2020, [])).toBeNull();
    expect(tariffs(countries, hs4, 2020, [stated(['XXX', null, '0101', 2019, 1])])).toBeNull();
    expect(tariffs(countries, hs4, 2018, [stated(['AAA', null, '0101', 2019, 1])])).toBeNull();
  });
});
