import { alpha3Of } from '../../../core/trade/countryCodes.ts';
import type { CountriesFormat } from './format.ts';

/** A dictionary of countries, by where it keeps the number, the three letters and the name (the first name that is not empty). */
const dictionary = (
  name: string,
  columns: { numeric: string; alpha3: string; names: readonly string[] },
  optional: readonly string[] = [],
): CountriesFormat => ({
  kind: 'countries',
  name,
  required: [columns.numeric, columns.alpha3, ...columns.names],
  optional,
  entry(row) {
    const digits = row(columns.numeric).trim();
    if (!/^[0-9]{1,3}$/.test(digits)) {
      return { column: columns.numeric, expected: 'a number of up to 3 digits', reason: 'bad country number' };
    }
    const title = columns.names.map((column) => row(column).trim()).find((text) => text !== '');
    if (!title) return { column: columns.names[0] ?? '', expected: 'a name', reason: 'empty name' };
    // numbers of several countries together ("N/A", "R20") have a name, but no code of one economy
    return { numeric: Number(digits), alpha3: alpha3Of(row(columns.alpha3)) ?? '', name: title };
  },
});

/** BACI's country_codes from release 2024 on. */
export const baciCountries = dictionary(
  'baci-countries',
  { numeric: 'country_code', alpha3: 'country_iso3', names: ['country_name'] },
  ['country_iso2'],
);

/** BACI's country_codes up to release 2023. */
export const baciCountriesOld = dictionary(
  'baci-countries-2023',
  { numeric: 'country_code', alpha3: 'iso_3digit_alpha', names: ['country_name_abbreviation'] },
  ['country_name_full', 'iso_2digit_alpha'],
);

/** The list of the Datahub project "country-codes". */
export const datahubCountries = dictionary('datahub-countries', {
  numeric: 'ISO3166-1-numeric',
  alpha3: 'ISO3166-1-Alpha-3',
  names: ['CLDR display name', 'UNTERM English Short'],
});
