import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryCatalog } from '../../lib/adapters/memory/memoryCatalog.ts';
import { memoryObjectStore } from '../../lib/adapters/memory/memoryObjectStore.ts';
import { memoryPageStore } from '../../lib/adapters/memory/memoryPageStore.ts';
import { publishedScores } from '../../lib/app/layout/publishedScores.ts';
import { loadScoring } from '../../lib/app/loadScoring.ts';
import { artifactKeys, encodeFlows } from '../../lib/app/runArtifacts.ts';
import { runComplexity } from '../../lib/app/runComplexity.ts';
import { statementsOf, storeCovariates } from '../../lib/app/runCovariates.ts';
import { loadForesight, runEntry } from '../../lib/app/runEntry.ts';
import { runGravity } from '../../lib/app/runGravity.ts';
import { storeTraining } from '../../lib/app/runTraining.ts';
import { scoreCard } from '../../lib/app/scoreCard.ts';
import { scoreShard } from '../../lib/app/scoreShard.ts';
import { SETTINGS } from '../../lib/app/settings.ts';
import { planShards } from '../../lib/app/shards.ts';
import { executionName } from '../../lib/app/startRun.ts';
import { encodeArrays } from '../../lib/core/arrays.ts';
import { NOBODY, type Statements } from '../../lib/core/covariates/statements.ts';
import { entryFeatures } from '../../lib/core/entry/entryFeatures.ts';
import { withinBand } from '../../lib/core/entry/gainBand.ts';
import { demandRatio, growthRatios, supplyRatio, tariffAdvantage } from '../../lib/core/potential/projection.ts';
import { explainCell } from '../../lib/core/scoring/explainCell.ts';
import { exporterScores } from '../../lib/core/scoring/exporterScores.ts';
import { actualOf } from '../../lib/core/trade/actualOf.ts';
import type { Flows } from '../../lib/core/trade/flows.ts';
import type { ObjectStore } from '../../lib/ports/objectStore.ts';
import { byProduct } from '../core/covariates/byProduct.fixture.ts';
import { anyTrade, noisyWorld, tradeAmong } from '../core/scoring/world.fixture.ts';

const RUN = 'r1';
const AT = '2026-03-01T00:00:00.000Z';
const settings = { ...SETTINGS, extensiveKept: 5 };

/** Puts what a file states into the lake, as ingest does. */
async function stored(lake: ObjectStore, stated: Statements, at: number) {
  const { measure, countries, products, years, ...columns } = stated;
  const columnsKey = `curated/columns/${at}/${measure}.bin`;
  await lake.put(columnsKey, encodeArrays({ measure, countries, products, years }, columns));
  return { dataset: String(at), contentHash: String(at), measure, columnsKey };
}

/** Takes flows through the steps of a run, up to where they can be read. */
async function published(flows: Flows, statements: readonly Statements[] = []) {
  const [artifacts, lake, catalog, pages] = [
    memoryObjectStore(),
    memoryObjectStore(),
    memoryCatalog(),
    memoryPageStore(),
  ];
  const manifest = {
    codeVersion: 'c',
    settings,
    level: 4,
    hsRevision: 'HS17',
    years: [2017],
    inputs: [],
    earlier: null,
    dictionaries: [],
    covariates: await Promise.all(statements.map((stated, at) => stored(lake, stated, at))),
    unused: [],
    synthetic: true,
  };
  await catalog.putRun({ run: RUN, status: 'running', slot: 0, attempt: 1, startedAt: AT, manifest });
  await catalog.acquire({ owner: executionName(RUN, 1), expiresAt: '2026-03-01T01:00:00.000Z' }, AT);
  await artifacts.put(artifactKeys(RUN).flows, encodeFlows(flows));
  const known = await statementsOf(lake, manifest);
  await storeCovariates(artifacts, RUN, manifest, flows, known);
  await storeTraining({ lake, artifacts }, RUN, manifest, null, known);
  await runComplexity({ artifacts, settings })({ run: RUN });
  await runGravity({ artifacts })({ run: RUN });
  await runEntry({ artifacts })({ run: RUN });
  const score = scoreShard({ artifacts, lake, catalog, pages, settings, countryNames: new Map() });
  for (const shard of planShards(flows.countries.codes.length, flows.exporterN, flows.importerN)) {
    await score({ run: RUN, slot: 0, attempt: 1, ...shard });
  }
  await catalog.flip({ run: RUN, slot: 0, publishedAt: AT, previous: null }, null);
  const { inputs } = await loadScoring(artifacts, RUN);
  const foresight = await loadForesight(artifacts, RUN, inputs);
  const scoresOf = exporterScores(inputs, foresight);
  const scores = publishedScores({ catalog, pages, clock: () => new Date(AT) });
  return { inputs, foresight, scoresOf, card: scoreCard({ scores, nearest: () => [] }) };
}

/** Every cell's card says what the science says of the cell, from pages alone. */
async function agrees(flows: Flows): Promise<void> {
  const { inputs, foresight, scoresOf, card } = await published(flows);
  const { countries, products } = flows;
  const near = (shown: number | null, exact: number) => {
    if (Number.isNaN(exact)) expect(shown).toBeNull();
    else expect(Math.abs(shown! - exact)).toBeLessThanOrEqual(1e-12 * Math.abs(exact));
  };
  for (const [exporter, e] of countries.at) {
    const cells = scoresOf(e, settings);
    for (const [importer, m] of countries.at) {
      for (const [product, p] of products.at) {
        const { card: shown, reason } = await card({ exporter, product, importer });
        const exact = explainCell(inputs, { exporter: e, importer: m, product: p });
        expect(shown.basis).toBe(exact.basis);
        expect(shown.actualUsd).toBe(exact.actual);
        near(shown.potentialUsd, exact.potential);
        near(shown.realisedUsd, exact.realised);
        near(shown.unrealisedRawUsd, exact.unrealisedRaw);
        near(shown.unrealisedUsd, exact.unrealisedShrunk);
        near(shown.degree, exact.unrealisedRaw / exact.potential);
        expect(shown.density).toBeCloseTo(exact.density, 5);
        if (exact.drivers) {
          near(shown.drivers!.sizeUsd, exact.drivers.size);
          near(shown.drivers!.ease, exact.drivers.ease);
          near(shown.drivers!.marginAdjustment, exact.drivers.marginAdjustment);
          near(shown.indexUsd, exact.index);
        } else expect(shown.drivers).toBeNull();

        const n = cells.scoreN.findIndex((_, at) => cells.importerN[at] === m && cells.productN[at] === p);
        if (n >= 0) {
          expect(shown.score).toBeCloseTo(cells.scoreN[n]!, 3);
          expect(shown.opportunityUsd! / cells.opportunityN[n]!).toBeCloseTo(1, 6);
          const { entry, growth } = foresight.models;
          const band = shown.basis === 'existing' ? growth.band : entry.bands[shown.basis];
          const [low, high] = withinBand(band, shown.opportunityUsd!);
          // to the cent, as the amounts beside it
          const cents = (usd: number) => Math.round(usd * 100) / 100;
          expect(shown.opportunityIntervalUsd).toEqual({ low: cents(low), high: cents(high) });
          expect(low).toBeLessThanOrEqual(high);
          const { of, base, parts, calibration, total } = shown.contributions!;
          expect(parts.reduce((sum, { value }) => sum + value, base + calibration)).toBeCloseTo(total, 9);
          expect(of).toBe(shown.basis === 'existing' ? 'logGrowth' : 'logOdds');
          if (of === 'logOdds') expect(1 / (1 + Math.exp(-total))).toBeCloseTo(cells.probabilityN[n]!, 6);
          if (shown.basis === 'existing') expect(shown.feasibility).toBeNull();
          else expect(shown.feasibility! / cells.probabilityN[n]!).toBeCloseTo(1, 5);
        } else expect(shown.score).toBeNull();
        expect(reason === null).toBe(n >= 0);
        if (exact.reason === 'forced' && shown.score === null) expect(reason?.code).toBe('NOT_ESTIMATED');
      }
    }
  }
}

describe('what growth and tariffs make of a potential', () => {
  const flows = noisyWorld({ countries: 5, products: 6, scale: 1e6, seed: 8, noise: () => 0.8 });
  const { countries, products } = flows;
  const [A, B, C, D] = countries.codes as [string, string, string, string];
  const nobody = (length: number) => new Uint16Array(length).fill(NOBODY);
  const growing = (measure: 'gdpGrowth' | 'populationGrowth', ...yearly: number[]): Statements => ({
    measure,
    countries: countries.codes.slice(0, yearly.length),
    products: [],
    years: [2017],
    yearN: new Uint16Array(yearly.length).fill(2017),
    firstN: Uint16Array.from(yearly.keys()),
    secondN: nobody(yearly.length),
    productN: nobody(yearly.length),
    valueN: Float64Array.from(yearly),
  });
  const gdp = [1.05, 1.01, 0.99, 1.3];
  const people = [1.01, 1, 0.995, 1.02];
  const charged: Statements = {
    measure: 'tariffPercent',
    countries: [A, B, C],
    products: products.codes.slice(0, 2),
    years: [2016],
    yearN: new Uint16Array(4).fill(2016),
    // A charges everybody 10 percent on the first product, B only 2; C charges A 25 and everybody 5 on the second
    firstN: Uint16Array.of(0, 0, 2, 2),
    secondN: Uint16Array.of(1, NOBODY, 0, NOBODY),
    productN: Uint16Array.of(0, 0, 1, 1),
    valueN: Float64Array.of(2, 10, 25, 5),
  };

  /** How imports of the first two products answer: the income of one, the price of both. */
  const [first, second] = products.codes as [string, string];
  const prices = [4, 2];

  it('is on every card, by the definitions', async () => {
    const { inputs, card } = await published(flows, [
      growing('gdpGrowth', ...gdp),
      growing('populationGrowth', ...people),
      charged,
      byProduct('incomeElasticity', { [first]: 1.5 }),
      byProduct('incomeElasticity', { [first]: 2.5, [second]: 0.5 }, B),
      byProduct('priceElasticity', { [first]: 4, [second]: 2 }),
    ]);
    const { totals } = inputs;
    const ratios = growthRatios(totals, {
      gdpGrowthE: Float64Array.of(...gdp, Number.NaN),
      populationGrowthE: Float64Array.of(...people, Number.NaN),
    })!;
    const rateOf = (exporter: string, importer: string, p: number) =>
      p === 0 && importer === A
        ? exporter === B
          ? 2
          : 10
        : p === 1 && importer === C
          ? exporter === A
            ? 25
            : 5
          : null;
    const rates = (e: number, m: number, p: number) =>
      rateOf(countries.codes[e]!, countries.codes[m]!, p) ?? Number.NaN;
    const advantage = tariffAdvantage(
      flows,
      rates,
      Float64Array.from(products.codes, (_, p) => prices[p] ?? 1),
    );
    let projections = 0;
    for (const [exporter, e] of countries.at)
      for (const [importer, m] of countries.at)
        for (const [product, p] of products.at) {
          const { card: shown } = await card({ exporter, product, importer });
          if (!shown.drivers) {
            expect(shown.projected).toBeNull();
            continue;
          }
          const { projected, potentialUsd, actualUsd } = shown;
          const rate = rateOf(exporter, importer, p);
          const tariff = rate === null ? 1 : advantage.ofRate(m, p, rate) * advantage.ofCustomers(e, p);
          // what is said of B goes before what is said of all
          const income = (importer === B ? [2.5, 0.5] : [1.5])[p];
          const value = potentialUsd! * supplyRatio(ratios, e, p) * demandRatio(ratios, m, income ?? 1) * tariff;
          expect(projected!.potentialUsd / value).toBeCloseTo(1, 6);
          expect(projected!.tariffPercent).toBe(rate);
          expect(projected).toMatchObject({ incomeElasticity: income ?? 1, priceElasticity: prices[p] ?? 1 });
          expect(projected!.frictionUsd + projected!.growthUsd).toBeCloseTo(projected!.unrealisedUsd, 6);
          expect(projected!.unrealisedUsd / Math.max(projected!.potentialUsd - actualUsd, 1e-9)).toBeLessThanOrEqual(1);
          const unknown = countries.codes.at(-1);
          expect(projected!.assumed).toEqual([
            ...(exporter === unknown ? ['exporterGrowth'] : []),
            ...(importer === unknown ? ['importerGrowth'] : []),
            ...(rate === null ? ['tariff'] : []),
            ...(income === undefined ? ['incomeElasticity'] : []),
            ...(p < 2 ? [] : ['priceElasticity']),
          ]);
          projections++;
        }
    expect(projections).toBeGreaterThan(80);
    // D grows fastest, and its share of every market with it
    const fast = await card({ exporter: D, product: products.codes[3]!, importer: A });
    expect(fast.card.projected!.supplyRatio).toBeGreaterThan(1.2);
  });

  it('is null where neither is loaded', async () => {
    const { card } = await published(flows);
    const { card: shown } = await card({ exporter: A, product: products.codes[0]!, importer: B });
    expect([shown.potentialUsd === null, shown.projected]).toEqual([false, null]);
  });
});

describe('precedents', () => {
  it('are the most alike of those that the shares of the model count', async () => {
    const full = actualOf(noisyWorld({ countries: 9, products: 8, scale: 1e6, seed: 4, noise: () => 0.9 }));
    const flows = tradeAmong(9, 8, (exporter, importer, product) =>
      (7 * exporter + 3 * importer + 5 * product) % 3 === 0 ? 0 : full({ exporter, importer, product }),
    );
    const { foresight, card } = await published(flows);
    const { context } = foresight;
    const { countries, products } = flows;
    const [nCountries, nProducts] = [countries.codes.length, products.codes.length];
    const value = new Map(
      Array.from(flows.valueN, (usd, n) => [`${flows.exporterN[n]} ${flows.importerN[n]} ${flows.productN[n]}`, usd]),
    );
    const relativeOf = (p: number, q: number) => {
      for (let x = context.relatives.startP[q]!; x < context.relatives.startP[q + 1]!; x++)
        if (context.relatives.productX[x] === p) return context.relatives.weightX[x]!;
      return 0;
    };
    const found = (weights: number[], usdOf: (at: number) => number | undefined) =>
      weights
        .map((weight, at) => ({ at, weight, usd: usdOf(at) }))
        .filter(({ weight, usd }) => weight > 0 && usd !== undefined)
        .sort((x, y) => y.weight - x.weight);
    const features = entryFeatures(context);
    const counted = { exporters: 0, importers: 0, products: 0 };
    for (let e = 0; e < nCountries; e++) {
      const { similarExporters, relatedProducts } = features(e);
      for (let m = 0; m < nCountries; m++)
        for (let p = 0; p < nProducts; p++) {
          if (e === m) continue;
          const { card: shown } = await card({
            exporter: countries.codes[e]!,
            product: products.codes[p]!,
            importer: countries.codes[m]!,
          });
          const row = (of: Float64Array, c: number) => Array.from(of.subarray(c * nCountries, (c + 1) * nCountries));
          const sellers = found(row(context.similarExporters.weightCC.data, e), (at) => value.get(`${at} ${m} ${p}`));
          const buyers = found(row(context.similarImporters.weightCC.data, m), (at) => value.get(`${e} ${at} ${p}`));
          const related = found(
            products.codes.map((_, q) => relativeOf(p, q)),
            (q) => value.get(`${e} ${m} ${q}`),
          );
          const { precedents } = shown;
          expect(precedents.exporters.map(({ exporter }) => exporter)).toEqual(
            sellers.slice(0, 5).map(({ at }) => countries.codes[at]),
          );
          expect(precedents.importers.map(({ importer }) => importer)).toEqual(
            buyers.slice(0, 5).map(({ at }) => countries.codes[at]),
          );
          expect(precedents.products.map(({ product }) => product)).toEqual(
            related.slice(0, 5).map(({ at }) => products.codes[at]),
          );
          for (const [n, { valueUsd }] of precedents.exporters.entries()) expect(valueUsd).toBe(sellers[n]!.usd);
          for (const [n, { valueUsd }] of precedents.importers.entries())
            expect(valueUsd / buyers[n]!.usd!).toBeCloseTo(1, 6);
          const sum = (of: readonly { weight: number }[]) => of.reduce((total, { weight }) => total + weight, 0);
          if (sellers.length <= 5)
            expect(sum(precedents.exporters)).toBeCloseTo(similarExporters[m * nProducts + p]!, 5);
          if (related.length <= 5) expect(sum(precedents.products)).toBeCloseTo(relatedProducts[m * nProducts + p]!, 5);
          counted.exporters += precedents.exporters.length;
          counted.importers += precedents.importers.length;
          counted.products += precedents.products.length;
        }
    }
    for (const kind of Object.values(counted)) expect(kind).toBeGreaterThan(300);
  });
});

describe('a card, through all steps of a run', () => {
  it('agrees with the science in a noisy world', async () => {
    await agrees(noisyWorld({ countries: 7, products: 9, scale: 1e6, seed: 3, noise: () => 0.8 }));
  });

  it('agrees with the science in small worlds with holes, where totals decide many cells', async () => {
    await fc.assert(fc.asyncProperty(anyTrade, agrees), { numRuns: 25 });
  });
});
