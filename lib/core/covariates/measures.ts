/**
 * What a file can state beside trade: about a pair of countries, about one country, about what an importer charges on a product, about a product, or about a
 * product in one importer (in all of them where it names none).
 */
export type Subject = 'pair' | 'country' | 'tariff' | 'product' | 'importerProduct';

interface Definition {
  readonly of: Subject;
  /** differs from year to year; else the latest statement holds for all years */
  readonly yearly: boolean;
  /** the values that make sense, both ends included */
  readonly least: number;
  readonly most: number;
  /** 0 or 1 and nothing between */
  readonly flag?: true;
  /** a file lists the pairs that have it: a pair that is not listed in a year that the file covers has it not */
  readonly listed?: true;
  readonly expected: string;
}

/** Every covariate that is known, with its unit in the name. */
export const MEASURES = {
  distanceKm: { of: 'pair', yearly: false, least: 0.01, most: 20_100, expected: 'kilometres above 0, up to 20,100' },
  contig: { of: 'pair', yearly: false, least: 0, most: 1, flag: true, expected: '0 or 1' },
  comlang: { of: 'pair', yearly: false, least: 0, most: 1, flag: true, expected: '0 or 1' },
  colony: { of: 'pair', yearly: false, least: 0, most: 1, flag: true, expected: '0 or 1' },
  rta: { of: 'pair', yearly: true, least: 0, most: 1, flag: true, listed: true, expected: '0 or 1' },
  latitude: { of: 'country', yearly: false, least: -90, most: 90, expected: 'degrees from -90 to 90' },
  longitude: { of: 'country', yearly: false, least: -180, most: 180, expected: 'degrees from -180 to 180' },
  gdpUsd: { of: 'country', yearly: true, least: 1, most: 1e15, expected: 'current USD, 1 or more' },
  population: { of: 'country', yearly: true, least: 1, most: 3e9, expected: 'persons, 1 to 3 billion' },
  gdpGrowth: { of: 'country', yearly: true, least: 0.5, most: 2, expected: 'a ratio between 0.5 and 2 a year' },
  populationGrowth: { of: 'country', yearly: true, least: 0.5, most: 2, expected: 'a ratio between 0.5 and 2 a year' },
  incomeElasticity: {
    of: 'importerProduct',
    yearly: false,
    least: 0,
    most: 10,
    expected: 'an elasticity from 0 to 10',
  },
  priceElasticity: {
    of: 'product',
    yearly: false,
    least: 0,
    most: 50,
    expected: 'an elasticity from 0 to 50, without a sign',
  },
  tariffPercent: { of: 'tariff', yearly: true, least: 0, most: 3_000, expected: 'percent of the value, 0 to 3,000' },
} as const satisfies Readonly<Record<string, Definition>>;

export type Measure = keyof typeof MEASURES;
export const MEASURE_NAMES = Object.keys(MEASURES) as Measure[];

/** The definition of a measure, with the properties that not all of them have. */
export const definitionOf = (measure: Measure): Definition => MEASURES[measure];
