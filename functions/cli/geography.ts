import { createRequire } from 'node:module';
import type { Countries } from 'world-countries';
import type { Place } from '../../lib/core/demo/geography.ts';

/** Where BACI's country number is not the ISO numeric code. */
const BACI_CODES: Readonly<Record<string, number>> = { CHE: 757, FRA: 251, IND: 699, NOR: 579, USA: 842 };

/** Real countries, from the package whose notice is in lib/core/demo/NOTICE.md. */
export function geography(): Place[] {
  // the package's types describe its ES module, which Node does not choose: required, it is the list itself
  const countries: Countries = createRequire(import.meta.url)('world-countries');
  return countries.map((country) => ({
    code: country.cca3,
    iso2: country.cca2,
    baciCode: BACI_CODES[country.cca3] ?? Number(country.ccn3),
    name: country.name.common,
    latitude: country.latlng[0],
    longitude: country.latlng[1],
    borders: country.borders,
    languages: Object.keys(country.languages),
    region: country.subregion,
  }));
}
