import { exporterPages } from '../../lib/app/layout/exporterPages.ts';
import { importerPages } from '../../lib/app/layout/importerPages.ts';
import { worldPages } from '../../lib/app/layout/worldPages.ts';
import type { RunManifest } from '../../lib/app/records.ts';
import { axis } from '../../lib/core/labels.ts';
import { CONTRIBUTION_GROUPS } from '../../lib/core/scoring/contributions.ts';
import { type Dispersion, noiseSd } from '../../lib/core/scoring/dispersion.ts';
import { BASES, basisOf, NEW_PRODUCT, type ScoredCells } from '../../lib/core/scoring/scoredCells.ts';
import { unrealisedShrunk } from '../../lib/core/scoring/unrealised.ts';
import type { Catalog } from '../../lib/ports/catalog.ts';
import type { Page, PageStore } from '../../lib/ports/pageStore.ts';

/** A repeatable sequence of numbers in [0, 1) (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** One cell as a plain record: what the pages must give back. */
export interface PlainCell {
  basis: number;
  importer: number;
  product: number;
  actual: number;
  potential: number;
  shrunk: number;
  size: number;
  probability: number;
  opportunity: number;
  score: number;
}

/** Columns from records, put into the order that ScoredCells promises. */
export function toScoredCells(cells: readonly PlainCell[]): ScoredCells {
  const sorted = [...cells].sort(
    (a, b) =>
      a.basis - b.basis ||
      b.score - a.score ||
      (b.shrunk || 0) - (a.shrunk || 0) ||
      a.product - b.product ||
      a.importer - b.importer,
  );
  const column = (name: keyof PlainCell) => sorted.map((cell) => cell[name]);
  return {
    basisN: Uint8Array.from(column('basis')),
    importerN: Uint16Array.from(column('importer')),
    productN: Uint16Array.from(column('product')),
    actualN: Float64Array.from(column('actual')),
    potentialN: Float64Array.from(column('potential')),
    shrunkN: Float64Array.from(column('shrunk')),
    sizeN: Float64Array.from(column('size')),
    probabilityN: Float64Array.from(column('probability')),
    opportunityN: Float64Array.from(column('opportunity')),
    scoreN: Float64Array.from(column('score')),
    // any numbers that tell the cells apart
    agreementN: Uint8Array.from(sorted, (cell) => agreementsOf(cell)),
    flagN: Uint8Array.from(sorted, (cell) => flagsOf(cell)),
    contributionNG: Float32Array.from(sorted.flatMap((cell) => contributionsOf(cell.importer, cell.product))),
  };
}

/** Flags that tell the cells apart. */
export const flagsOf = ({ importer, product }: { importer: number; product: number }) => (importer + product) % 4;

/** Agreements that tell the cells apart; some are not known. */
export const agreementsOf = ({ importer, product }: { importer: number; product: number }) =>
  (importer * 37 + product * 11) % 256;

/** Six numbers of a cell. */
export const contributionsOf = (importer: number, product: number) =>
  CONTRIBUTION_GROUPS.map((_, g) => Math.fround(importer + product / 100 + g / 10));

/** Marks of every so manyth product. */
export const marksOf = (codes: readonly string[], every: number) =>
  Uint8Array.from(codes, (_, p) => (p % every === 0 ? 1 : 0));

const TRAINED_ON = {
  before: 2017,
  after: 2024,
  level: 4,
  exporters: 108,
  cells: 1,
  positives: 1,
  intercept: -3,
};
const BAND = { fromUsd: [0, 1_000], low: [0.5, 0.25], high: [2, 1.5] };
/** What the models of a run say of themselves. */
export const FORESIGHT = {
  entry: { ...TRAINED_ON, bands: { newMarket: BAND, newPair: BAND, newProduct: BAND } },
  growth: { ...TRAINED_ON, band: BAND },
};

export interface WorldShape {
  readonly seed: number;
  readonly countries: readonly { code: string; name: string }[];
  readonly products: readonly { code: string; name: string }[];
  /** share of cells with trade */
  readonly fill: number;
  /** least unrealised value of an opportunity, USD */
  readonly floorUsd: number;
  readonly extensiveKept: number;
}

export type ScoredWorld = ReturnType<typeof scoredWorld>;

/**
 * A small world with all that a run leaves behind, worked out the slow and obvious way: flows, totals, factors of a potential, and each
 * exporter's opportunities. The factors are any positive numbers: nothing here depends on how they were found.
 */
export function scoredWorld(shape: WorldShape) {
  const random = seeded(shape.seed);
  const countries = axis(shape.countries.map(({ code }) => code));
  const products = axis(shape.products.map(({ code }) => code));
  const [nE, nP] = [countries.codes.length, products.codes.length];
  const at = (e: number, p: number, m: number) => (e * nP + p) * nE + m;

  // the last country exports nothing, the first sells nothing to the second
  const valueEPM = new Float64Array(nE * nP * nE);
  for (let e = 0; e < nE - 1; e++) {
    for (let p = 0; p < nP; p++) {
      const makes = random() < 0.7;
      for (let m = 0; m < nE; m++) {
        const trades = makes && m !== e && !(e === 0 && m === 1) && random() < shape.fill;
        if (trades) valueEPM[at(e, p, m)] = Math.round(Math.exp(6 + 10 * random()) * 1000) / 1000;
      }
    }
  }
  const grid = (rows: number, cols: number, value: (row: number, col: number) => number = () => 0) =>
    Array.from({ length: rows }, (_, row) => Float64Array.from({ length: cols }, (_, col) => value(row, col)));
  const worldP = new Float64Array(nP);
  const [exportsE, importsM] = [new Float64Array(nE), new Float64Array(nE)];
  const [valueEP, valueMP, valueEM] = [grid(nE, nP), grid(nE, nP), grid(nE, nE)];
  for (let e = 0; e < nE; e++) {
    for (let p = 0; p < nP; p++) {
      for (let m = 0; m < nE; m++) {
        const value = valueEPM[at(e, p, m)]!;
        worldP[p]! += value;
        exportsE[e]! += value;
        importsM[m]! += value;
        valueEP[e]![p]! += value;
        valueMP[m]![p]! += value;
        valueEM[e]![m]! += value;
      }
    }
  }
  const exposureEM = grid(nE, nE, (e, m) =>
    worldP.reduce((total, world, p) => total + (world > 0 ? (valueEP[e]![p]! / world) * valueMP[m]![p]! : 0), 0),
  );
  const densityEP = grid(nE, nP, () => random());
  const rcaEP = grid(nE, nP, (e, p) => (worldP[p]! > 0 ? valueEP[e]![p]! / worldP[p]! / 0.1 : Number.NaN));
  const factorEP = grid(nE, nP, (e, p) => (valueEP[e]![p]! > 0 ? 200 * Math.exp(4 * random()) : 0));
  const factorMP = grid(nE, nP, (m, p) => (valueMP[m]![p]! > 0 ? Math.exp(4 * random()) : 0));
  const factorEM = grid(nE, nE, (e, m) => (valueEM[e]![m]! > 0 ? Math.exp(2 * random()) : 0));

  // noise that falls with size; one cell that its totals decide
  const noise: Dispersion = {
    log10Q: [4, 5, 6],
    cv2Q: [1.5, 1, 0.5],
    ratioP: Array.from({ length: nP }, (_, p) => 0.5 + (p % 3) / 2),
  };
  const forced = { exporter: 2, importer: 5, product: nP - 1, value: valueEPM[at(2, nP - 1, 5)]! };

  const cellsE = countries.codes.map((_, e): PlainCell[] => {
    const cells: PlainCell[] = [];
    for (let p = 0; p < nP; p++) {
      for (let m = 0; m < nE; m++) {
        const ease = valueEM[e]![m]! / exposureEM[e]![m]!;
        if (m === e || !(ease > 0) || !(valueMP[m]![p]! > 0)) continue;
        const sold = valueEP[e]![p]! > 0;
        const actual = valueEPM[at(e, p, m)]!;
        const potential = sold ? factorEP[e]![p]! * factorMP[m]![p]! * factorEM[e]![m]! : Number.NaN;
        if (sold && potential - actual < shape.floorUsd) continue;
        if (e === forced.exporter && m === forced.importer && p === forced.product) continue;
        const size = sold ? (valueEP[e]![p]! * valueMP[m]![p]!) / worldP[p]! : Number.NaN;
        cells.push({
          basis: basisOf(valueEP[e]![p]!, valueEM[e]![m]!, actual),
          importer: m,
          product: p,
          actual,
          potential,
          shrunk: sold ? unrealisedShrunk(potential, actual, noiseSd(noise, p, potential)) : Number.NaN,
          size,
          probability: actual > 0 ? Number.NaN : densityEP[e]![p]! / 2,
          opportunity: sold ? potential - actual : densityEP[e]![p]! * valueMP[m]![p]! * ease,
          score: 0,
        });
      }
    }
    // percentile within the basis, then the best of the new products
    for (const basis of BASES.keys()) {
      const of = cells.filter((cell) => cell.basis === basis);
      const worth = (cell: PlainCell) => cell.opportunity;
      const below = new Map<number, number>();
      for (const [rank, value] of of
        .map(worth)
        .sort((a, b) => a - b)
        .entries()) {
        if (!below.has(value)) below.set(value, rank);
      }
      for (const cell of of) cell.score = of.length === 1 ? 100 : (100 * below.get(worth(cell))!) / (of.length - 1);
    }
    const newProducts = cells.filter((cell) => cell.basis === NEW_PRODUCT).sort((a, b) => b.score - a.score);
    const kept = new Set(newProducts.slice(0, shape.extensiveKept));
    return cells.filter((cell) => cell.basis !== NEW_PRODUCT || kept.has(cell));
  });

  const countryFacts = countries.codes.map((code, e) => ({
    code,
    name: shape.countries.find((each) => each.code === code)!.name,
    exportsUsd: exportsE[e]!,
    importsUsd: importsM[e]!,
    diversity: rcaEP[e]!.filter((rca) => rca >= 1).length,
    eci: e === nE - 1 ? Number.NaN : Math.round(1000 * (1 - (2 * e) / nE)) / 1000,
    eciRank: e === nE - 1 ? Number.NaN : e + 1,
  }));
  const productFacts = products.codes.map((code, p) => ({
    code,
    name: shape.products.find((each) => each.code === code)!.name,
    worldTradeUsd: worldP[p]!,
    ubiquity: rcaEP.filter((rca) => rca[p]! >= 1).length,
    pci: p === 0 ? Number.NaN : p / nP,
  }));

  /** All pages of the world, as the score step writes them. */
  function pages(run: string, slot: number): Page[] {
    return [
      ...worldPages({
        slot,
        run,
        countries: countryFacts,
        products: productFacts,
        noise,
        growth: null,
        elasticities: null,
        blend: null,
        foresight: FORESIGHT,
      }),
      ...countries.codes.flatMap((exporter, e) =>
        exportsE[e] === 0
          ? []
          : exporterPages({
              slot,
              run,
              exporter,
              countries,
              products,
              cells: toScoredCells(cellsE[e]!),
              valueP: valueEP[e]!,
              rcaP: rcaEP[e]!,
              marketsP: Uint16Array.from(
                worldP,
                (_, p) => countries.codes.filter((__, m) => valueEPM[at(e, p, m)]! > 0).length,
              ),
              densityP: densityEP[e]!,
              factorAP: factorEP[e]!,
              gravity: null,
              partners: { valueM: valueEM[e]!, exposureM: exposureEM[e]!, factorCM: factorEM[e]! },
              oneYearP: marksOf(products.codes, 4),
              customersP: null,
              decided: e === forced.exporter ? [forced] : [],
              profile: countryFacts[e]!,
            }),
      ),
      ...countries.codes.flatMap((importer, m) => {
        const flows: [number, number, number][] = [];
        for (let e = 0; e < nE; e++)
          for (let p = 0; p < nP; p++) if (valueEPM[at(e, p, m)]! > 0) flows.push([p, e, valueEPM[at(e, p, m)]!]);
        return importerPages({
          slot,
          run,
          importer,
          products,
          valueP: valueMP[m]!,
          factorBP: factorMP[m]!,
          gravityBP: null,
          incomeP: Float32Array.from(products.codes, (_, p) => (p % 5 === 0 ? Number.NaN : 1 + p / 100)),
          oneYearP: marksOf(products.codes, 3),
          flows: {
            productN: Uint16Array.from(flows, ([p]) => p),
            exporterN: Uint16Array.from(flows, ([, e]) => e),
            valueN: Float64Array.from(flows, ([, , value]) => value),
            // the latest year was worth nine tenths of the mean
            latestN: Float32Array.from(flows, ([, , value]) => 0.9 * value),
          },
        });
      }),
    ];
  }
  return {
    shape,
    countries,
    products,
    countryFacts,
    productFacts,
    cellsE,
    valueEP,
    valueMP,
    valueEM,
    exposureEM,
    rcaEP,
    densityEP,
    factorEP,
    factorMP,
    factorEM,
    worldP,
    noise,
    forced,
    valueAt: (e: number, p: number, m: number) => valueEPM[at(e, p, m)]!,
    pages,
  };
}

export const manifestOf = (world: ScoredWorld, over: Partial<RunManifest> = {}): RunManifest => ({
  codeVersion: 'code1',
  settings: { windowYears: 3, floorUsd: world.shape.floorUsd },
  level: world.products.codes[0]!.length,
  hsRevision: 'HS17',
  years: [2015, 2016, 2017],
  inputs: [{ dataset: 'aa', year: 2017, columnsKey: 'curated/columns/aa/2017.bin', contentHash: 'aa-2017' }],
  earlier: null,
  dictionaries: [],
  covariates: [],
  unused: [],
  synthetic: false,
  ...over,
});

/** Makes the world the current run, as the publish step does. */
export async function publish(
  { catalog, pages }: { catalog: Catalog; pages: PageStore },
  world: ScoredWorld,
  { run, slot, at, synthetic = false }: { run: string; slot: number; at: string; synthetic?: boolean },
): Promise<void> {
  await pages.put(world.pages(run, slot));
  const pointer = await catalog.pointer();
  await catalog.putRun({
    run,
    status: 'published',
    slot,
    attempt: 1,
    startedAt: at,
    finishedAt: at,
    manifest: manifestOf(world, { synthetic }),
    facts: { opportunities: world.cellsE.reduce((total, cells) => total + cells.length, 0) },
  });
  await catalog.flip(
    { run, slot, publishedAt: at, previous: pointer && { run: pointer.run, slot: pointer.slot } },
    pointer?.run ?? null,
  );
}

/** Twelve countries and some forty HS4 products that a reader knows by name. */
export const SMALL: WorldShape = {
  seed: 7,
  fill: 0.6,
  floorUsd: 10_000,
  extensiveKept: 40,
  countries: Object.entries({
    ARG: 'Argentina',
    AUS: 'Australia',
    BRA: 'Brazil',
    CAN: 'Canada',
    CHL: 'Chile',
    CIV: "Côte d'Ivoire",
    DEU: 'Germany',
    ESP: 'Spain',
    JPN: 'Japan',
    MEX: 'Mexico',
    USA: 'United States of America',
    VAT: 'Holy See',
  }).map(([code, name]) => ({ code, name })),
  products: Object.entries({
    '0201': 'Meat of bovine animals, fresh or chilled',
    '0302': 'Fish, fresh or chilled',
    '0406': 'Cheese and curd',
    '0702': 'Tomatoes, fresh or chilled',
    '0804': 'Dates, figs, pineapples, avocados, guavas, mangoes',
    '0805': 'Citrus fruit, fresh or dried',
    '0901': 'Coffee, whether or not roasted; coffee husks and skins',
    '0902': 'Tea',
    '1001': 'Wheat and meslin',
    '1201': 'Soya beans',
    '1701': 'Cane or beet sugar',
    '1801': 'Cocoa beans',
    '2204': 'Wine of fresh grapes',
    '2208': 'Spirits, liqueurs, gin, whisky',
    '2603': 'Copper ores and concentrates',
    '2709': 'Petroleum oils, crude',
    '3004': 'Medicaments in measured doses',
    '3901': 'Polymers of ethylene, in primary forms',
    '4011': 'New pneumatic tyres, of rubber',
    '4407': 'Wood sawn lengthwise',
    '5201': 'Cotton, not carded or combed',
    '6109': 'T-shirts, knitted',
    '6204': "Women's suits and dresses",
    '6403': 'Footwear with leather uppers',
    '7108': 'Gold, unwrought',
    '7208': 'Flat-rolled iron',
    '7403': 'Refined copper',
    '8407': 'Piston engines',
    '8411': 'Turbo-jets and gas turbines',
    '8471': 'Computers',
    '8517': 'Telephones',
    '8528': 'Television receivers',
    '8542': 'Electronic integrated circuits',
    '8544': 'Insulated wire and cable',
    '8701': 'Tractors',
    '8703': 'Motor cars',
    '8704': 'Motor vehicles for the transport of goods',
    '8708': 'Parts of motor vehicles',
    '9018': 'Medical instruments',
    '9403': 'Other furniture',
  }).map(([code, name]) => ({ code, name })),
};

/** A world whose groups need several pages: 14 countries, 2,000 products in two chapters. */
export const DEEP: WorldShape = {
  seed: 11,
  fill: 0.5,
  floorUsd: 1,
  extensiveKept: 2_000,
  countries: Array.from({ length: 14 }, (_, e) => {
    const code = `${String.fromCharCode(65 + e)}XX`;
    return { code, name: `Country ${code}` };
  }),
  products: Array.from({ length: 2_000 }, (_, p) => {
    const code = `${p < 1_800 ? '84' : '85'}${String(p).padStart(4, '0')}`;
    return { code, name: `Machine of type ${p}` };
  }),
};
