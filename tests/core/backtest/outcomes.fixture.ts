import { existsSync, readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { ISO_COUNTRIES } from '../../../lib/adapters/files/isoCountries.ts';
import { countryCodes } from '../../../lib/core/trade/countryCodes.ts';
import { type Flows, sortFlows } from '../../../lib/core/trade/flows.ts';

const FOLDER = '../shared/data/flows';
const OUTCOMES = `${FOLDER}/world_hs4_2024_outcomes.csv.gz`;
const UNREPORTED = `${FOLDER}/world_hs4_2017_unreported_pairs.csv`;

export const outcomesAreThere = existsSync(OUTCOMES) && existsSync(UNREPORTED);

/** What 108 exporters sold in 2024, on the axes of an earlier year; what these do not know is left out. */
export async function realOutcomes({ countries, products }: Flows): Promise<{ after: Flows; exporterE: Uint16Array }> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const sorted = await connection.stream(
    `SELECT exporter, importer, product, valueUsd::DOUBLE FROM read_csv('${OUTCOMES}', all_varchar = true)`,
  );
  const columns = {
    exporterN: [] as number[],
    importerN: [] as number[],
    productN: [] as number[],
    valueN: [] as number[],
  };
  const exporters = new Set<number>();
  for (;;) {
    const chunk = await sorted.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    const [exporter, importer, product, value] = chunk.getColumns() as [string[], string[], string[], number[]];
    for (let row = 0; row < chunk.rowCount; row++) {
      const e = countries.at.get(exporter[row]!);
      const m = countries.at.get(importer[row]!);
      const p = products.at.get(product[row]!);
      if (e !== undefined) exporters.add(e);
      if (e === undefined || m === undefined || p === undefined || e === m || !(value[row]! > 0)) continue;
      columns.exporterN.push(e);
      columns.importerN.push(m);
      columns.productN.push(p);
      columns.valueN.push(value[row]!);
    }
  }
  return { after: sortFlows(countries, products, columns), exporterE: Uint16Array.from(exporters).sort() };
}

/** What the two exporters sold of which 2020 is known, products of six digits added up to four; on the axes of an earlier year. */
export async function tradeOf2020({ countries, products }: Flows): Promise<Flows> {
  const { byNumber } = countryCodes(ISO_COUNTRIES);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const found = await (
    await connection.run(`SELECT i::INTEGER, j::INTEGER, left(lpad(trim(k), 6, '0'), 4), sum(v::DOUBLE) * 1000
      FROM read_csv('${FOLDER}/baci_hs17_y2020_exporters_004_710.csv.gz', all_varchar = true) GROUP BY ALL`)
  ).getRowsJS();
  const rows = (found as [number, number, string, number][]).flatMap(([i, j, product, value]) => {
    const [e, m] = [i, j].map((code) => countries.at.get(byNumber.get(code) ?? ''));
    const p = products.at.get(product);
    return e === undefined || m === undefined || p === undefined || e === m ? [] : [{ e, m, p, value }];
  });
  return sortFlows(countries, products, {
    exporterN: rows.map(({ e }) => e),
    importerN: rows.map(({ m }) => m),
    productN: rows.map(({ p }) => p),
    valueN: rows.map(({ value }) => value),
  });
}

/** Pairs whose trade of 2017 was not reported, as `entryCandidates` takes them. */
export function unreportedPairs({ countries }: Flows): Set<number> {
  const pairs = new Set<number>();
  for (const line of readFileSync(UNREPORTED, 'utf8').trim().split('\n').slice(1)) {
    const [exporter, importer] = line.trim().split(',');
    const e = countries.at.get(exporter!);
    const m = countries.at.get(importer!);
    if (e !== undefined && m !== undefined) pairs.add(e * countries.codes.length + m);
  }
  return pairs;
}
