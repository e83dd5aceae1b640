import { DuckDBInstance } from '@duckdb/node-api';
import { ISO_COUNTRIES } from '../../../lib/adapters/files/isoCountries.ts';
import type { PairColumn } from '../../../lib/core/gravity/product/pairTable.ts';
import { countryCodes } from '../../../lib/core/trade/countryCodes.ts';

const COVARIATES = '../shared/data/covariates';

/** What pairs of countries are to each other: ln dist, contig, comlang_off, colony and rta in force; NaN where there is no distance. */
export async function pairColumns(countries: readonly string[], year: number): Promise<PairColumn[]> {
  const { byLetters } = countryCodes(ISO_COUNTRIES);
  const lettersOf = (code: string) => byLetters.get(code) ?? code; // Romania was ROM
  const at = new Map(countries.map((code, position) => [lettersOf(code), position]));
  const names = ['ln dist', 'contig', 'comlang_off', 'colony', 'rta'];
  const columns = names.map((name) => ({ name, valueIJ: new Float64Array(countries.length ** 2).fill(Number.NaN) }));
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const rows = await connection.runAndReadAll(`
    SELECT o, d, ln(dist), contig::DOUBLE, comlang::DOUBLE, colony::DOUBLE, 0.0::DOUBLE
    FROM (SELECT iso_o AS o, iso_d AS d, try_cast(dist AS DOUBLE) AS dist, contig, comlang_off AS comlang, colony
          FROM read_csv('${COVARIATES}/dist_cepii.csv.gz', all_varchar = true))
    WHERE dist > 0`);
  const agreements = await connection.runAndReadAll(`SELECT iso3_o, iso3_d
    FROM read_csv('${COVARIATES}/rta_in_force_2000_2020.csv.gz', all_varchar = true) WHERE year = '${year}' AND rta = '1'`);
  for (const [exporter, importer, ...values] of rows.getRowsJS()) {
    const [e, m] = [exporter, importer].map((code) => at.get(lettersOf(code as string)));
    if (e === undefined || m === undefined) continue;
    for (const [k, value] of values.entries()) columns[k]!.valueIJ[e * countries.length + m] = Number(value);
  }
  const inForceIJ = columns[4]!.valueIJ;
  for (const [exporter, importer] of agreements.getRowsJS()) {
    const [e, m] = [exporter, importer].map((code) => at.get(lettersOf(code as string)));
    if (e === undefined || m === undefined) continue;
    const pair = e * countries.length + m;
    if (Number.isFinite(inForceIJ[pair]!)) inForceIJ[pair] = 1;
  }
  return columns;
}
