import { existsSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { axis } from '../../../lib/core/labels.ts';
import type { Flows } from '../../../lib/core/trade/flows.ts';

/** Real trade that lies beside the project where there is any: a year at HS4 in USD, and at HS6 in BACI's columns, thousand USD. */
export const REAL_WORLDS = {
  hs4: { file: '../shared/data/flows/world_hs4_2017.csv.gz', columns: 'exporter, importer, product, valueUsd::DOUBLE' },
  hs6: {
    file: '../shared/data/flows/baci_shaped_hs17_y2017.csv.gz',
    columns: "lpad(i, 3, '0'), lpad(j, 3, '0'), lpad(k, 6, '0'), round(v::DECIMAL(18, 3) * 1000)::DOUBLE",
  },
} as const;

export const isThere = (world: keyof typeof REAL_WORLDS) => existsSync(REAL_WORLDS[world].file);

/** Reads a world into flows: sorted, one row a cell. */
export async function realWorld(world: keyof typeof REAL_WORLDS): Promise<Flows> {
  const { file, columns } = REAL_WORLDS[world];
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`CREATE TABLE flow AS SELECT exporter, importer, product, sum(value) AS value
    FROM (SELECT ${columns} FROM read_csv('${file}', all_varchar = true)) AS rows(exporter, importer, product, value)
    WHERE exporter <> importer AND value > 0 GROUP BY ALL`);
  const codes = async (query: string) => {
    const [column] = await (await connection.run(query)).getColumnsJS();
    return axis(column as string[]);
  };
  const countries = await codes('SELECT exporter FROM flow UNION SELECT importer FROM flow');
  const products = await codes('SELECT DISTINCT product FROM flow');
  const counted = await (await connection.run('SELECT count(*)::INTEGER FROM flow')).getRowsJS();
  const rows = Number(counted[0]?.[0]);
  const flows = {
    countries,
    products,
    exporterN: new Uint16Array(rows),
    importerN: new Uint16Array(rows),
    productN: new Uint16Array(rows),
    valueN: new Float64Array(rows),
  };
  const sorted = await connection.stream('SELECT * FROM flow ORDER BY exporter, importer, product');
  for (let n = 0; ; ) {
    const chunk = await sorted.fetchChunk();
    if (!chunk || chunk.rowCount === 0) return flows;
    const [exporter, importer, product, value] = chunk.getColumns() as [string[], string[], string[], number[]];
    for (let row = 0; row < chunk.rowCount; row++, n++) {
      flows.exporterN[n] = countries.at.get(exporter[row]!)!;
      flows.importerN[n] = countries.at.get(importer[row]!)!;
      flows.productN[n] = products.at.get(product[row]!)!;
      flows.valueN[n] = value[row]!;
    }
  }
}
