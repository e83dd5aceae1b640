import { createWriteStream } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { literal, withDatabase } from '../../../lib/adapters/files/database.ts';
import { scratchFolder } from '../../../lib/adapters/files/scratchFolder.ts';
import { loadCovariates } from '../../../lib/app/runCovariates.ts';
import type { Covariates } from '../../../lib/core/covariates/covariates.ts';
import { shippedEntryModel } from '../../../lib/core/entry/shippedEntryModel.ts';
import { pairColumnsOf } from '../../../lib/core/potential/pairColumns.ts';
import { BASES } from '../../../lib/core/scoring/scoredCells.ts';
import type { Flows } from '../../../lib/core/trade/flows.ts';
import { command, Stop, UsageError } from '../command.ts';
import { type InMemoryRun, inMemoryRun } from '../inMemoryRun.ts';
import { SCORE_HEADER } from '../score/scoreRows.ts';
import { shared } from '../score/shared.ts';
import type { ScoringGround } from '../score/tasks.ts';
import { anyOf, inTurns, type ScoreThread, scoreThreads } from '../score/threads.ts';
import { count, seconds, type Terminal } from '../terminal.ts';

/** How many cells of each basis are written of an exporter, the best first, unless all are asked for. */
const TOP = 1_000;
/** Fewer exporters, or smaller files, are scored before threads have begun. */
const FEW_EXPORTERS = 16;
const SMALL_BYTES = 50_000;

export const score = command({
  name: 'score',
  summary: 'Scores cells of exporter, product and importer and writes them to a file, without a service.',
  operands: 'FILE…',
  atLeast: 1,
  atMost: Number.POSITIVE_INFINITY,
  options: {
    covariates: {
      value: 'FILES',
      help: 'distances, coordinates, agreements, comma-separated: entries are foreseen better with them',
    },
    out: { value: 'FILE', help: 'where to write: .csv, .csv.gz or .parquet; needed' },
    all: {
      help: `every cell whose importer buys the product; else the best ${count(TOP)} of each basis of an exporter`,
    },
    exporters: { value: 'CODES', help: 'score only these, comma-separated' },
  },
  details: `FILE are files as they would be dropped: trade, and names or covariates if there are any. One row a cell, exporter by exporter:

  exporter,importer,product   codes
  actualUsd, potentialUsd     what is sold, and what the three-way fit would have; unrealisedUsd is the rest, at least 0;
                              empty where nothing is estimated: a new product, a pair that never traded
  probability                 that an empty cell holds 100,000 USD seven years later; empty for a cell that is not
  score                       percentile 0-100 of the expected gain within exporter and basis
  basis                       ${BASES.join(', ')}
  opportunityUsd              the expected gain: probability times worth of an empty cell, expected growth of another

  portolan score BACI_HS17_Y2022.csv.gz --covariates dist_cepii.csv,geo_cepii.csv,agreements.csv --out scores.parquet
  portolan score flows.csv.gz --all --exporters MEX,PER --out scores.csv.gz

Where distances are known, a model with gravity and near countries is used, else one of trade alone. Probabilities and gains are those of the shipped models: trained on HS4, 2017 to 2024. At another level of products they rank, and are no probabilities.`,
  async run(paths, values, screen) {
    const { out } = values;
    if (out === undefined) throw new UsageError('score: --out FILE is missing: where should the scores go?');
    const form = /\.(csv|csv\.gz|parquet)$/i.exec(out)?.[1]?.toLowerCase();
    if (form === undefined)
      throw new UsageError(`score: --out ${out}: expected a name that ends in .csv, .csv.gz or .parquet`);
    const started = performance.now();
    // threads begin while files are read
    const few = values.exporters !== undefined && values.exporters.split(',').length < FEW_EXPORTERS;
    const threads = scoreThreads(few || (await isSmall(paths)) ? 1 : availableParallelism());
    try {
      const read = await inMemoryRun([...paths, ...(values.covariates?.split(',') ?? [])], screen);
      const { manifest } = read;
      const flows = shared(read.flows);
      const exporters = askedFor(flows, values.exporters);

      const known = await covariatesOf(read, screen);
      const entry = shippedEntryModel(known !== null);
      if (manifest.level !== entry.trainedOn.level)
        screen.complain(
          `products have ${manifest.level} digits, the shipped models were trained on ${entry.trainedOn.level}: take probabilities as ranks`,
        );

      const fitting = screen.step('fit', 'three-way fits, gravity, similarities');
      const top = values.all ? Number.POSITIVE_INFINITY : TOP;
      const ground = { ...(await fitted(threads, flows, known)), top };
      await Promise.all(threads.map((thread) => thread.ask('begin', ground)));
      fitting.drop();

      const writing = screen.step('score');
      let cells = 0;
      const rows = inTurns(threads, exporters.length, (thread, at) => thread.ask('rows', exporters[at] ?? 0));
      async function* pieces(): AsyncGenerator<Uint8Array> {
        yield new TextEncoder().encode(SCORE_HEADER);
        let done = 0;
        for await (const { text, cells: own } of rows) {
          writing.say(`${flows.countries.codes[exporters[done] ?? 0]}, ${++done} of ${exporters.length}`);
          cells += own;
          yield text;
        }
      }
      if (form === 'parquet') await asParquet(pieces(), out);
      else if (form === 'csv.gz') await pipeline(copies(pieces()), createGzip({ level: 4 }), createWriteStream(out));
      else await writeFile(out, pieces());
      writing.drop();
      screen.print(
        `${out}: ${count(cells)} cells of ${count(exporters.length)} exporters, ${manifest.years.join(', ')}, ${seconds(performance.now() - started)}`,
      );
      return 0;
    } finally {
      await Promise.all(threads.map((thread) => thread.end()));
    }
  },
});

/** All fits, by whichever thread is free, the longest first. */
async function fitted(
  threads: readonly ScoreThread[],
  flows: Flows,
  known: Covariates | null,
): Promise<Omit<ScoringGround, 'top'>> {
  const crew = anyOf(threads);
  const [covariates, threeWay, roots, fourthRoots, largeFlows, anyFlows, alike] = await Promise.all([
    known && crew.ask('entryCovariates', flows, known),
    crew.ask('threeWayFit', flows),
    crew.ask('dampedFit', 'roots', flows),
    crew.ask('dampedFit', 'fourthRoots', flows),
    crew.ask('dampedFit', 'largeFlows', flows),
    crew.ask('dampedFit', 'anyFlows', flows),
    crew.ask('whoIsAlike', flows),
  ]);
  const prepared = { fits: { roots, fourthRoots, largeFlows, anyFlows }, ...alike };
  return { flows, threeWay, prepared, covariates };
}

async function isSmall(paths: readonly string[]): Promise<boolean> {
  const sizes = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0) < SMALL_BYTES;
}

/** What the files say beside trade; null where no distance is known. Says what is missing if any file was named. */
async function covariatesOf({ artifacts, run, manifest }: InMemoryRun, screen: Terminal): Promise<Covariates | null> {
  if (manifest.covariates.length === 0) return null;
  const known = await loadCovariates(artifacts, run);
  const pairs = pairColumnsOf(known);
  if (!pairs) {
    screen.complain('no distance between these countries is known: entries are foreseen from trade alone');
    return null;
  }
  if (pairs.unknown.length > 0)
    screen.complain(
      `gravity without ${pairs.unknown.join(', ')}, which too few pairs have: the shipped model was trained with it`,
    );
  return known;
}

function askedFor({ countries, exporterN }: Flows, codes: string | undefined): number[] {
  const known = [...new Set(exporterN)].sort((a, b) => a - b);
  if (codes === undefined) return known;
  const wanted = [...new Set(codes.split(',').map((code) => code.trim().toUpperCase()))];
  const absent = wanted.filter((code) => !known.includes(countries.at.get(code) ?? -1));
  if (absent.length > 0) throw new Stop(`--exporters: there are no flows of ${absent.join(', ')}`);
  return wanted.map((code) => countries.at.get(code) ?? 0).sort((a, b) => a - b);
}

/** For who takes pieces before the one before is done with: each would be overwritten. */
async function* copies(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield piece.slice();
}

/** Through a text file of its own, which DuckDB streams into Parquet: nothing has to fit memory. */
async function asParquet(pieces: AsyncIterable<Uint8Array>, out: string): Promise<void> {
  await scratchFolder(async (folder) => {
    const text = join(folder, 'scores.csv');
    await writeFile(text, pieces);
    await withDatabase(folder, async (db) => {
      await db.run(`COPY (FROM read_csv(${literal(text)}, header = true, columns = {exporter: 'VARCHAR', importer: 'VARCHAR', product: 'VARCHAR',
        actualUsd: 'DOUBLE', potentialUsd: 'DOUBLE', unrealisedUsd: 'DOUBLE', probability: 'DOUBLE', score: 'DOUBLE', basis: 'VARCHAR', opportunityUsd: 'DOUBLE'}))
        TO ${literal(out)} (FORMAT parquet, COMPRESSION zstd)`);
    });
  });
}
