import type { Axis } from '../labels.ts';
import { greatCircleKm } from './greatCircle.ts';
import { growthOf, TREND_YEARS } from './growth.ts';
import { MEASURES, type Measure } from './measures.ts';
import type { Statements } from './statements.ts';
import { PART_OF } from './successors.ts';

/**
 * What is known about countries and pairs of them in one year, on one axis of countries. `…IJ`: countries × countries, row = exporter; `…E`:
 * by country. NaN is unknown: never 0, never a guess. The diagonal of the pairs is NaN.
 */
export interface Covariates {
  /** between main cities, km */
  readonly distanceKmIJ: Float64Array;
  /** 1 when the two share a border */
  readonly contigIJ: Float64Array;
  /** 1 when they share an official language */
  readonly comlangIJ: Float64Array;
  /** 1 when one was the other's colony */
  readonly colonyIJ: Float64Array;
  /** 1 when a trade agreement between them is in force */
  readonly rtaIJ: Float64Array;
  /** current USD */
  readonly gdpE: Float64Array;
  /** persons */
  readonly populationE: Float64Array;
  /** expected growth per year as a ratio around 1; where nothing is expected, that of the five years past */
  readonly gdpGrowthE: Float64Array;
  readonly populationGrowthE: Float64Array;
}

export const PAIR_COLUMNS = ['distanceKmIJ', 'contigIJ', 'comlangIJ', 'colonyIJ', 'rtaIJ'] as const;
export const COUNTRY_COLUMNS = ['gdpE', 'populationE', 'gdpGrowthE', 'populationGrowthE'] as const;
export type CovariateColumn = (typeof PAIR_COLUMNS)[number] | (typeof COUNTRY_COLUMNS)[number];

/** How much of one column is known; survives JSON. */
export interface Coverage {
  /** entries known, and how many there would be */
  readonly known: number;
  readonly of: number;
  /** the oldest and the newest year that a value is of; null when its statements hold for all years, or there are none */
  readonly years: readonly [number, number] | null;
  /** codes of countries about which nothing is known */
  readonly unknown: readonly string[];
  /** codes of countries whose geography is that of the state that they were part of */
  readonly borrowed: readonly string[];
  /** entries worked out from others: distances from coordinates, growth from the five years past */
  readonly derived: number;
}
export type CovariateFacts = Readonly<Record<CovariateColumn, Coverage>>;

/**
 * Brings what files state onto one axis for one year.
 *
 * An entry is the statement of the latest year at or before the year asked for; of two files that state that year the later in the list. A
 * list of agreements speaks for a whole year at once, so there the latest year of all files is taken, from the later file that covers it, and pairs
 * that it does not name have none. Countries that geography knows only as part of another state take its place (PART_OF), but between two parts of
 * one state only the distance is known. A distance that no file states is worked out from coordinates where both are known.
 *
 * @param statements in the order in which their files speak
 */
export function covariates(
  countries: Axis,
  year: number,
  statements: readonly Statements[],
): { covariates: Covariates; facts: CovariateFacts } {
  const of = (measure: Measure) => statements.filter((stated) => stated.measure === measure);
  const size = countries.codes.length;
  const pairs = {
    distanceKmIJ: pairColumn(countries, of('distanceKm')),
    contigIJ: pairColumn(countries, of('contig')),
    comlangIJ: pairColumn(countries, of('comlang')),
    colonyIJ: pairColumn(countries, of('colony')),
    rtaIJ: agreements(countries, year, of('rta')),
  };
  const places = {
    latitude: countryColumn(countries, year, of('latitude')),
    longitude: countryColumn(countries, year, of('longitude')),
  };
  const byPlace = fillDistances(pairs.distanceKmIJ.value, places.latitude.value, places.longitude.value);
  const gdp = countryColumn(countries, year, of('gdpUsd'));
  const population = countryColumn(countries, year, of('population'));
  const before = (measure: Measure) => countryColumn(countries, year - TREND_YEARS, of(measure));
  const growth = {
    gdpGrowthE: growthOf(countryColumn(countries, year, of('gdpGrowth')), gdp, before('gdpUsd')),
    populationGrowthE: growthOf(
      countryColumn(countries, year, of('populationGrowth')),
      population,
      before('population'),
    ),
  };

  const facts: Record<string, Coverage> = {};
  for (const [name, column] of Object.entries(pairs))
    facts[name] = coverage(countries, column, size, name === 'distanceKmIJ' ? byPlace : 0);
  for (const [name, column] of Object.entries({ gdpE: gdp, populationE: population }))
    facts[name] = coverage(countries, column, 1, 0);
  for (const [name, column] of Object.entries(growth)) facts[name] = coverage(countries, column, 1, column.derived);
  return {
    covariates: {
      distanceKmIJ: pairs.distanceKmIJ.value,
      contigIJ: pairs.contigIJ.value,
      comlangIJ: pairs.comlangIJ.value,
      colonyIJ: pairs.colonyIJ.value,
      rtaIJ: pairs.rtaIJ.value,
      gdpE: gdp.value,
      populationE: population.value,
      gdpGrowthE: growth.gdpGrowthE.value,
      populationGrowthE: growth.populationGrowthE.value,
    },
    facts: facts as CovariateFacts,
  };
}

/** A column as it is filled: NaN where nothing is known, the year of each value (0: all years), and who borrowed another's place. */
export interface Column {
  readonly value: Float64Array;
  readonly year: Uint16Array;
  readonly borrowed: ReadonlySet<number>;
}

const emptyColumn = (length: number) => ({
  value: new Float64Array(length).fill(Number.NaN),
  year: new Uint16Array(length),
});

/** Of each country the value of the latest year up to the one given. */
function countryColumn(countries: Axis, year: number, statements: readonly Statements[]): Column {
  const column = emptyColumn(countries.codes.length);
  const borrowed = new Set<number>();
  for (const stated of statements) {
    const heirs = MEASURES[stated.measure].yearly ? [] : successors(countries, stated);
    for (let n = 0; n < stated.valueN.length; n++) {
      if (stated.yearN[n]! > year) continue;
      const code = stated.countries[stated.firstN[n]!]!;
      const own = countries.at.get(code);
      const takers = [...(own === undefined ? [] : [own]), ...(heirs[stated.firstN[n]!] ?? [])];
      for (const country of takers) {
        if (stated.yearN[n]! < column.year[country]!) continue;
        column.value[country] = stated.valueN[n]!;
        column.year[country] = stated.yearN[n]!;
        if (country !== own) borrowed.add(country);
      }
    }
  }
  return { ...column, borrowed };
}

/** Of each pair the value that the last file states. */
function pairColumn(countries: Axis, statements: readonly Statements[]): Column {
  const size = countries.codes.length;
  const column = emptyColumn(size * size);
  const borrowed = new Set<number>();
  for (const stated of statements) {
    const own = stated.countries.map((code) => countries.at.get(code));
    const heirs = successors(countries, stated);
    const takers = own.map((country, at) => [...(country === undefined ? [] : [country]), ...(heirs[at] ?? [])]);
    for (let n = 0; n < stated.valueN.length; n++) {
      const [first, second] = [stated.firstN[n]!, stated.secondN[n]!];
      if (first === second && stated.measure !== 'distanceKm') continue;
      for (const exporter of takers[first]!)
        for (const importer of takers[second]!) {
          if (exporter === importer) continue;
          column.value[exporter * size + importer] = stated.valueN[n]!;
          if (exporter !== own[first]) borrowed.add(exporter);
          if (importer !== own[second]) borrowed.add(importer);
        }
    }
  }
  return { ...column, borrowed };
}

/** Which countries of the axis the file knows only as part of each of its own. */
function successors(countries: Axis, { countries: named }: Statements): number[][] {
  const heirs: number[][] = named.map(() => []);
  const at = new Map(named.map((code, position) => [code, position]));
  for (const [code, states] of Object.entries(PART_OF)) {
    const heir = countries.at.get(code);
    const state = states.find((former) => at.has(former));
    if (heir !== undefined && state !== undefined && !at.has(code)) heirs[at.get(state)!]!.push(heir);
  }
  return heirs;
}

/** The list of the latest year that is covered at or before the one given: 1 where it names the pair, else 0. */
function agreements(countries: Axis, year: number, statements: readonly Statements[]): Column {
  const size = countries.codes.length;
  const column = emptyColumn(size * size);
  const borrowed = new Set<number>();
  const latest = (stated: Statements) => Math.max(0, ...stated.years.filter((covered) => covered <= year));
  const newest = statements.reduce((most, stated) => Math.max(most, latest(stated)), 0);
  const list = statements.findLast((stated) => latest(stated) === newest);
  if (newest === 0 || list === undefined) return { ...column, borrowed };

  for (let e = 0; e < size; e++)
    for (let m = 0; m < size; m++) {
      if (e === m) continue;
      column.value[e * size + m] = 0;
      column.year[e * size + m] = newest;
    }
  for (let n = 0; n < list.valueN.length; n++) {
    if (list.yearN[n] !== newest) continue;
    const exporter = countries.at.get(list.countries[list.firstN[n]!]!);
    const importer = countries.at.get(list.countries[list.secondN[n]!]!);
    if (exporter === undefined || importer === undefined || exporter === importer) continue;
    column.value[exporter * size + importer] = list.valueN[n]!;
  }
  return { ...column, borrowed };
}

/** Works distances out where none is stated; returns how many. */
function fillDistances(distanceKmIJ: Float64Array, latitudeE: Float64Array, longitudeE: Float64Array): number {
  const size = latitudeE.length;
  let filled = 0;
  for (let e = 0; e < size; e++)
    for (let m = 0; m < size; m++) {
      const at = e * size + m;
      if (e === m || !Number.isNaN(distanceKmIJ[at]!)) continue;
      const km = greatCircleKm(
        { latitude: latitudeE[e]!, longitude: longitudeE[e]! },
        { latitude: latitudeE[m]!, longitude: longitudeE[m]! },
      );
      if (!(km > 0)) continue;
      distanceKmIJ[at] = km;
      filled++;
    }
  return filled;
}

/** @param width entries of one country: 1, or as many as there are countries, of which its own does not count */
function coverage({ codes }: Axis, { value, year, borrowed }: Column, width: number, derived: number): Coverage {
  const unknown: string[] = [];
  let known = 0;
  let [oldest, newest] = [Infinity, 0];
  for (const [c, code] of codes.entries()) {
    let own = 0;
    for (let at = c * width; at < (c + 1) * width; at++) {
      if (Number.isNaN(value[at]!)) continue;
      own++;
      if (year[at]! === 0) continue;
      oldest = Math.min(oldest, year[at]!);
      newest = Math.max(newest, year[at]!);
    }
    known += own;
    if (own === 0) unknown.push(code);
  }
  return {
    known,
    of: codes.length * (width === 1 ? 1 : width - 1),
    years: newest === 0 ? null : [oldest, newest],
    unknown,
    borrowed: [...borrowed].sort((a, b) => a - b).map((c) => codes[c]!),
    derived,
  };
}
