import { existsSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { itemsOf } from '../../../lib/adapters/files/flowYears.ts';
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

const read = new Map<keyof typeof REAL_WORLDS, Promise<Flows>>();

/** A world as flows: sorted, one row a cell. Read once in a process; nobody changes it. */
export function realWorld(world: keyof typeof REAL_WORLDS): Promise<Flows> {
  const known = read.get(world) ?? reading(world);
  read.set(world, known);
  return known;
}

async function reading(world: keyof typeof REAL_WORLDS): Promise<Flows> {
  const { file, columns } = REAL_WORLDS[world];
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`CREATE TABLE flow AS SELECT exporter, importer, product, sum(value) AS value
    FROM (SELECT ${columns} FROM read_csv('${file}', all_varchar = true)) AS rows(exporter, importer, product, value)
    WHERE exporter <> importer AND value > 0 GROUP BY ALL`);
  // enumerations in the order of their codes: a code's number is its position on the axis
  const codes = async (type: string, query: string) => {
    await connection.run(`CREATE TYPE ${type} AS ENUM (${query} ORDER BY 1)`);
    const [column] = await (await connection.run(`SELECT unnest(enum_range(NULL::${type}))`)).getColumnsJS();
    return axis(column as string[]);
  };
  const countries = await codes('country', 'SELECT exporter FROM flow UNION SELECT importer FROM flow');
  const products = await codes('product', 'SELECT DISTINCT product FROM flow');
  const counted = await (await connection.run('SELECT count(*)::INTEGER FROM flow')).getRowsJS();
  const rows = Number(counted[0]?.[0]);
  const columnsN = {
    exporterN: new Uint16Array(rows),
    importerN: new Uint16Array(rows),
    productN: new Uint16Array(rows),
    valueN: new Float64Array(rows),
  };
  const position = (column: string, type: string) => `enum_code(${column}::${type})::USMALLINT`;
  const sorted = await connection.stream(
    `SELECT ${position('exporter', 'country')} AS e, ${position('importer', 'country')} AS m, ${position('product', 'product')} AS p, value
     FROM flow ORDER BY e, m, p`,
  );
  for (let n = 0; ; ) {
    const chunk = await sorted.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    for (const [at, column] of Object.values(columnsN).entries()) column.set(itemsOf(chunk, at), n);
    n += chunk.rowCount;
  }
  instance.closeSync();
  return { countries, products, ...columnsN };
}
