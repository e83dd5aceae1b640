import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { literal, withDatabase } from '../../../lib/adapters/files/database.ts';
import { scratchFolder } from '../../../lib/adapters/files/scratchFolder.ts';
import { loadCovariates } from '../../../lib/app/runCovariates.ts';
import { density } from '../../../lib/core/complexity/density.ts';
import { presence } from '../../../lib/core/complexity/presence.ts';
import { minimumProximitySums } from '../../../lib/core/complexity/proximitySums.ts';
import { entryContext } from '../../../lib/core/entry/entryContext.ts';
import { type EntryCovariates, entryCovariates } from '../../../lib/core/entry/entryCovariates.ts';
import { shippedEntryModel } from '../../../lib/core/entry/shippedEntryModel.ts';
import { SHIPPED_GROWTH_MODEL } from '../../../lib/core/growth/shippedGrowthModel.ts';
import { pairColumnsOf } from '../../../lib/core/potential/pairColumns.ts';
import { type Foreseen, foresee, KINDS } from '../../../lib/core/scoring/foreseen.ts';
import { unrealisedRaw } from '../../../lib/core/scoring/unrealised.ts';
import type { Flows } from '../../../lib/core/trade/flows.ts';
import { exportsMatrix } from '../../../lib/core/trade/tradeMatrix.ts';
import { command, Stop, UsageError } from '../command.ts';
import { type InMemoryRun, inMemoryRun } from '../inMemoryRun.ts';
import { count, seconds, type Terminal } from '../terminal.ts';

/** How many cells of each kind are written of an exporter, the best first, unless all are asked for. */
const TOP = 1_000;
const HEADER =
  'exporter,importer,product,actualUsd,potentialUsd,unrealisedUsd,probability,opportunityUsd,score,basis\n';

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
  actualUsd, potentialUsd     what is sold, and what the three-way fit would have; unrealisedUsd is the rest, at least 0
  probability                 that an empty cell holds 100,000 USD seven years later; empty for a cell that is not
  opportunityUsd              expected gain: probability times worth of an empty cell, expected growth of another
  score                       percentile 0-100 of the opportunity within exporter and basis
  basis                       ${KINDS.join(', ')}

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
    const read = await inMemoryRun([...(values.covariates?.split(',') ?? []), ...paths], screen);
    const { flows, manifest } = read;
    const exporters = askedFor(flows, values.exporters);

    const fitting = screen.step('fit', 'three-way fits, gravity, similarities');
    const covariates = await covariatesOf(read, screen);
    const entry = shippedEntryModel(covariates !== null);
    if (manifest.level !== entry.trainedOn.level)
      screen.complain(
        `products have ${manifest.level} digits, the shipped models were trained on ${entry.trainedOn.level}: take probabilities as ranks`,
      );
    const exporterPresence = presence(exportsMatrix(flows));
    const context = entryContext(flows, {
      density: density(exporterPresence, minimumProximitySums(exporterPresence, 0)),
      covariates,
    });
    const foreseenOf = foresee(context, { entry, growth: SHIPPED_GROWTH_MODEL });
    fitting.drop();

    const writing = screen.step('score');
    let cells = 0;
    function* pieces(): Generator<string> {
      yield HEADER;
      for (const [done, exporter] of exporters.entries()) {
        writing.say(`${flows.countries.codes[exporter]}, ${done + 1} of ${exporters.length}`);
        const foreseen = foreseenOf(exporter);
        const rows = values.all ? foreseen.scoreN.keys() : best(foreseen);
        const lines: string[] = [];
        for (const n of rows) lines.push(lineOf(flows, exporter, foreseen, n));
        cells += lines.length;
        yield lines.join('');
      }
    }
    if (form === 'parquet') await asParquet(pieces(), out);
    else if (form === 'csv.gz')
      await pipeline(Readable.from(pieces()), createGzip({ level: 4 }), createWriteStream(out));
    else await pipeline(Readable.from(pieces()), createWriteStream(out));
    writing.drop();
    screen.print(
      `${out}: ${count(cells)} cells of ${count(exporters.length)} exporters, ${manifest.years.join(', ')}, ${seconds(performance.now() - started)}`,
    );
    return 0;
  },
});

/** What the files say beside trade; null where no distance is known, and why if any were named. */
async function covariatesOf(
  { artifacts, run, flows, manifest }: InMemoryRun,
  screen: Terminal,
): Promise<EntryCovariates | null> {
  if (manifest.covariates.length === 0) return null;
  const known = await loadCovariates(artifacts, run);
  const pairs = pairColumnsOf(known);
  if (!pairs) screen.complain('no distance between these countries is known: entries are foreseen from trade alone');
  else if (pairs.unknown.length > 0)
    screen.complain(
      `gravity without ${pairs.unknown.join(', ')}, which too few pairs have: the shipped model was trained with it`,
    );
  return entryCovariates(flows, known);
}

function askedFor({ countries, exporterN }: Flows, codes: string | undefined): number[] {
  const known = [...new Set(exporterN)].sort((a, b) => a - b);
  if (codes === undefined) return known;
  const wanted = [...new Set(codes.split(',').map((code) => code.trim().toUpperCase()))];
  const absent = wanted.filter((code) => !known.includes(countries.at.get(code) ?? -1));
  if (absent.length > 0) throw new Stop(`--exporters: there are no flows of ${absent.join(', ')}`);
  return wanted.map((code) => countries.at.get(code) ?? 0).sort((a, b) => a - b);
}

/** The best cells of each kind, in the order of cells. */
function best({ kindN, scoreN }: Foreseen): number[] {
  const cellsK = KINDS.map((_, kind) => kindN.reduce((sum, own) => sum + (own === kind ? 1 : 0), 0));
  // score = 100 (n − rank) / n
  const leastK = cellsK.map((cells) => (100 * (cells - TOP)) / cells + 1e-9);
  return Array.from(scoreN.keys()).filter((n) => (scoreN[n] ?? 0) > (leastK[kindN[n] ?? 0] ?? 0));
}

function lineOf({ countries, products }: Flows, exporter: number, foreseen: Foreseen, n: number): string {
  const [actual, potential] = [foreseen.actualN[n] ?? 0, foreseen.potentialN[n] ?? 0];
  const probability = foreseen.probabilityN[n] ?? Number.NaN;
  return `${[
    countries.codes[exporter],
    countries.codes[foreseen.importerN[n] ?? 0],
    products.codes[foreseen.productN[n] ?? 0],
    usd(actual),
    usd(potential),
    usd(unrealisedRaw(potential, actual)),
    Number.isNaN(probability) ? '' : probability.toPrecision(7),
    usd(foreseen.opportunityN[n] ?? 0),
    (foreseen.scoreN[n] ?? 0).toFixed(4),
    KINDS[foreseen.kindN[n] ?? 0],
  ].join()}\n`;
}

/** Cents are more than trade knows. */
const usd = (value: number) => String(Math.round(value * 100) / 100);

/** Through a text file of its own, which DuckDB streams into Parquet: nothing has to fit memory. */
async function asParquet(pieces: Iterable<string>, out: string): Promise<void> {
  await scratchFolder(async (folder) => {
    const text = join(folder, 'scores.csv');
    await pipeline(Readable.from(pieces), createWriteStream(text));
    await withDatabase(folder, async (db) => {
      await db.run(`COPY (FROM read_csv(${literal(text)}, header = true, columns = {exporter: 'VARCHAR', importer: 'VARCHAR', product: 'VARCHAR',
        actualUsd: 'DOUBLE', potentialUsd: 'DOUBLE', unrealisedUsd: 'DOUBLE', probability: 'DOUBLE', opportunityUsd: 'DOUBLE', score: 'DOUBLE', basis: 'VARCHAR'}))
        TO ${literal(out)} (FORMAT parquet, COMPRESSION zstd)`);
    });
  });
}
