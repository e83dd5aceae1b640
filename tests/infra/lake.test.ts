import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { literal, rows, withDatabase } from '../../lib/adapters/files/database.ts';
import { scratchFolder } from '../../lib/adapters/files/scratchFolder.ts';
import { TABLE_KEYS } from '../../lib/app/tabulateRun.ts';
import { service } from '../app/service.fixture.ts';
import { readDrop } from '../ports/files/reading.ts';
import { templates } from './templates.ts';

type World = ReturnType<typeof service>;

/** The tables of the lake over files of the same layout, as Athena would see them, and the shipped queries. */
function inSql<T>(
  world: World,
  use: (db: DuckDBConnection, query: (name: string) => string) => Promise<T>,
): Promise<T> {
  return scratchFolder(async (folder) => {
    for await (const { key } of world.lake.list('curated/')) {
      if (!/^curated\/(?:flows|scores|published)\//.test(key)) continue;
      mkdirSync(join(folder, dirname(key)), { recursive: true });
      writeFileSync(join(folder, key), (await world.lake.get(key)) as Uint8Array);
    }
    const at = (glob: string) => literal(join(folder, 'curated', glob));
    return withDatabase(folder, async (db) => {
      await db.run(`CREATE VIEW scores AS FROM read_parquet(${at('scores/*.parquet')})`);
      await db.run(
        `CREATE VIEW published AS FROM read_json(${at('published/*.json')}, columns = {run: 'VARCHAR', previous: 'VARCHAR', published_at: 'VARCHAR'})`,
      );
      return use(db, (name) =>
        readFileSync(join(import.meta.dirname, `../../infra/queries/${name}.sql`), 'utf8').replace(/;\s*$/, ''),
      );
    });
  });
}

interface Item {
  product: string;
  importer: string;
  basis: string;
  score: number;
}

describe('the scores of a run as a table in the lake', () => {
  it('are those that the API gives, in the columns of the template', async () => {
    const world = service();
    await world.drop('a', 2020, 1);
    const run = await world.publish();
    const { outcome, rows: count } = await run.tabulate();
    expect(outcome).toBe('tabulated');
    expect(count).toBeGreaterThan(15);
    await inSql(world, async (db) => {
      const columns = await rows<{ column_name: string; column_type: string }>(db, 'DESCRIBE scores');
      const table = templates('dev')
        .ofType('AWS::Glue::Table')
        .find(({ id }) => id === 'Scores');
      const stated = table?.Properties.TableInput.StorageDescriptor.Columns as { Name: string; Type: string }[];
      expect(columns.map(({ column_name, column_type }) => [column_name, column_type])).toEqual(
        stated.map(({ Name, Type }) => [Name, Type === 'string' ? 'VARCHAR' : 'DOUBLE']),
      );
      const [{ exporter } = { exporter: '' }] = await rows<{ exporter: string }>(
        db,
        'SELECT exporter FROM scores GROUP BY exporter ORDER BY count(*) DESC, exporter LIMIT 1',
      );
      const told = (await world.ask(`/v1/opportunities?exporter=${exporter}&limit=500`)).json<Item>().items;
      const found = await rows<Item>(
        db,
        `SELECT product, importer, basis, score FROM scores WHERE exporter = '${exporter}' ORDER BY product, importer`,
      );
      const sorted = (items: readonly Item[]) =>
        items
          .map(({ product, importer, basis, score }) => `${product} ${importer} ${basis} ${score.toFixed(2)}`)
          .toSorted();
      expect(sorted(found)).toEqual(expect.arrayContaining(sorted(told)));
      expect(told.length).toBeGreaterThan(3);
      const unsold = await rows<{ n: bigint }>(
        db,
        "SELECT count(*) AS n FROM scores WHERE basis = 'newProduct' AND potential_usd IS NOT NULL",
      );
      expect(Number(unsold[0]?.n)).toBe(0);
    });
  });

  it('are the same bytes when they are made again, and not told as current when another run is', async () => {
    const world = service();
    await world.drop('a', 2020, 1);
    const first = await world.publish();
    await first.tabulate();
    const bytes = await world.lake.get(TABLE_KEYS.scores(first.run));
    await first.tabulate();
    expect(await world.lake.get(TABLE_KEYS.scores(first.run))).toEqual(bytes);

    await world.drop('b', 2021, 2);
    const second = await world.publish();
    expect(await first.tabulate()).toMatchObject({ outcome: 'overtaken', rows: 0 });
    // the pointer moves while the table is written
    let asked = 0;
    const pointer = async () => (asked++ === 0 ? world.catalog.pointer() : null);
    expect(await second.tabulate({ pointer })).toMatchObject({ outcome: 'overtaken' });
    const published = new TextDecoder().decode((await world.lake.get(TABLE_KEYS.published)) ?? undefined);
    expect(JSON.parse(published)).toMatchObject({ run: first.run, previous: null });
    await second.tabulate();
    const now = new TextDecoder().decode((await world.lake.get(TABLE_KEYS.published)) ?? undefined);
    expect(JSON.parse(now)).toMatchObject({ run: second.run, previous: first.run });
  });
});

describe('the queries that come with the lake', () => {
  it('find the best opportunities, and what came and went between two runs', async () => {
    const world = service();
    await world.drop('a', 2020, 1);
    await (await world.publish()).tabulate();
    await world.drop('a', 2020, 3);
    const second = await world.publish();
    await second.tabulate();
    await inSql(world, async (db, query) => {
      const [{ exporter } = { exporter: '' }] = await rows<{ exporter: string }>(
        db,
        `SELECT exporter FROM scores WHERE run = '${second.run}' GROUP BY exporter ORDER BY count(*) DESC, exporter LIMIT 1`,
      );
      const best = await rows<Item>(db, query('topOpportunities').replaceAll("'MEX'", `'${exporter}'`));
      const told = (await world.ask(`/v1/opportunities?exporter=${exporter}&limit=50`)).json<Item>().items;
      expect(best[0]?.score).toBeCloseTo(told[0]?.score ?? Number.NaN, 2);
      expect(best.map(({ score }) => score)).toEqual(best.map(({ score }) => score).toSorted((a, b) => b - a));

      const compared = await rows<{
        exporter: string;
        now_usd: number;
        before_usd: number;
        came: number;
        went: number;
      }>(db, query('runComparison'));
      // the same numbers, counted in another way
      for (const { exporter: of, now_usd, came, went } of compared) {
        const cells = async (run: string) =>
          new Map(
            (
              await rows<{ cell: string; usd: number }>(
                db,
                `SELECT importer || product AS cell, opportunity_usd AS usd FROM scores WHERE run = ${run} AND exporter = '${of}'`,
              )
            ).map(({ cell, usd }) => [cell, usd]),
          );
        const now = await cells('(SELECT run FROM published)');
        const before = await cells('(SELECT previous FROM published)');
        expect(now_usd ?? 0).toBeCloseTo(
          [...now.values()].reduce((sum, usd) => sum + usd, 0),
          2,
        );
        expect(Number(came)).toBe([...now.keys()].filter((cell) => !before.has(cell)).length);
        expect(Number(went)).toBe([...before.keys()].filter((cell) => !now.has(cell)).length);
      }
      expect(compared.some(({ came }) => Number(came) > 0)).toBe(true);
    });
  });

  it('tell the history of a pair from flows as ingest stores them', () =>
    scratchFolder(async (folder) => {
      const text = [
        'year,exporter,importer,product,valueUsd',
        '2020,MEX,USA,0101,5',
        '2020,MEX,USA,0202,7',
        '2021,MEX,USA,0101,11',
        '2021,USA,MEX,0101,1',
      ];
      const [read] = await readDrop(new TextEncoder().encode(`${text.join('\n')}\n`), { fileName: 'tidy.csv' });
      if (read?.contents.kind !== 'flows') throw new Error('the file holds no flows');
      const { years, format } = read.contents;
      for (const [at, bytes] of read.parquet.entries()) {
        const into = join(folder, `curated/flows/source=${format}/year=${years[at]?.year}`);
        mkdirSync(into, { recursive: true });
        writeFileSync(join(into, 'a.parquet'), bytes);
      }
      const found = await withDatabase(folder, async (db) => {
        const files = literal(join(folder, 'curated/flows/*/*/*.parquet'));
        await db.run(
          `CREATE VIEW flows AS SELECT *, filename AS "$path" FROM read_parquet(${files}, hive_partitioning = true, filename = true)`,
        );
        const sql = readFileSync(join(import.meta.dirname, '../../infra/queries/pairHistory.sql'), 'utf8');
        return rows<{ year: bigint; source: string; products: bigint; value_usd: number }>(db, sql);
      });
      expect(
        found.map(({ year, source, products, value_usd }) => [Number(year), source, Number(products), value_usd]),
      ).toEqual([
        [2020, 'tidy', 2, 12],
        [2021, 'tidy', 1, 11],
      ]);
    }));

  it('are in the template as they were tried here', () => {
    const shipped = templates('dev').ofType('AWS::Athena::NamedQuery');
    expect(shipped.map(({ Properties }) => Properties.Name).sort()).toEqual([
      'pairHistory',
      'runComparison',
      'topOpportunities',
    ]);
    for (const { Properties } of shipped)
      expect(Properties.QueryString).toBe(
        readFileSync(join(import.meta.dirname, `../../infra/queries/${Properties.Name}.sql`), 'utf8'),
      );
  });
});
