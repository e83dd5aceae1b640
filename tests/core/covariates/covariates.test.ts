import { describe, expect, it } from 'vitest';
import { covariates } from '../../../lib/core/covariates/covariates.ts';
import type { Measure } from '../../../lib/core/covariates/measures.ts';
import { NOBODY, type Statements } from '../../../lib/core/covariates/statements.ts';
import { axis } from '../../../lib/core/labels.ts';

type Row = readonly [year: number, first: string, second: string | null, value: number];

/** Statements from rows in words; `years` is what the file covers. */
function states(measure: Measure, rows: readonly Row[], years = [...new Set(rows.map(([year]) => year))]): Statements {
  const countries = axis(rows.flatMap(([, first, second]) => (second === null ? [first] : [first, second])));
  return {
    measure,
    countries: countries.codes,
    products: [],
    years: years.filter((year) => year > 0),
    yearN: Uint16Array.from(rows, ([year]) => year),
    firstN: Uint16Array.from(rows, ([, first]) => countries.at.get(first)!),
    secondN: Uint16Array.from(rows, ([, , second]) => (second === null ? NOBODY : countries.at.get(second)!)),
    productN: new Uint16Array(rows.length).fill(NOBODY),
    valueN: Float64Array.from(rows, ([, , , value]) => value),
  };
}

const countries = axis(['DEU', 'FRA', 'MEX']);
const [D, F, M] = [0, 1, 2];
const pair = (from: number, to: number) => from * 3 + to;
const known = (statements: Statements[], year = 2017, of = countries) => covariates(of, year, statements);

describe('pairs', () => {
  it('have what the later file says; what no file says is unknown, and so is the diagonal', () => {
    const { covariates: found, facts } = known([
      states('distanceKm', [
        [0, 'DEU', 'FRA', 440],
        [0, 'FRA', 'DEU', 441],
        [0, 'DEU', 'DEU', 225],
      ]),
      states('distanceKm', [[0, 'DEU', 'FRA', 439]]),
    ]);
    expect(found.distanceKmIJ[pair(D, F)]).toBe(439);
    expect(found.distanceKmIJ[pair(F, D)]).toBe(441);
    expect(found.distanceKmIJ[pair(D, D)]).toBeNaN();
    expect(found.distanceKmIJ[pair(D, M)]).toBeNaN();
    expect(facts.distanceKmIJ).toEqual({ known: 2, of: 6, years: null, unknown: ['MEX'], borrowed: [], derived: 0 });
    expect(facts.contigIJ).toMatchObject({ known: 0, unknown: ['DEU', 'FRA', 'MEX'] });
  });

  it('have an agreement when the list of the latest year up to the run names them, and none when it does not', () => {
    const old = states('rta', [[2015, 'DEU', 'MEX', 1]]);
    const lists = states('rta', [
      [2016, 'DEU', 'MEX', 1],
      [2017, 'DEU', 'FRA', 1],
      [2018, 'FRA', 'MEX', 1],
    ]);
    const { covariates: found, facts } = known([lists, old]);
    expect(found.rtaIJ[pair(D, F)]).toBe(1);
    expect(found.rtaIJ[pair(D, M)]).toBe(0); // ended in 2016
    expect(found.rtaIJ[pair(F, M)]).toBe(0); // begins in 2018
    expect(found.rtaIJ[pair(D, D)]).toBeNaN();
    expect(facts.rtaIJ.years).toEqual([2017, 2017]);
    expect(known([lists], 2014).covariates.rtaIJ[pair(D, F)]).toBeNaN();
  });

  it('of a state that geography knows as part of another take its place; between its parts only the distance is known', () => {
    const balkans = axis(['FRA', 'MNE', 'SRB']);
    const { covariates: found, facts } = known(
      [
        states('distanceKm', [
          [0, 'FRA', 'YUG', 1450],
          [0, 'YUG', 'FRA', 1450],
          [0, 'YUG', 'YUG', 120],
        ]),
        states('contig', [
          [0, 'FRA', 'YUG', 0],
          [0, 'YUG', 'YUG', 0],
        ]),
      ],
      2017,
      balkans,
    );
    expect([pair(0, 1), pair(0, 2), pair(1, 0), pair(1, 2)].map((at) => found.distanceKmIJ[at])).toEqual([
      1450, 1450, 1450, 120,
    ]);
    expect(found.contigIJ[pair(0, 2)]).toBe(0);
    expect(found.contigIJ[pair(1, 2)]).toBeNaN();
    expect(facts.distanceKmIJ.borrowed).toEqual(['MNE', 'SRB']);
    // a file that has Serbia speaks for itself
    const own = states('distanceKm', [
      [0, 'FRA', 'SRB', 1400],
      [0, 'FRA', 'YUG', 1450],
    ]);
    expect(known([own], 2017, balkans).covariates.distanceKmIJ[pair(0, 2)]).toBe(1400);
  });

  it('without a stated distance get one from coordinates: a quarter of a meridian is about 10,007 km', () => {
    const { covariates: found, facts } = known([
      states('latitude', [
        [0, 'DEU', null, 0],
        [0, 'FRA', null, 90],
      ]),
      states('longitude', [
        [0, 'DEU', null, 0],
        [0, 'FRA', null, 50],
      ]),
    ]);
    expect(found.distanceKmIJ[pair(D, F)]).toBeCloseTo((Math.PI / 2) * 6371.0088, 8);
    expect(found.distanceKmIJ[pair(D, M)]).toBeNaN();
    expect(facts.distanceKmIJ).toMatchObject({ known: 2, derived: 2 });
  });
});

describe('countries', () => {
  const gdp = (...rows: Row[]) => states('gdpUsd', rows);

  it('have the value of the latest year up to the run, of whatever file; of the same year that of the later file', () => {
    const { covariates: found, facts } = known([
      gdp([2016, 'DEU', null, 30], [2018, 'DEU', null, 99], [2017, 'FRA', null, 20]),
      gdp([2015, 'DEU', null, 1], [2017, 'FRA', null, 21]),
    ]);
    expect([...found.gdpE.subarray(0, 2)]).toEqual([30, 21]);
    expect(found.gdpE[M]).toBeNaN();
    expect(facts.gdpE).toMatchObject({ known: 2, of: 3, years: [2016, 2017], unknown: ['MEX'] });
  });

  it('grow as a file expects, else as in the five years past, and never as in the years after the run', () => {
    const { covariates: found, facts } = known([
      gdp([2012, 'DEU', null, 100], [2017, 'DEU', null, 161.051], [2022, 'DEU', null, 1]),
      gdp([2012, 'FRA', null, 100], [2017, 'FRA', null, 300]),
      gdp([2017, 'MEX', null, 5]),
      states('gdpGrowth', [[2016, 'FRA', null, 1.02]]),
      states('gdpGrowth', [[2018, 'MEX', null, 1.5]]),
    ]);
    expect(found.gdpGrowthE[D]).toBeCloseTo(1.1, 12);
    expect(found.gdpGrowthE[F]).toBe(1.02);
    expect(found.gdpGrowthE[M]).toBeNaN();
    expect(facts.gdpGrowthE).toMatchObject({ known: 2, derived: 1 });
  });
});
