import { incomeElasticitiesOf } from '../core/covariates/elasticities.ts';
import type { Matrix } from '../core/matrix.ts';
import { pick } from '../core/pick.ts';
import { ofGroup } from '../core/potential/blend.ts';
import { exporterScores, type Foresight } from '../core/scoring/exporterScores.ts';
import { exposure } from '../core/scoring/staticIndex.ts';
import type { Catalog } from '../ports/catalog.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import type { Page, PageStore, WriteCost } from '../ports/pageStore.ts';
import { namesOf } from './dictionaries.ts';
import { exporterPages } from './layout/exporterPages.ts';
import { importerPages } from './layout/importerPages.ts';
import { exporterPrecedents, importerPrecedents, relativesPages } from './layout/precedentPages.ts';
import { type ImporterTariffs, tariffPages } from './layout/tariffPages.ts';
import { worldPages } from './layout/worldPages.ts';
import { loadProjection, type Projection } from './loadProjection.ts';
import { loadScoring, type Scoring } from './loadScoring.ts';
import { holdsLease } from './publishRun.ts';
import { artifactKeys } from './runArtifacts.ts';
import { loadForesight, type TrainedModels, type TrainingChoices } from './runEntry.ts';
import type { Settings } from './settings.ts';
import { type Shard, type ShardReceipt, shardName } from './shards.ts';

interface Task extends Shard {
  readonly run: string;
  readonly slot: number;
  readonly attempt: number;
}

interface Deps {
  readonly artifacts: ObjectStore;
  readonly lake: ObjectStore;
  readonly catalog: Catalog;
  readonly pages: PageStore;
  readonly settings: Settings;
  /** names of countries that no dropped dictionary names, by alpha-3 code */
  readonly countryNames: ReadonlyMap<string, string>;
}

/**
 * The score step: computes the pages of one shard and writes them into the run's slot, then leaves the receipt that publish asks for.
 * A process that works on several shards of a run loads the run once.
 */
export function scoreShard(deps: Deps) {
  const { artifacts, catalog, pages } = deps;
  const loaded = lastOne(async (run) => {
    const scoring = await loadScoring(artifacts, run);
    const foresight = await loadForesight(artifacts, run, scoring.inputs);
    const projection = await loadProjection(artifacts, run, scoring.inputs);
    return { ...scoring, ...projection, foresight, scoresOf: exporterScores(scoring.inputs, foresight) };
  });
  return async ({ run, slot, attempt, ...shard }: Task): Promise<ShardReceipt> => {
    await holdsLease(catalog, run, attempt);
    const scoring = await loaded(run);

    // while one country's pages are on their way the next country is computed
    const cost = { pages: 0, bytes: 0, writeUnits: 0 };
    let opportunities = 0;
    let underWay: Promise<WriteCost> | null = null;
    for await (const part of partsOf(deps, scoring, slot, shard)) {
      if (underWay) add(cost, await underWay);
      underWay = pages.put(part.pages);
      underWay.catch(() => undefined); // it is awaited next round; until then nobody listens
      opportunities += part.opportunities;
    }
    if (underWay) add(cost, await underWay);
    const receipt: ShardReceipt = {
      cost,
      opportunities,
      ...(shard.axis === 'world' && {
        models: { ...scoring.models, foresight: trainedOn(scoring), training: scoring.foresight.choices },
      }),
    };
    const body = new TextEncoder().encode(JSON.stringify(receipt));
    await artifacts.put(artifactKeys(run).receipt(attempt, shardName(shard)), body, 'application/json');
    return receipt;
  };
}

/** What the score step has of a run. */
interface Loaded extends Scoring, Projection {
  readonly foresight: Foresight & { readonly models: TrainedModels; readonly choices: TrainingChoices };
  readonly scoresOf: ReturnType<typeof exporterScores>;
}

/** What the models that rank were trained on: part of the run, since at another level or horizon they are a guess. */
const trainedOn = ({ foresight: { models } }: Loaded) => ({
  entry: { ...models.entry.trainedOn, intercept: models.entry.intercept, bands: models.entry.bands },
  growth: { ...models.growth.trainedOn, intercept: models.growth.intercept, band: models.growth.band },
});

interface Part {
  readonly pages: Page[];
  readonly opportunities: number;
}

/** The pages of a shard, a country at a time, so that only one country's are in memory. */
async function* partsOf(deps: Deps, scoring: Loaded, slot: number, { axis, from, to }: Shard): AsyncGenerator<Part> {
  if (axis === 'world') {
    const { products } = scoring.inputs.flows;
    const relatives = relativesPages({ slot, run: scoring.run }, products, scoring.foresight.context.relatives);
    yield { pages: [...(await summaryPages(deps, scoring, slot)), ...relatives], opportunities: 0 };
  }
  for (let country = from; country < to; country++) {
    if (axis === 'exporter') yield sellerPages(scoring, slot, country, deps.settings);
    if (axis === 'importer') yield { pages: buyerPages(scoring, slot, country), opportunities: 0 };
  }
}

function sellerPages(scoring: Loaded, slot: number, exporter: number, settings: Settings): Part {
  const { run, inputs, rca, scoresOf } = scoring;
  const { flows, totals, factors, density } = inputs;
  const gravity = inputs.blended?.models.gravity ?? null;
  const own = ({ data, cols }: Matrix) => data.subarray(exporter * cols, (exporter + 1) * cols);
  const cells = scoresOf(exporter, settings);
  const pages = exporterPages({
    slot,
    run,
    exporter: flows.countries.codes[exporter] ?? '',
    countries: flows.countries,
    products: flows.products,
    cells,
    valueP: own(totals.exporterProduct),
    rcaP: own(rca),
    marketsP: marketsOf(inputs, exporter),
    densityP: own(density),
    factorAP: own(factors.a),
    gravity: gravity && {
      effectP: own(gravity.a),
      silent: inputs.blended?.gravityZeros.filter((cell) => cell.exporter === exporter) ?? [],
      easeGM: joined(gravity.cG.map((_, section) => own(ofGroup(gravity, section)))),
    },
    oneYearP: oneYearOf(inputs.oneYear?.exporterProduct, exporter, flows),
    customersP:
      scoring.charged &&
      Float64Array.from(flows.products.codes, (_, p) => scoring.charged?.advantage.ofCustomers(exporter, p) ?? 1),
    partners: { valueM: own(totals.pair), exposureM: exposure(totals, exporter), factorCM: own(factors.c) },
    decided: [...factors.zeros.map((cell) => ({ ...cell, value: 0 })), ...factors.forced].filter(
      (cell) => cell.exporter === exporter,
    ),
    profile: countryFacts(scoring, exporter),
  });
  const { context } = scoring.foresight;
  const alike = (context.covariates?.nearExporters ?? context.similarExporters).weightCC;
  const rows = [inputs.startE[exporter] ?? 0, inputs.startE[exporter + 1] ?? 0] as const;
  const code = flows.countries.codes[exporter] ?? '';
  return {
    pages: [...pages, ...exporterPrecedents({ slot, run }, code, own(alike), flows, rows)],
    opportunities: cells.scoreN.length,
  };
}

const oneYearOf = (
  marks: Uint8Array | undefined,
  country: number,
  { products: { codes } }: Loaded['inputs']['flows'],
) => marks?.subarray(country * codes.length, (country + 1) * codes.length) ?? null;

/** How many importers an exporter sells each product to. */
function marketsOf({ flows, startE }: Loaded['inputs'], exporter: number): Uint16Array {
  const marketsP = new Uint16Array(flows.products.codes.length);
  for (let n = startE[exporter] ?? 0; n < (startE[exporter + 1] ?? 0); n++) {
    const product = flows.productN[n] ?? 0;
    marketsP[product] = (marketsP[product] ?? 0) + 1;
  }
  return marketsP;
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function buyerPages(scoring: Loaded, slot: number, importer: number): Page[] {
  const { run, inputs, byImporter, latestN } = scoring;
  const { flows, totals, factors } = inputs;
  const own = ({ data, cols }: Matrix) => data.subarray(importer * cols, (importer + 1) * cols);
  const rows = byImporter.row.subarray(byImporter.start[importer], byImporter.start[importer + 1]);
  const place = { slot, run, importer: flows.countries.codes[importer] ?? '', products: flows.products };
  const charged = tariffsOf(scoring, importer);
  const pages = importerPages({
    ...place,
    valueP: own(totals.importerProduct),
    factorBP: own(factors.b),
    incomeP: scoring.elasticities && incomeElasticitiesOf(scoring.elasticities, importer),
    oneYearP: oneYearOf(inputs.oneYear?.importerProduct, importer, flows),
    gravityBP: inputs.blended?.models.gravity ? own(inputs.blended.models.gravity.b) : null,
    flows: {
      productN: pick(flows.productN, rows, new Uint16Array(rows.length)),
      exporterN: pick(flows.exporterN, rows, new Uint16Array(rows.length)),
      valueN: pick(flows.valueN, rows, new Float64Array(rows.length)),
      latestN: latestN && pick(latestN, rows, new Float32Array(rows.length)),
    },
  });
  const { context } = scoring.foresight;
  const alike = (context.covariates?.nearImporters ?? context.similarImporters).weightCC;
  return [
    ...pages,
    ...importerPrecedents(place, place.importer, own(alike)),
    ...(charged ? tariffPages(place, charged) : []),
  ];
}

/** What an importer charges, and how each rate compares with those of the others. */
function tariffsOf({ charged }: Loaded, importer: number): ImporterTariffs | null {
  if (!charged) return null;
  const { startM, productN, exporterN, percentN } = charged.tariffs;
  const [from, to] = [startM[importer], startM[importer + 1]];
  const own = { productN: productN.subarray(from, to), percentN: percentN.subarray(from, to) };
  return {
    ...own,
    exporterN: exporterN.subarray(from, to),
    advantageN: own.percentN.map((percent, n) => charged.advantage.ofRate(importer, own.productN[n] ?? 0, percent)),
  };
}

async function summaryPages({ lake, catalog, countryNames }: Deps, scoring: Loaded, slot: number): Promise<Page[]> {
  const { run, inputs, ubiquityP, pciP } = scoring;
  const { flows, totals } = inputs;
  const record = await catalog.getRun(run);
  const names = await namesOf(lake, record?.manifest.dictionaries ?? []);
  return worldPages({
    slot,
    run,
    countries: flows.countries.codes.map((code, at) => ({
      code,
      name: names.countries.get(code) ?? countryNames.get(code) ?? code,
      ...countryFacts(scoring, at),
    })),
    products: flows.products.codes.map((code, at) => ({
      code,
      name: names.products.get(code) ?? `HS ${code}`,
      worldTradeUsd: totals.productP[at] ?? 0,
      ubiquity: ubiquityP[at] ?? 0,
      pci: pciP[at] ?? null,
    })),
    noise: inputs.dispersion,
    blend: inputs.blended?.blend ?? null,
    foresight: trainedOn(scoring),
    growth: scoring.growth,
    elasticities: scoring.elasticities,
  });
}

/** What is said of a country in the world's list and in its own profile. */
function countryFacts({ inputs: { totals }, diversityE, eciE }: Scoring, country: number) {
  const eci = eciE[country] ?? Number.NaN;
  return {
    exportsUsd: totals.exporterE[country] ?? 0,
    importsUsd: totals.importerM[country] ?? 0,
    diversity: diversityE[country] ?? 0,
    eci,
    eciRank: Number.isNaN(eci) ? null : 1 + eciE.filter((other) => other > eci).length,
  };
}

/** Remembers the last answer only: what a warm process has loaded serves the next shard of the same run. */
function lastOne<Value>(load: (key: string) => Promise<Value>): (key: string) => Promise<Value> {
  let last: { key: string; value: Promise<Value> } | null = null;
  return async (key) => {
    if (last?.key !== key) last = { key, value: load(key) };
    try {
      return await last.value;
    } catch (error) {
      last = null;
      throw error;
    }
  };
}

function add(sum: { pages: number; bytes: number; writeUnits: number }, cost: WriteCost): void {
  sum.pages += cost.pages;
  sum.bytes += cost.bytes;
  sum.writeUnits += cost.writeUnits;
}
