import list, { type Countries } from 'world-countries';
import type { CountryNumber } from '../../core/trade/countryCodes.ts';

// the package's types describe its ES module; Node loads the other one, whose default is the list as well
const countries = list as unknown as Countries;

/** The current ISO 3166-1 list (package world-countries). Kosovo has no ISO number and is left out. */
export const ISO_COUNTRIES: readonly CountryNumber[] = countries
  .filter(({ ccn3 }) => ccn3 !== '')
  .map(({ ccn3, cca3 }) => ({ numeric: Number(ccn3), alpha3: cca3 }));

/** Everyday English names by alpha-3 code, for countries that no dropped dictionary names. */
export const ISO_NAMES: ReadonlyMap<string, string> = new Map(countries.map(({ cca3, name }) => [cca3, name.common]));

/** Subregions as the United Nations draw them, by alpha-3 code. */
export const ISO_REGIONS: ReadonlyMap<string, string> = new Map(
  countries.map(({ cca3, subregion }) => [cca3, subregion]),
);
