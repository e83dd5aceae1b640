import { baci } from './baci.ts';
import { baciCountries, baciCountriesOld, datahubCountries } from './countryDictionaries.ts';
import {
  agreements,
  cepiiDistances,
  cepiiGravity,
  cepiiPlaces,
  elasticities,
  forecasts,
  mfnAndPreferential,
  tidyTariffs,
  witsMfn,
  witsPreferential,
  worldBankLong,
  worldBankWide,
} from './covariates.ts';
import type { Format } from './format.ts';
import { baciProducts, harmonizedSystem } from './productDictionaries.ts';
import { hsSections } from './sections.ts';
import { tidy } from './tidy.ts';

/** Every format that is read. A file is of the first whose required columns it has. */
export const FORMATS: readonly Format[] = [
  tidy,
  baci,
  baciCountries,
  baciCountriesOld,
  datahubCountries,
  harmonizedSystem,
  baciProducts,
  hsSections,
  cepiiDistances,
  cepiiPlaces,
  cepiiGravity,
  agreements,
  worldBankWide,
  worldBankLong,
  forecasts,
  elasticities,
  tidyTariffs,
  mfnAndPreferential,
  witsPreferential,
  witsMfn,
];
