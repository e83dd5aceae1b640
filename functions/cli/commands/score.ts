import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { literal, withDatabase } from '../../../lib/adapters/files/database.ts';
import { scratchFolder } from '../../../lib/adapters/files/scratchFolder.ts';
import { density } from '../../../lib/core/complexity/density.ts';
import { presence } from '../../../lib/core/complexity/presence.ts';
import { minimumProximitySums } from '../../../lib/core/complexity/proximitySums.ts';
import { entryContext } from '../../../lib/core/entry/entryContext.ts';
import { SHIPPED_ENTRY_MODEL } from '../../../lib/core/entry/shippedEntryModel.ts';
import { SHIPPED_GROWTH_MODEL } from '../../../lib/core/growth/shippedGrowthModel.ts';
import { type Foreseen, foresee, KINDS } from '../../../lib/core/scoring/foreseen.ts';
import { unrealisedRaw } from '../../../lib/core/scoring/unrealised.ts';
import type { Flows } from '../../../lib/core/trade/flows.ts';
import { exportsMatrix } from '../../../lib/core/trade/tradeMatrix.ts';
import { command, Stop, UsageError } from '../command.ts';
import { inMemoryRun } from '../inMemoryRun.ts';
import { count, seconds } from '../terminal.ts';

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

  portolan score BACI_HS17_Y2022.csv.gz --out scores.parquet
  portolan score flows.csv.gz --all --exporters MEX,PER --out scores.csv.gz

Probabilities and gains are those of the shipped models: trained on HS4, 2017 to 2024. At another level of products they rank, and are no probabilities.`,
  async run(paths, values, screen) {
    const { out } = values;
    if (out === undefined) throw new UsageError('score: --out FILE is missing: where should the scores go?');
    const form = /\.(csv|csv\.gz|parquet)$/i.exec(out)?.[1]?.toLowerCase();
    if (form === undefined)
      throw new UsageError(`score: --out ${out}: expected a name that ends in .csv, .csv.gz or .parquet`);
    const started = performance.now();
    const { flows, manifest } = await inMemoryRun(paths, screen);
    const exporters = askedFor(flows, values.exporters);
    if (manifest.level !== SHIPPED_ENTRY_MODEL.trainedOn.level)
      screen.complain(
        `products have ${manifest.level} digits, the shipped models were trained on ${SHIPPED_ENTRY_MODEL.trainedOn.level}: take probabilities as ranks`,
      );

    const fitting = screen.step('fit', 'three-way fits, similarities');
    const exporterPresence = presence(exportsMatrix(flows));
    const context = entryContext(flows, {
      density: density(exporterPresence, minimumProximitySums(exporterPresence, 0)),
    });
    const foreseenOf = foresee(context, { entry: SHIPPED_ENTRY_MODEL, growth: SHIPPED_GROWTH_MODEL });
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
