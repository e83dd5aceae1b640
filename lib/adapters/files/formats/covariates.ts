import { measureNamed } from '../../../core/covariates/measureNamed.ts';
import type { Measure } from '../../../core/covariates/measures.ts';
import { PRODUCT_PATTERN } from '../../../core/trade/productCodes.ts';
import { literal } from '../database.ts';
import type { CovariatesFormat, Statement } from './format.ts';

/** A number as most sources write it; NULL when the text is none. */
const number = (column: string) => (text: (column: string) => string) => `TRY_CAST(trim(${text(column)}) AS DOUBLE)`;
/** A number in thousands. */
const thousands = (column: string) => (text: (column: string) => string) =>
  `TRY_CAST(trim(${text(column)}) AS DOUBLE) * 1000`;

/** What each row states of a pair, by the columns of its codes and year. */
const ofPairs =
  (keys: Pick<Statement, 'first' | 'second' | 'year' | 'when'>) =>
  (measure: Measure, column: string): Statement => ({ ...keys, measure, column, value: number(column) });

const cepiiPair = ofPairs({ first: 'iso_o', second: 'iso_d' });

/** CEPII GeoDist by pair. Distance is that between the main cities; the weighted ones are left. */
export const cepiiDistances: CovariatesFormat = {
  kind: 'covariates',
  name: 'cepii-distances',
  required: ['iso_o', 'iso_d', 'contig', 'comlang_off', 'colony', 'dist'],
  optional: ['comlang_ethno', 'comcol', 'curcol', 'col45', 'smctry', 'distcap', 'distw', 'distwces'],
  statements: () => [
    cepiiPair('distanceKm', 'dist'),
    cepiiPair('contig', 'contig'),
    cepiiPair('comlang', 'comlang_off'),
    cepiiPair('colony', 'colony'),
  ],
};

/** CEPII GeoDist by country: several cities of some countries, of which one is the main. */
export const cepiiPlaces: CovariatesFormat = {
  kind: 'covariates',
  name: 'cepii-places',
  required: ['iso3', 'lat', 'lon', 'maincity'],
  optional: ['iso2', 'cnum', 'country', 'area', 'dis_int', 'landlocked', 'continent', 'city_en', 'cap'],
  statements: () =>
    (['latitude', 'longitude'] as const).map((measure) => {
      const column = measure === 'latitude' ? 'lat' : 'lon';
      return {
        measure,
        first: 'iso3',
        column,
        value: number(column),
        when: (text) => `trim(${text('maincity')}) = '1'`,
      };
    }),
};

const exists = (text: (column: string) => string) =>
  `coalesce(trim(${text('country_exists_o')}), '1') = '1' AND coalesce(trim(${text('country_exists_d')}), '1') = '1'`;
const gravityPair = ofPairs({ first: 'iso3_o', second: 'iso3_d', year: 'year', when: exists });
const gravityCountry = (measure: Measure, column: string): Statement => ({
  measure,
  first: 'iso3_o',
  year: 'year',
  column,
  value: thousands(column),
  when: exists,
});

/** CEPII Gravity, one row a pair and year; amounts and persons in **thousands**. A country that has split is there twice, and only one exists. */
export const cepiiGravity: CovariatesFormat = {
  kind: 'covariates',
  name: 'cepii-gravity',
  required: ['year', 'iso3_o', 'iso3_d', 'contig', 'dist', 'comlang_off', 'gdp_o', 'pop_o', 'fta_wto'],
  optional: [
    'country_exists_o',
    'country_exists_d',
    'col_dep_ever',
    'colony',
    'distw',
    'distw_harmonic',
    'gdp_d',
    'pop_d',
  ],
  statements: () => [
    gravityPair('distanceKm', 'dist'),
    gravityPair('contig', 'contig'),
    gravityPair('comlang', 'comlang_off'),
    {
      ...gravityPair('colony', 'col_dep_ever'),
      value: (text) => `TRY_CAST(coalesce(${text('col_dep_ever')}, ${text('colony')}) AS DOUBLE)`,
    },
    gravityPair('rta', 'fta_wto'),
    gravityCountry('gdpUsd', 'gdp_o'),
    gravityCountry('population', 'pop_o'),
  ],
};

/** Trade agreements in force, a list of pairs by year. */
export const agreements: CovariatesFormat = {
  kind: 'covariates',
  name: 'agreements',
  required: ['iso3_o', 'iso3_d', 'year', 'rta'],
  optional: [],
  statements: () => [ofPairs({ first: 'iso3_o', second: 'iso3_d', year: 'year' })('rta', 'rta')],
};

/** The indicators of the World Bank that are used. */
const INDICATORS: Readonly<Record<string, Measure>> = { 'NY.GDP.MKTP.CD': 'gdpUsd', 'SP.POP.TOTL': 'population' };

/** World Bank, one column a year below four lines about the file (or none): which indicator a row is of stands in the row. */
export const worldBankWide: CovariatesFormat = {
  kind: 'covariates',
  name: 'world-bank-wide',
  required: ['Country Name', 'Country Code', 'Indicator Name', 'Indicator Code'],
  optional: [],
  yearColumns: true,
  statements: () =>
    Object.entries(INDICATORS).map(([indicator, measure]) => ({
      measure,
      first: 'Country Code',
      year: 'year',
      column: 'value',
      value: number('value'),
      when: (text) => `trim(${text('Indicator Code')}) = ${literal(indicator)}`,
    })),
  nothing: `the indicators that are used are ${Object.keys(INDICATORS).join(' and ')}`,
};

/** World Bank, one row a country and year. Which indicator it is does not stand in the file, so its name has to say. */
export const worldBankLong: CovariatesFormat = {
  kind: 'covariates',
  name: 'world-bank-long',
  required: ['Country Name', 'Country Code', 'Year', 'Value'],
  optional: [],
  statements: (name) => {
    const measure = measureNamed(name);
    return measure === null
      ? []
      : [{ measure, first: 'Country Code', year: 'Year', column: 'Value', value: number('Value') }];
  },
  nothing: 'the file does not say what its values are: name it with gdp or population, as in gdp_current_usd.csv',
};

/** Growth over a horizon as a ratio, as forecasts give it: stored per year, so that any horizon can be asked for. */
const perYear = (column: string) => (text: (column: string) => string) =>
  `power(TRY_CAST(trim(${text(column)}) AS DOUBLE), 1 / nullif(TRY_CAST(${text('toYear')} AS DOUBLE) - TRY_CAST(${text('fromYear')} AS DOUBLE), 0))`;

/** Our own format of forecasts: how many times GDP and population will be what they were, from one year to another. */
export const forecasts: CovariatesFormat = {
  kind: 'covariates',
  name: 'tidy-forecasts',
  required: ['country', 'fromYear', 'toYear', 'gdpRatio', 'populationRatio'],
  optional: ['source'],
  statements: () =>
    (
      [
        ['gdpGrowth', 'gdpRatio'],
        ['populationGrowth', 'populationRatio'],
      ] as const
    ).map(([measure, column]) => ({ measure, first: 'country', year: 'fromYear', column, value: perYear(column) })),
};

/** Percent, with or without its sign. */
const percent = (column: string) => (text: (column: string) => string) =>
  `TRY_CAST(trim(rtrim(trim(${text(column)}), '%')) AS DOUBLE)`;
const PRODUCT = ` *${PRODUCT_PATTERN} *`;

/** Our own format of tariffs: ad valorem, in percent (5 is 5 %). Without an exporter the rate holds for all who have no other. */
export const tidyTariffs: CovariatesFormat = {
  kind: 'covariates',
  name: 'tidy-tariffs',
  required: ['importer', 'product', 'year', 'rate'],
  optional: ['exporter', 'hsRevision', 'source'],
  productPattern: PRODUCT,
  statements: () => [
    {
      measure: 'tariffPercent',
      first: 'importer',
      second: 'exporter',
      product: 'product',
      year: 'year',
      column: 'rate',
      value: percent('rate'),
    },
  ],
};

/**
 * Our own format of elasticities by product: what imports per head do with income per head, for all importers or for one, and how far they fall with the price.
 * Either may be left empty.
 */
export const elasticities: CovariatesFormat = {
  kind: 'covariates',
  name: 'tidy-elasticities',
  required: ['product', 'incomeElasticity', 'priceElasticity'],
  optional: ['importer', 'source'],
  productPattern: PRODUCT,
  statements: () => [
    {
      measure: 'incomeElasticity',
      first: 'importer',
      product: 'product',
      column: 'incomeElasticity',
      value: number('incomeElasticity'),
    },
    { measure: 'priceElasticity', product: 'product', column: 'priceElasticity', value: number('priceElasticity') },
  ],
};

/** Most-favoured-nation and preferential rates side by side, one row an importer, subheading and partner; no year. */
export const mfnAndPreferential: CovariatesFormat = {
  kind: 'covariates',
  name: 'mfn-and-preferential',
  required: ['reporteriso3', 'hs6', 'partneriso3', 'mfn', 'prf'],
  optional: ['PTA'],
  productPattern: PRODUCT,
  statements: () => [
    { measure: 'tariffPercent', first: 'reporteriso3', product: 'hs6', column: 'mfn', value: percent('mfn') },
    {
      measure: 'tariffPercent',
      first: 'reporteriso3',
      second: 'partneriso3',
      product: 'hs6',
      column: 'prf',
      value: percent('prf'),
    },
  ],
};

const wits = (name: string, partner: boolean): CovariatesFormat => ({
  kind: 'covariates',
  name,
  required: [
    'NomenCode',
    'Reporter_ISO_N',
    'Year',
    'ProductCode',
    ...(partner ? ['Partner'] : []),
    'Min_Rate',
    'Max_Rate',
    'SimpleAverage',
  ],
  optional: ['Sum_Of_Rates', 'TotalNoOfLines', 'Nbr_Pref_Lines', 'Nbr_MFN_Lines', 'Nbr_NA_Lines', 'EstCode'],
  productPattern: PRODUCT,
  statements: () => [
    {
      measure: 'tariffPercent',
      first: 'Reporter_ISO_N',
      ...(partner ? { second: 'Partner' } : {}),
      product: 'ProductCode',
      year: 'Year',
      column: 'SimpleAverage',
      value: percent('SimpleAverage'),
    },
  ],
});

/** UNCTAD TRAINS as WITS hands it out: the average of the ad valorem lines of a subheading, for all and by partner. */
export const witsPreferential = wits('wits-preferential', true);
export const witsMfn = wits('wits-mfn', false);
