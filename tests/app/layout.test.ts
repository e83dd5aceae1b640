import { beforeAll, describe, expect, it } from 'vitest';
import { memoryPageStore } from '../../lib/adapters/memory/memoryPageStore.ts';
import { basisOf, type CellBlock, MEASURES } from '../../lib/app/layout/cells.ts';
import { exporterReader } from '../../lib/app/layout/readExporter.ts';
import { importerReader } from '../../lib/app/layout/readImporter.ts';
import { readWorld, worldPages } from '../../lib/app/layout/worldPages.ts';
import { BASES, NEW_PRODUCT } from '../../lib/core/scoring/scoredCells.ts';
import type { Page, PageStore } from '../../lib/ports/pageStore.ts';
import {
  agreementsOf,
  contributionsOf,
  DEEP,
  FORESIGHT,
  flagsOf,
  marksOf,
  type PlainCell,
  type ScoredWorld,
  SMALL,
  scoredWorld,
} from './scoredWorld.fixture.ts';

const collect = async (blocks: AsyncIterable<CellBlock>) => {
  const cells: (Omit<PlainCell, 'basis'> & { basis: string })[] = [];
  for await (const block of blocks) {
    for (let n = 0; n < block.scoreN.length; n++) {
      cells.push({
        basis: basisOf(block, n),
        importer: block.importerN[n]!,
        product: block.productN[n]!,
        actual: MEASURES.actualUsd(block, n),
        potential: MEASURES.potentialUsd(block, n),
        shrunk: MEASURES.unrealisedUsd(block, n),
        size: MEASURES.sizeUsd(block, n),
        probability: MEASURES.feasibility(block, n),
        opportunity: MEASURES.opportunityUsd(block, n),
        score: MEASURES.score(block, n),
      });
    }
  }
  return cells;
};

/** Cells as they should come back: actual values exactly, the others to single precision. */
const expected = (cells: readonly PlainCell[]) =>
  [...cells]
    .sort(
      (a, b) =>
        a.basis - b.basis ||
        b.score - a.score ||
        (b.shrunk || 0) - (a.shrunk || 0) ||
        a.product - b.product ||
        a.importer - b.importer,
    )
    .map((cell) => ({
      basis: BASES[cell.basis],
      importer: cell.importer,
      product: cell.product,
      actual: cell.actual,
      potential: cell.actual + Math.fround(cell.potential - cell.actual),
      shrunk: Math.fround(cell.shrunk),
      size: cell.basis === NEW_PRODUCT ? Number.NaN : Math.fround(cell.size),
      probability: Math.fround(cell.probability),
      opportunity: Math.fround(cell.opportunity),
      score: Math.fround(cell.score),
    }));

describe.each([
  ['small groups that share pages', SMALL],
  ['groups of several pages', DEEP],
])('pages of a world: %s', (_, shape) => {
  let world: ScoredWorld;
  let store: PageStore;
  let pages: Page[];
  beforeAll(async () => {
    world = scoredWorld(shape);
    store = memoryPageStore();
    // what an earlier, different run has left in the same slot
    await store.put(scoredWorld({ ...shape, seed: shape.seed + 1, fill: shape.fill * 0.7 }).pages('earlier', 0));
    pages = world.pages('now', 0);
    await store.put(pages);
  });
  const reader = (e: number) => exporterReader(store, 'now', 0, world.countries.codes[e]!, world.products.codes.length);

  it('gives back the opportunities of each importer, in the default order', async () => {
    for (const e of [0, 3]) {
      for (const [m, importer] of world.countries.codes.entries()) {
        const cells = world.cellsE[e]!.filter((cell) => cell.importer === m);
        expect(await collect(reader(e).group('importer', importer))).toEqual(expected(cells));
      }
    }
  });

  it('gives back the opportunities of each chapter, in the default order', async () => {
    const chapters = new Set(world.products.codes.map((code) => code.slice(0, 2)));
    for (const chapter of [...chapters, '01', '99']) {
      const cells = world.cellsE[3]!.filter((cell) => world.products.codes[cell.product]!.startsWith(chapter));
      expect(await collect(reader(3).group('chapter', chapter))).toEqual(expected(cells));
    }
  });

  it('gives back everything once', async () => {
    const all = await collect(reader(3).everything());
    const key = (cell: { product: number; importer: number }) => cell.product * 1000 + cell.importer;
    expect(all.map(key).sort((a, b) => a - b)).toEqual(world.cellsE[3]!.map(key).sort((a, b) => a - b));
  });

  it('keeps the best 1,000 of each basis in rank order', async () => {
    for (const [at, basis] of BASES.entries()) {
      const cells = expected(world.cellsE[3]!.filter((cell) => cell.basis === at)).slice(0, 1_000);
      expect(await collect(reader(3).ranked([basis]))).toEqual(cells);
    }
    expect(await collect(reader(3).ranked(BASES))).toHaveLength(
      BASES.reduce((sum, _, at) => sum + Math.min(1000, world.cellsE[3]!.filter((c) => c.basis === at).length), 0),
    );
  });

  it('has the flags of every opportunity', async () => {
    for await (const block of reader(3).everything())
      for (let n = 0; n < block.scoreN.length; n++)
        expect(block.flagN[n]).toBe(flagsOf({ importer: block.importerN[n]!, product: block.productN[n]! }));
  });

  it('has how far the models agree on every opportunity that has a potential', async () => {
    for await (const block of reader(3).everything())
      for (let n = 0; n < block.actualI.length; n++)
        expect(block.agreementI[n]).toBe(agreementsOf({ importer: block.importerN[n]!, product: block.productN[n]! }));
  });

  it('has what makes the score of every opportunity, and nothing for another cell', async () => {
    const cells = world.cellsE[3]!;
    for (const { importer, product } of cells.filter((_, n) => n % 97 === 0 || n === cells.length - 1)) {
      const found = await reader(3).contributions(world.countries.codes[importer]!, product);
      expect(Array.from(found!)).toEqual(contributionsOf(importer, product));
    }
    expect(await reader(3).contributions(world.countries.codes[3]!, 0)).toBeNull();
  });

  it('adds the opportunities up in the profile', async () => {
    const profile = (await reader(3).facts())?.profile;
    for (const [at, basis] of BASES.entries()) {
      const own = world.cellsE[3]!.filter((cell) => cell.basis === at);
      const found = profile!.bases[basis];
      const sum = (of: (cell: PlainCell) => number) => own.reduce((total, cell) => total + of(cell), 0);
      expect(found.opportunities).toBe(own.length);
      expect(found.opportunityUsd).toBeCloseTo(
        sum((cell) => cell.opportunity),
        3,
      );
      if (basis === 'newProduct') {
        expect(found).toMatchObject({ potentialUsd: null, unrealisedUsd: null, unrealisedRawUsd: null });
        continue;
      }
      expect(found.potentialUsd).toBeCloseTo(
        sum((cell) => cell.potential),
        3,
      );
      expect(found.unrealisedUsd).toBeCloseTo(
        sum((cell) => cell.shrunk),
        3,
      );
      expect(found.unrealisedRawUsd).toBeCloseTo(
        sum((cell) => cell.potential - cell.actual),
        3,
      );
    }
    expect(profile?.exportsUsd).toBe(world.countryFacts[3]!.exportsUsd);
  });

  it('has the factors and totals of any cell', async () => {
    for (const [e, p, m] of [
      [3, 5, 7],
      [0, world.products.codes.length - 1, 1],
    ] as const) {
      const facts = await reader(e).facts();
      expect(facts?.valueP).toEqual(world.valueEP[e]);
      expect(facts?.factorAP).toEqual(world.factorEP[e]);
      expect(facts?.rcaP).toEqual(new Float32Array(world.rcaEP[e]!));
      expect(facts?.densityP).toEqual(new Float32Array(world.densityEP[e]!));
      expect(facts?.valueM).toEqual(world.valueEM[e]);
      expect(facts?.oneYearP).toEqual(marksOf(world.products.codes, 4));
      expect(facts?.exposureM).toEqual(world.exposureEM[e]);
      expect(facts?.factorCM).toEqual(world.factorEM[e]);
      expect(await importerReader(store, 'now', 0, world.countries.codes[m]!).cell(p)).toEqual({
        importerProductUsd: world.valueMP[m]![p],
        factorB: world.factorMP[m]![p],
        gravityB: 0,
        incomeElasticity: p % 5 === 0 ? Number.NaN : Math.fround(1 + p / 100),
        oneYear: p % 3 === 0,
      });
    }
  });

  it('lists the suppliers of every product, the largest first', async () => {
    const m = 2;
    const importer = importerReader(store, 'now', 0, world.countries.codes[m]!);
    for (const [p, product] of world.products.codes.entries()) {
      const { exporterN, valueN } = await importer.suppliers(p, product);
      const slow = world.countries.codes
        .map((_, e) => [e, world.valueAt(e, p, m)] as const)
        .filter(([, value]) => value > 0)
        .sort((a, b) => b[1] - a[1]);
      expect(Array.from(exporterN, (e, n) => [e, valueN[n]])).toEqual(slow);
    }
  });

  it('knows nothing of a country that exports nothing', async () => {
    const last = reader(world.countries.codes.length - 1);
    expect(await last.facts()).toBeNull();
    expect(await collect(last.group('importer', world.countries.codes[0]!))).toEqual([]);
  });

  it('reads the axes and facts of the world back, NaN as null', async () => {
    const read = await readWorld(store, 'now', 0);
    expect(read.countries.codes).toEqual(world.countries.codes);
    expect(read.products.codes).toEqual(world.products.codes);
    expect(read.countryFacts[3]).toEqual(world.countryFacts[3]);
    expect(read.countryFacts.at(-1)).toMatchObject({ eci: null, eciRank: null });
    expect(read.productFacts[5]).toEqual(world.productFacts[5]);
    expect(read.productFacts[0]?.pci).toBeNull();
    expect(read.noise).toEqual(world.noise);
  });

  it('makes pages of about 32 KB at most', () => {
    expect(Math.max(...pages.map(({ body }) => body.length))).toBeLessThan(40 * 1024);
  });

  it('writes the same bytes for the same world', () => {
    const again = world.pages('now', 0);
    expect(again.map(({ sort }) => sort)).toEqual(pages.map(({ sort }) => sort));
    expect(again.every(({ body }, at) => Buffer.compare(body, pages[at]!.body) === 0)).toBe(true);
  });
});

describe('what goes wrong', () => {
  it('refuses lines that are not in the order of the axis', () => {
    const countries = [
      { code: 'USA', name: 'b', exportsUsd: 1, importsUsd: 1, diversity: 1, eci: 1, eciRank: 1 },
      { code: 'MEX', name: 'a', exportsUsd: 1, importsUsd: 1, diversity: 1, eci: 1, eciRank: 2 },
    ];
    expect(() =>
      worldPages({
        slot: 0,
        run: 'r',
        countries,
        products: [],
        noise: { log10Q: [], cv2Q: [], ratioP: [] },
        growth: null,
        elasticities: null,
        blend: null,
        foresight: FORESIGHT,
      }),
    ).toThrow(/MEX comes after USA/);
  });

  it('says which page of a published run is missing', async () => {
    const world = scoredWorld(DEEP);
    const store = memoryPageStore();
    const pages = world.pages('now', 0);
    await store.put(pages.filter(({ sort }) => !/^(countries#0000|chapter#84#0002)$/.test(sort)));
    await expect(readWorld(store, 'now', 0)).rejects.toMatchObject({
      code: 'store.inconsistent',
      detail: { what: 'countries of run now' },
    });
    const reader = exporterReader(store, 'now', 0, world.countries.codes[3]!, world.products.codes.length);
    await expect(collect(reader.group('chapter', '84'))).rejects.toMatchObject({
      code: 'store.inconsistent',
      detail: { what: expect.stringContaining('chapter#84#0002') },
    });
  });
});
