import { beforeAll, describe, expect, it } from 'vitest';
import { noisePages } from '../../lib/app/layout/noisePages.ts';
import type { Dataset } from '../../lib/app/records.ts';
import { noiseSd } from '../../lib/core/scoring/dispersion.ts';
import { BASES, type Basis, basisOf } from '../../lib/core/scoring/scoredCells.ts';
import { dropOf, flowDataset } from '../app/records.fixture.ts';
import { publish, type ScoredWorld, SMALL, scoredWorld } from '../app/scoredWorld.fixture.ts';
import { api, type Body } from './apiClient.fixture.ts';

const AT = '2026-03-01T00:00:00.000Z';
let world: ScoredWorld;
let service: ReturnType<typeof api>;
beforeAll(async () => {
  world = scoredWorld(SMALL);
  service = api();
  await publish(service, world, { run: 'r1', slot: 0, at: AT });
});
const at = (country: string) => world.countries.at.get(country)!;

describe('GET /v1/scores/{exporter}/{product}/{importer}', () => {
  const card = async (e: number, p: number, m: number) =>
    (
      await service.ask(`/v1/scores/${world.countries.codes[e]}/${world.products.codes[p]}/${world.countries.codes[m]}`)
    ).json();

  it('is right for every kind of cell', async () => {
    const seen = { opportunity: 0, realised: 0, belowFloor: 0, extensive: 0, zero: 0, forced: 0 };
    for (let p = 1; p < world.products.codes.length; p += 2) {
      for (const [e, m] of [
        [at('MEX'), at('USA')],
        [at('MEX'), at('VAT')],
        [at('DEU'), at('CIV')],
        [at('ARG'), at('AUS')],
        [world.forced.exporter, world.forced.importer],
      ] as const) {
        const { score, reason } = await card(e, p, m);
        const cell = world.cellsE[e]!.find((each) => each.product === p && each.importer === m);
        const actual = world.valueAt(e, p, m);
        const intensive = world.valueEP[e]![p]! > 0;
        const potential = world.factorEP[e]![p]! * world.factorMP[m]![p]! * world.factorEM[e]![m]!;
        expect(score.actualUsd).toBe(actual);
        expect(score.basis).toBe(BASES[basisOf(world.valueEP[e]![p]!, world.valueEM[e]![m]!, actual)]);
        expect(score.score).toBe(cell ? Number(Math.fround(cell.score).toPrecision(6)) : null);
        expect(reason === undefined).toBe(cell !== undefined);
        if (!intensive) {
          expect(score).toMatchObject({ potentialUsd: null, drivers: null, unrealisedRawUsd: null });
          seen.extensive++;
          continue;
        }
        if (e === world.forced.exporter && m === world.forced.importer && p === world.forced.product) {
          expect(score).toMatchObject({ potentialUsd: actual, unrealisedUsd: 0, unrealisedRawUsd: 0, drivers: null });
          expect(reason).toMatchObject({ code: 'NOT_ESTIMATED' });
          seen.forced++;
          continue;
        }
        expect(score.potentialUsd).toBe(potential);
        expect(score.realisedUsd).toBe(Math.min(actual, potential));
        expect(score.unrealisedRawUsd).toBe(Math.max(0, potential - actual));
        expect(score.degree).toBe(potential > 0 ? Math.max(0, potential - actual) / potential : null);
        if (potential === 0) {
          expect(score).toMatchObject({ unrealisedUsd: 0, drivers: null, indexUsd: null });
          expect(reason).toMatchObject({ code: 'NO_TRADE' });
          seen.zero++;
          continue;
        }
        const sd = noiseSd(world.noise, p, potential);
        expect(score.unrealisedUsd).toBe(Math.max(0, potential * Math.exp(-1.645 * sd) - actual));
        if (cell) {
          seen.opportunity++;
        } else if (potential <= actual) {
          expect(reason).toMatchObject({ detail: expect.stringContaining('already reaches the potential') });
          seen.realised++;
        } else {
          expect(reason).toMatchObject({ code: 'BELOW_THRESHOLD', detail: expect.stringContaining('10,000 USD') });
          seen.belowFloor++;
        }
      }
    }
    // the world has each kind
    expect(Object.entries(seen).filter(([, count]) => count === 0)).toEqual([]);
  });

  it('explains the potential by drivers that multiply and whose logarithms add up', async () => {
    const [e, m] = [at('MEX'), at('USA')];
    const p = world.cellsE[e]!.find((cell) => cell.importer === m && cell.basis === 0)!.product;
    const { score } = await card(e, p, m);
    const { sizeUsd, ease, marginAdjustment, logPotential, logSize, logEase, logMarginAdjustment } = score.drivers!;
    expect((sizeUsd * ease * marginAdjustment) / score.potentialUsd!).toBeCloseTo(1, 12);
    expect(logSize + logEase + logMarginAdjustment).toBeCloseTo(logPotential, 12);
    expect(logPotential).toBe(Math.log(score.potentialUsd!));
    expect(sizeUsd).toBe((world.valueEP[e]![p]! * world.valueMP[m]![p]!) / world.worldP[p]!);
    expect(ease).toBe(world.valueEM[e]![m]! / world.exposureEM[e]![m]!);
    expect(score.indexUsd! / (sizeUsd * ease)).toBeCloseTo(1, 12);
    expect(score.totals).toEqual({
      exporterProductUsd: world.valueEP[e]![p],
      importerProductUsd: world.valueMP[m]![p],
      pairUsd: world.valueEM[e]![m],
      worldProductUsd: world.worldP[p],
      exposureUsd: world.exposureEM[e]![m],
    });
  });

  it('agrees with the list', async () => {
    const { items } = (await service.ask('/v1/opportunities?exporter=MEX&basis=newMarket&limit=40')).json();
    for (const item of items) {
      const { score } = (await service.ask(`/v1/scores/MEX/${item.product}/${item.importer}`)).json();
      expect(item.actualUsd).toBeCloseTo(score.actualUsd, 1);
      expect(item.score).toBe(score.score);
      expect(item.feasibility).toBe(score.feasibility);
      expect([item.confidenceGrade, item.confidenceMissing]).toEqual([
        score.confidence.grade,
        score.confidence.missing,
      ]);
      // to the cent, or to six digits
      const near = (shown: number | null, exact: number | null) =>
        expect(Math.abs(shown! - exact!)).toBeLessThan(0.006 + 3e-6 * exact!);
      near(item.potentialUsd, score.potentialUsd);
      near(item.unrealisedUsd, score.unrealisedUsd);
      near(item.unrealisedRawUsd, score.unrealisedRawUsd);
      near(item.sizeUsd, score.drivers!.sizeUsd);
      expect(item.ease! / score.drivers!.ease).toBeCloseTo(1, 5);
      expect(item.marginAdjustment! / score.drivers!.marginAdjustment).toBeCloseTo(1, 5);
    }
  });

  it('names the largest suppliers of the market with their shares', async () => {
    const [p, m] = [6, at('USA')];
    const { score } = await card(at('MEX'), p, m);
    const suppliers = world.countries.codes
      .map((code, e) => ({ code, value: world.valueAt(e, p, m) }))
      .filter(({ value }) => value > 0)
      .sort((a, b) => b.value - a.value);
    expect(score.competitors.map(({ exporter, valueUsd }) => [exporter, valueUsd])).toEqual(
      suppliers.slice(0, 10).map(({ code, value }) => [code, value]),
    );
    expect(score.competitors.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  it.each([
    ['an exporter that exports nothing', 'VAT/0901/USA', /Holy See exports nothing/],
    ['a pair that does not trade', 'ARG/0901/AUS', /Argentina sells nothing to Australia/],
    ['a country and itself', 'MEX/0901/MEX', /Mexico is no export market of its own/],
  ])('says why a score is missing: %s', async (_, cell, detail) => {
    const reply = await service.ask(`/v1/scores/${cell}`);
    expect(reply.status).toBe(200);
    expect(reply.json()).toMatchObject({
      score: { score: null },
      reason: { code: 'NO_TRADE', detail: expect.stringMatching(detail) },
    });
  });

  it('refuses unknown codes and the beginnings of codes', async () => {
    const unknown = await service.ask('/v1/scores/MEX/09/USA');
    expect(unknown.status).toBe(400);
    expect(unknown.json().errors[0]).toMatchObject({ parameter: 'product', allowed: ['0901', '0902'] });
    expect((await service.ask('/v1/scores/MEX/0901/US')).json().errors[0]).toMatchObject({
      parameter: 'importer',
      allowed: ['USA'],
    });
  });
});

describe('countries', () => {
  it('lists all in code order, page by page', async () => {
    const codes: string[] = [];
    for (let next: string | undefined = '/v1/countries?limit=5'; next; ) {
      const body: Body<{ code: string }> = (await service.ask(next)).json();
      codes.push(...body.items.map(({ code }) => code));
      next = body.next;
    }
    expect(codes).toEqual(world.countries.codes);
    const { items } = (await service.ask('/v1/countries?limit=500')).json<Record<string, unknown>>();
    expect(items[9]).toMatchObject({
      code: 'MEX',
      name: 'Mexico',
      diversity: world.countryFacts[9]!.diversity,
      eci: world.countryFacts[9]!.eci,
    });
    expect(items.at(-1)).toMatchObject({ code: 'VAT', eci: null, eciRank: null });
    expect(items[9]!.exportsUsd).toBeCloseTo(world.countryFacts[9]!.exportsUsd, 2);
  });

  it('shows one with the sums over its opportunities, null for one that exports nothing', async () => {
    const { country } = (await service.ask('/v1/countries/mex')).json() as unknown as {
      country: { bases: Record<Basis, { opportunities: number }> };
    };
    const cells = world.cellsE[at('MEX')]!;
    for (const [number, basis] of BASES.entries())
      expect(country.bases[basis].opportunities).toBe(cells.filter((cell) => cell.basis === number).length);
    expect((await service.ask('/v1/countries/VAT')).json()).toMatchObject({
      country: { bases: null, exportsUsd: 0 },
    });
    const unknown = await service.ask('/v1/countries/MEXX');
    expect(unknown.json()).toMatchObject({
      status: 400,
      type: '/problems/country-unknown',
      errors: [{ parameter: 'country', allowed: ['MEX'] }],
    });
  });
});

describe('products', () => {
  const found = async (q: string) =>
    (await service.ask(`/v1/products?q=${encodeURIComponent(q)}`))
      .json<{ code: string }>()
      .items.map(({ code }) => code);

  it.each([
    ['a word', 'coffee', ['0901']],
    ['capitals and plural', 'COFFEES', ['0901']],
    ['an irregular plural', 'tomato', ['0702']],
    ['the beginning of a word', 'motor veh', ['8704', '8708']],
    ['two words in any order', 'copper refined', ['7403']],
    ['a word inside a list', 'gin', ['2208']],
    ['accents', 'pétroleum', ['2709']],
    ['digits', '87', ['8701', '8703', '8704', '8708']],
    ['a code', '0901', ['0901']],
  ])('finds by %s', async (_, q, codes) => {
    expect((await found(q)).sort()).toEqual(codes);
  });

  it('puts first what the name begins with', async () => {
    expect((await found('copper')).slice(0, 2).sort()).toEqual(['2603', '7403']);
    // the second word of two names, a later one of the others
    expect((await found('fresh')).slice(0, 2).sort()).toEqual(['0302', '0702']);
  });

  it('says so when no product is described', async () => {
    const reply = await service.ask('/v1/products?q=unicorns');
    expect(reply.json()).toMatchObject({
      items: [],
      reason: { code: 'NO_MATCH', detail: expect.stringContaining('unicorns') },
    });
  });

  it('lists all, and shows one', async () => {
    const { items } = (await service.ask('/v1/products?limit=500')).json<{ code: string }>();
    expect(items.map(({ code }) => code)).toEqual(world.products.codes);
    expect((await service.ask('/v1/products/0901')).json()).toMatchObject({
      product: {
        code: '0901',
        chapter: '09',
        ubiquity: world.productFacts[6]!.ubiquity,
        pci: world.productFacts[6]!.pci,
      },
    });
    expect((await service.ask('/v1/products/0909')).json()).toMatchObject({
      status: 400,
      errors: [{ allowed: expect.arrayContaining(['0901']) }],
    });
  });
});

it('says of an exporter and a product what is missing beyond noise once that is known, and then no longer that nothing changed', async () => {
  const asked = api();
  await publish(asked, world, { run: 'r1', slot: 0, at: AT });
  const paths = ['/v1/countries/MEX', '/v1/products/0901'];
  const before = await Promise.all(paths.map((path) => asked.ask(path)));
  for (const reply of before) {
    const { country, product } = reply.json() as unknown as Record<string, { beyondNoise: unknown }>;
    expect((country ?? product)!.beyondNoise).toBeNull();
  }

  const net = (at: number) => ({ raw: 1e6 * at, expected: 4e5 * at, excess: 6e5 * at, interval: [-1e5, 2e5] as const });
  const pages = noisePages(
    { slot: 0, run: 'r1' },
    {
      kappa: 1,
      exporters: world.countries.codes.map((_, e) => net(e)),
      products: world.products.codes.map((_, p) => net(p)),
    },
  );
  await asked.pages.put(pages);
  for (const [n, path] of paths.entries()) {
    const reply = await asked.ask(path, { headers: { 'If-None-Match': before[n]!.headers.etag ?? '' } });
    expect(reply.status).toBe(200);
    const { country, product } = reply.json() as unknown as Record<string, { beyondNoise: unknown }>;
    const position = n === 0 ? at('MEX') : world.products.at.get('0901')!;
    expect((country ?? product)!.beyondNoise).toEqual({
      unrealisedRawUsd: 1e6 * position,
      noiseUsd: 4e5 * position,
      excessUsd: 6e5 * position,
      excessIntervalUsd: [-1e5, 2e5],
    });
  }
});

describe('provenance', () => {
  let told: ReturnType<typeof api>;
  const used: Dataset = flowDataset({ dataset: 'aa' }, [2017]);
  beforeAll(async () => {
    told = api();
    await publish(told, world, { run: 'r1', slot: 0, at: AT });
    await told.catalog.putDataset({ ...used, years: used.years!.map((year) => ({ ...year, rows: 1_234 })) });
    await told.catalog.putDataset(flowDataset({ dataset: 'bb' }));
    await told.catalog.putDrop(dropOf(used));
    await told.catalog.putDrop({
      key: 'drops/prices.csv',
      etag: 'e',
      sequencer: '02',
      lastModified: '2026-02-01T00:00:00Z',
      bytes: 9,
      outcome: 'refused',
      reason: 'The header is unknown.',
    });
    const record = (await told.catalog.getRun('r1'))!;
    await told.catalog.putRun({
      ...record,
      run: 'r2',
      status: 'failed',
      startedAt: '2026-03-02T00:00:00.000Z',
      reason: 'out of memory',
    });
  });

  it('lists runs, newest first, with their standing', async () => {
    const { items, current } = (await told.ask('/v1/runs')).json<Record<string, unknown>>();
    expect(items.map(({ run, standing, reason }) => [run, standing, reason])).toEqual([
      ['r2', 'unpublished', 'out of memory'],
      ['r1', 'current', null],
    ]);
    expect(current).toBe('r1');
    const first = (await told.ask('/v1/runs?limit=1')).json<Record<string, unknown>>();
    const rest = (await told.ask(first.next!)).json<Record<string, unknown>>();
    expect(rest.items.map(({ run }) => run)).toEqual(['r1']);
    expect(rest.next).toBeUndefined();
  });

  it('shows a run with its manifest and facts', async () => {
    expect((await told.ask('/v1/runs/r1')).json()).toMatchObject({
      run: 'r1',
      standing: 'current',
      manifest: { codeVersion: 'code1', settings: { floorUsd: 10_000 } },
      facts: { opportunities: world.cellsE.reduce((sum, cells) => sum + cells.length, 0) },
    });
  });

  it('lists datasets with the part that each plays', async () => {
    const { items } = (await told.ask('/v1/datasets')).json<Record<string, unknown>>();
    expect(items.map(({ dataset, use }) => [dataset, use])).toEqual([
      ['aa', 'used'],
      ['bb', 'notYet'],
    ]);
    const first = (await told.ask('/v1/datasets?limit=1')).json<Record<string, unknown>>();
    expect((await told.ask(first.next!)).json<Record<string, unknown>>().items.map(({ dataset }) => dataset)).toEqual([
      'bb',
    ]);
    const csv = (await told.ask('/v1/datasets?format=csv')).text.split('\r\n');
    expect(csv[0]).toMatch(/^dataset,kind,format/);
    expect(csv).toHaveLength(4);
  });

  it('tells in the status how old the scores are, what they cover and what failed', async () => {
    expect((await told.ask('/v1/status')).json()).toMatchObject({
      run: 'r1',
      now: '2026-03-01T12:00:00.000Z',
      ageSeconds: 12 * 3600,
      rows: 1_234,
      coverage: { years: [2015, 2016, 2017], exporters: 11, products: 40 },
      running: null,
      failed: { run: 'r2', reason: 'out of memory' },
      drops: { stored: 1, storedWithRejects: 0, refused: 1 },
      failedDrops: [{ key: 'drops/prices.csv', reason: 'The header is unknown.' }],
    });
  });
});
