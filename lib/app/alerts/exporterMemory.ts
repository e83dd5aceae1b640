import type { Cause, RunMaking } from '../../core/alerts/causes.ts';
import { causesBetween } from '../../core/alerts/causes.ts';
import { type AlertCells, type CellMemory, type MarketMemory, MEMORY_ARRAYS } from '../../core/alerts/cells.ts';
import { type CellChanges, compareCells, firstMemory } from '../../core/alerts/compareCells.ts';
import { compareMarkets, firstMarkets, type MarketChanges } from '../../core/alerts/compareMarkets.ts';
import type { Markets } from '../../core/alerts/markets.ts';
import { decodeArrays, encodeArrays } from '../../core/arrays.ts';
import { GRADES } from '../../core/scoring/confidence.ts';
import { noiseSd } from '../../core/scoring/dispersion.ts';
import { BASES } from '../../core/scoring/scoredCells.ts';
import { confidenceAt, type RunEvidence } from '../cellConfidence.ts';
import { basisOf, type CellBlock, easeOf, MEASURES } from '../layout/cells.ts';
import type { Published } from '../layout/publishedScores.ts';

/** What is remembered of an exporter between runs: enough to say what changed once the pages of the run are gone. */
export interface ExporterMemory {
  readonly about: {
    readonly run: string;
    readonly making: RunMaking;
    readonly countries: readonly string[];
    readonly products: readonly string[];
  };
  readonly cells: CellMemory & MarketMemory;
  /** v_ik, what the exporter sells of each product, USD */
  readonly valueP: Float64Array;
}

/** An exporter in one run, as alerts look at it. */
export interface ExporterNow {
  readonly published: Published;
  readonly code: string;
  /** position on the run's axis; −1 when the run does not know it */
  readonly exporter: number;
  readonly cells: AlertCells;
  readonly valueP: Float64Array;
}

/** How an exporter changed between the memory and a run. */
export interface ExporterChanges {
  readonly before: ExporterMemory;
  readonly now: ExporterNow;
  readonly after: ExporterMemory;
  readonly cells: CellChanges;
  readonly markets: MarketChanges;
  readonly causes: readonly Cause[];
}

export const memoryKey = (exporter: string, run: string) => `alerts/${exporter}/${run}.bin`;

/** Reads all opportunities of an exporter. One that the run does not know, or that exports nothing, has none. */
export async function readExporterNow(published: Published, code: string): Promise<ExporterNow> {
  const { world } = published;
  const reader = published.exporter(code);
  const exporter = world.countries.codes.indexOf(code);
  const facts = exporter < 0 ? null : await reader.facts();
  const blocks: CellBlock[] = [];
  if (facts) for await (const block of reader.everything()) blocks.push(block);
  return {
    published,
    code,
    exporter,
    cells: cellsOf(blocks, published.evidence),
    valueP: facts?.valueP ?? new Float64Array(world.products.codes.length),
  };
}

/** Pages side by side, as columns. */
function cellsOf(blocks: readonly CellBlock[], evidence: RunEvidence): AlertCells {
  const count = blocks.reduce((sum, { scoreN }) => sum + scoreN.length, 0);
  const f32 = () => new Float32Array(count);
  const cells = {
    importerN: new Uint16Array(count),
    productN: new Uint16Array(count),
    basisN: new Uint8Array(count),
    flagN: new Uint8Array(count),
    gradeN: new Uint8Array(count),
    scoreN: f32(),
    worthN: f32(),
    feasibilityN: f32(),
    potentialN: f32(),
    unrealisedN: f32(),
    sizeN: f32(),
    actualN: new Float64Array(count),
    easeN: f32(),
  };
  let at = 0;
  for (const block of blocks) {
    cells.importerN.set(block.importerN, at);
    cells.productN.set(block.productN, at);
    cells.scoreN.set(block.scoreN, at);
    cells.flagN.set(block.flagN, at);
    for (let n = 0; n < block.scoreN.length; n++, at++) {
      cells.basisN[at] = BASES.indexOf(basisOf(block, n));
      cells.worthN[at] = MEASURES.opportunityUsd(block, n);
      cells.feasibilityN[at] = MEASURES.feasibility(block, n);
      cells.potentialN[at] = MEASURES.potentialUsd(block, n);
      cells.unrealisedN[at] = MEASURES.unrealisedUsd(block, n);
      cells.sizeN[at] = MEASURES.sizeUsd(block, n);
      cells.actualN[at] = MEASURES.actualUsd(block, n);
      cells.easeN[at] = easeOf(block, n);
      cells.gradeN[at] = GRADES.indexOf(confidenceAt(evidence, block, n).grade);
    }
  }
  return cells;
}

const aboutOf = ({ run, manifest, world }: Published): ExporterMemory['about'] => ({
  run,
  making: {
    codeVersion: manifest.codeVersion,
    settings: manifest.settings,
    inputs: manifest.inputs.map(({ year, contentHash }) => ({ year, contentHash })),
    covariates: manifest.covariates.map(({ measure, contentHash }) => ({ measure, contentHash })),
    rankedBy: JSON.stringify(world.foresight),
  },
  countries: world.countries.codes,
  products: world.products.codes,
});

/** The memory of an exporter seen for the first time: nothing has changed. */
export const firstExporterMemory = (now: ExporterNow, known: Markets | null): ExporterMemory => ({
  about: aboutOf(now.published),
  cells: { ...firstMemory(now.cells), ...firstMarkets(now.exporter, now.cells, known) },
  valueP: now.valueP,
});

/** What changed since a memory was made, and the memory after it. */
export function compareExporter(before: ExporterMemory, now: ExporterNow, known: Markets | null): ExporterChanges {
  const { world, manifest } = now.published;
  const shift = shiftOf(before.about, world.countries.codes, world.products.codes);
  const axes = { importers: world.countries.codes.length, products: world.products.codes.length };
  const noise = (product: number, potential: number) => noiseSd(world.noise, product, potential);
  const kept = manifest.settings.extensiveKept;
  const cells = compareCells(
    before.cells,
    now.cells,
    axes,
    shift,
    noise,
    typeof kept === 'number' ? kept : Number.POSITIVE_INFINITY,
  );
  const behind = compareMarkets(now.exporter, before.cells, now.cells, cells.changes, shift, known);
  const about = aboutOf(now.published);
  return {
    before,
    now,
    after: { about, cells: { ...cells.memory, ...behind.memory }, valueP: now.valueP },
    cells: cells.changes,
    markets: behind.changes,
    causes: causesBetween(before.about.making, about.making),
  };
}

/** Where the codes of a memory are on the axes of a run; null when the axes are the same. */
function shiftOf(
  { countries, products }: ExporterMemory['about'],
  nowCountries: readonly string[],
  nowProducts: readonly string[],
) {
  const same = (a: readonly string[], b: readonly string[]) =>
    a.length === b.length && a.every((code, n) => code === b[n]);
  if (same(countries, nowCountries) && same(products, nowProducts)) return null;
  const positions = (codes: readonly string[], on: readonly string[]) => {
    const at = new Map(on.map((code, n) => [code, n]));
    return Int32Array.from(codes, (code) => at.get(code) ?? -1);
  };
  return { importerM: positions(countries, nowCountries), productP: positions(products, nowProducts) };
}

export const encodeMemory = ({ about, cells, valueP }: ExporterMemory): Uint8Array =>
  encodeArrays(about, { ...Object.fromEntries(MEMORY_ARRAYS.map((name) => [name, cells[name]])), valueP });

export function decodeMemory(bytes: Uint8Array): ExporterMemory {
  const { meta, arrays } = decodeArrays<ExporterMemory['about'], string>(bytes);
  const { valueP, ...cells } = arrays;
  // a memory of a release that did not know confidence: the worst grade, so that nobody hears of less than was asked for
  cells.gradeN ??= new Uint8Array(cells.scoreN?.length ?? 0).fill(GRADES.length - 1);
  return { about: meta, cells: cells as unknown as ExporterMemory['cells'], valueP: valueP as Float64Array };
}
