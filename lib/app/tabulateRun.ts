import type { Catalog } from '../ports/catalog.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import type { PageStore } from '../ports/pageStore.ts';
import type { ScoreRows, WriteScoreTable } from '../ports/scoreTable.ts';
import type { Workspace } from '../ports/workspace.ts';
import { confidenceAt, type RunEvidence, runEvidence } from './cellConfidence.ts';
import { basisOf, type CellBlock, MEASURES } from './layout/cells.ts';
import { exporterReader } from './layout/readExporter.ts';
import { readWorld, type World } from './layout/worldPages.ts';
import { pointerTo } from './publishRun.ts';

/** Where the tables lie in the lake. One file a run; and one line that says which run is current, and which was before. */
export const TABLE_KEYS = {
  scores: (run: string) => `curated/scores/${run}.parquet`,
  published: 'curated/published/current.json',
} as const;

interface Deps {
  readonly lake: ObjectStore;
  readonly catalog: Catalog;
  readonly pages: PageStore;
  readonly write: WriteScoreTable;
  readonly workspace: Workspace;
}

/**
 * The tabulate step, last of a run: its scores once more as a table in the lake, for questions in SQL. The same run gives the same rows.
 * What says that they are current is written after them, and only while they are.
 */
export function tabulateRun({ lake, catalog, pages, write, workspace }: Deps) {
  return async ({
    run,
    slot,
  }: {
    run: string;
    slot: number;
  }): Promise<{ run: string; outcome: 'tabulated' | 'overtaken'; rows: number }> => {
    const [first, record] = await Promise.all([pointerTo(catalog, { run, slot }), catalog.getRun(run)]);
    if (!first || !record) return { run, outcome: 'overtaken', rows: 0 };
    const evidence = runEvidence(record.manifest.years, first.publishedAt);
    const rows = await workspace(async (folder) => {
      const table = await write(folder, run, everything(pages, run, slot, evidence));
      await lake.putFile(TABLE_KEYS.scores(run), table.path, 'application/vnd.apache.parquet');
      return table.rows;
    });
    // what was read was whole if the run still is the current one
    const pointer = await pointerTo(catalog, { run, slot });
    if (!pointer) return { run, outcome: 'overtaken', rows };
    const line = { run, previous: pointer.previous?.run ?? null, published_at: pointer.publishedAt };
    await lake.put(TABLE_KEYS.published, new TextEncoder().encode(`${JSON.stringify(line)}\n`), 'application/json');
    return { run, outcome: 'tabulated', rows };
  };
}

/** All opportunities of a run, exporter after exporter. */
async function* everything(
  pages: PageStore,
  run: string,
  slot: number,
  evidence: RunEvidence,
): AsyncGenerator<ScoreRows> {
  const world = await readWorld(pages, run, slot);
  for (const exporter of world.countries.codes) {
    const reader = exporterReader(pages, run, slot, exporter, world.products.codes.length);
    for await (const block of reader.everything()) yield rowsOf(exporter, block, world, evidence);
  }
}

function rowsOf(exporter: string, block: CellBlock, { countries, products }: World, evidence: RunEvidence): ScoreRows {
  const count = block.scoreN.length;
  const column = (measure: (block: CellBlock, n: number) => number) =>
    Float64Array.from({ length: count }, (_, n) => measure(block, n));
  /** an amount of what is sold already; a new product has none */
  const sold = (measure: (block: CellBlock, n: number) => number) =>
    column((of, n) => (n < of.actualI.length ? measure(of, n) : Number.NaN));
  return {
    exporter,
    importerN: Array.from(block.importerN, (m) => countries.codes[m] ?? ''),
    productN: Array.from(block.productN, (p) => products.codes[p] ?? ''),
    basisN: Array.from({ length: count }, (_, n) => basisOf(block, n)),
    scoreN: column(MEASURES.score),
    opportunityUsdN: column(MEASURES.opportunityUsd),
    probabilityN: column(MEASURES.feasibility),
    actualUsdN: column(MEASURES.actualUsd),
    potentialUsdN: sold(MEASURES.potentialUsd),
    unrealisedUsdN: sold(MEASURES.unrealisedUsd),
    confidenceN: Array.from({ length: count }, (_, n) => confidenceAt(evidence, block, n).grade),
  };
}
