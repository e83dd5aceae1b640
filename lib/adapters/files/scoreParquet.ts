import { join } from 'node:path';
import type { DuckDBAppender } from '@duckdb/node-api';
import type { WriteScoreTable } from '../../ports/scoreTable.ts';
import { literal, withDatabase } from './database.ts';

/** Scores as zstd Parquet, in the columns of the lake's table `scores` (infra/lakeTables.ts). Amounts that there are not are null. */
export const scoreParquet: WriteScoreTable = (folder, run, rows) =>
  withDatabase(folder, async (db) => {
    await db.run(`CREATE TABLE scores (run VARCHAR, exporter VARCHAR, importer VARCHAR, product VARCHAR, basis VARCHAR, score DOUBLE,
      opportunity_usd DOUBLE, probability DOUBLE, actual_usd DOUBLE, potential_usd DOUBLE, unrealised_usd DOUBLE, confidence VARCHAR)`);
    const appender = await db.createAppender('scores');
    let count = 0;
    for await (const { exporter, importerN, productN, basisN, confidenceN, ...numbers } of rows) {
      const { scoreN, opportunityUsdN, probabilityN, actualUsdN, potentialUsdN, unrealisedUsdN } = numbers;
      for (let n = 0; n < importerN.length; n++) {
        for (const text of [run, exporter, importerN[n], productN[n], basisN[n]]) appender.appendVarchar(text ?? '');
        for (const column of [scoreN, opportunityUsdN, probabilityN, actualUsdN, potentialUsdN, unrealisedUsdN])
          append(appender, column[n] ?? Number.NaN);
        appender.appendVarchar(confidenceN[n] ?? '');
        appender.endRow();
      }
      count += importerN.length;
    }
    appender.closeSync();
    const path = join(folder, 'scores.parquet');
    await db.run(`COPY scores TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`);
    return { path, rows: count };
  });

function append(appender: DuckDBAppender, value: number): void {
  if (Number.isNaN(value)) appender.appendNull();
  else appender.appendDouble(value);
}
