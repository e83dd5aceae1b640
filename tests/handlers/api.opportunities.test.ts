import { beforeAll, describe, expect, it } from 'vitest';
import type { Opportunity } from '../../lib/app/opportunity.ts';
import {
  agreementsOf,
  DEEP,
  flagsOf,
  type PlainCell,
  publish,
  type ScoredWorld,
  SMALL,
  scoredWorld,
} from '../app/scoredWorld.fixture.ts';
import { api, type Body } from './apiClient.fixture.ts';

const AT = '2026-03-01T00:00:00.000Z';
let world: ScoredWorld;
let service: ReturnType<typeof api>;
beforeAll(async () => {
  world = scoredWorld(SMALL);
  service = api();
  await publish(service, world, { run: 'r1', slot: 0, at: AT });
});

const position = (code: string) => world.countries.at.get(code)!;
const product = (cell: PlainCell) => world.products.codes[cell.product]!;
const importer = (cell: PlainCell) => world.countries.codes[cell.importer]!;
/** the cells of an exporter in the order that is promised */
const cellsOf = (exporter: string) =>
  [...world.cellsE[position(exporter)]!].sort(
    (a, b) =>
      a.basis - b.basis ||
      b.score - a.score ||
      (b.shrunk || 0) - (a.shrunk || 0) ||
      a.product - b.product ||
      a.importer - b.importer,
  );
const keys = (items: { product: string; importer: string }[]) =>
  items.map((item) => `${item.product} ${item.importer}`);
const keysOf = (cells: PlainCell[]) => cells.map((cell) => `${product(cell)} ${importer(cell)}`);
const items = async (url: string) => (await service.ask(url)).json().items;

describe('GET /v1/opportunities', () => {
  it('answers the best opportunities of an exporter with names, amounts and drivers', async () => {
    const reply = await service.ask('/v1/opportunities?exporter=MEX&limit=5');
    expect(reply.status).toBe(200);
    expect(reply.json()).toMatchObject({
      run: 'r1',
      publishedAt: AT,
      unit: 'USD',
      level: 4,
      hsRevision: 'HS17',
      years: [2015, 2016, 2017],
      query: { exporter: 'MEX', limit: 5, sort: '-score' },
    });
    expect(reply.json()).not.toHaveProperty('synthetic');
    const best = cellsOf('MEX')[0]!;
    const first = reply.json().items[0]!;
    expect(first).toMatchObject({
      exporter: 'MEX',
      exporterName: 'Mexico',
      product: product(best),
      productName: world.productFacts[best.product]!.name,
      importer: importer(best),
      importerName: world.countryFacts[best.importer]!.name,
      basis: 'newMarket',
      score: 100,
    });
    const digits = (n: number) => Number(n.toPrecision(6));
    expect(digits(first.potentialUsd!)).toBe(digits(best.potential));
    expect(digits(first.unrealisedUsd!)).toBe(digits(best.shrunk));
    expect(digits(first.unrealisedRawUsd!)).toBe(digits(best.potential - best.actual));
    expect(digits(first.sizeUsd!)).toBe(digits(best.size));
    expect(first.realisedUsd! + first.unrealisedRawUsd!).toBeCloseTo(first.potentialUsd!, 1);
    expect((first.sizeUsd! * first.ease! * first.marginAdjustment!) / first.potentialUsd!).toBeCloseTo(1, 4);
  });

  it('keeps the default order: by basis, best first', async () => {
    expect(keys(await items('/v1/opportunities?exporter=MEX&limit=500'))).toEqual(keysOf(cellsOf('MEX')).slice(0, 500));
  });

  it('shows a new product with what can be expected of it, and without a potential', async () => {
    const found = await items('/v1/opportunities?exporter=MEX&basis=newProduct&limit=500');
    const cells = cellsOf('MEX').filter(({ basis }) => basis === 3);
    expect(keys(found)).toEqual(keysOf(cells));
    expect(found[0]).toMatchObject({ potentialUsd: null, unrealisedUsd: null, sizeUsd: null, actualUsd: 0 });
    expect(found[0]!.ease).toBeNull();
    expect(found[0]!.feasibility).toBeCloseTo(cells[0]!.probability, 5);
    expect(found[0]!.opportunityUsd).toBeCloseTo(Math.fround(cells[0]!.opportunity), 2);
  });

  it.each([
    ['one importer', '&importer=USA', (cell: PlainCell) => importer(cell) === 'USA'],
    ['one product', '&product=0901', (cell: PlainCell) => product(cell) === '0901'],
    ['a chapter', '&product=09', (cell: PlainCell) => product(cell).startsWith('09')],
    [
      'an importer and a chapter',
      '&importer=DEU&product=87',
      (cell: PlainCell) => importer(cell) === 'DEU' && product(cell).startsWith('87'),
    ],
    [
      'an importer and a basis',
      '&importer=USA&basis=newMarket',
      (cell: PlainCell) => importer(cell) === 'USA' && cell.basis === 0,
    ],
    ['flags', '&without=lumpy', (cell: PlainCell) => flagsOf(cell) % 2 === 0],
    ['both flags', '&without=lumpy,passedOn', (cell: PlainCell) => flagsOf(cell) === 0],
    ['a least score', '&minScore=60', (cell: PlainCell) => cell.score >= 60],
    ['a least potential', '&minPotentialUsd=200000', (cell: PlainCell) => cell.potential >= 200_000],
    ['a least unrealised value', '&minUnrealisedUsd=50000', (cell: PlainCell) => cell.shrunk >= 50_000],
    ['a least feasibility', '&minFeasibility=0.25', (cell: PlainCell) => Math.fround(cell.probability) >= 0.25],
    ['a least expected gain', '&minOpportunityUsd=50000', (cell: PlainCell) => Math.fround(cell.opportunity) >= 50_000],
  ])('filters by %s, in the default order', async (_, filter, accepts) => {
    const expected = cellsOf('MEX').filter(accepts);
    expect(expected.length).toBeGreaterThan(0);
    expect(keys(await items(`/v1/opportunities?exporter=MEX&limit=500${filter}`))).toEqual(
      keysOf(expected).slice(0, 500),
    );
  });

  it('filters by confidence: the grade and better, worked out from markets, years and agreement', async () => {
    const all = await items('/v1/opportunities?exporter=MEX&limit=500');
    const grade = (cell: PlainCell) => {
      const markets = world.countries.codes.filter((_, m) => world.valueAt(position('MEX'), cell.product, m) > 0);
      // three years; the latest is 2017, the run of 2026
      const support = (3 * markets.length) / (3 * markets.length + 10);
      const byte = agreementsOf(cell);
      const agreement = byte === 0 ? [] : [(byte - 1) / 254];
      const parts = [0.7, support, ...agreement, Number.isNaN(cell.potential) ? 0 : 1, 0.9 ** 9];
      const value = parts.reduce((product, part) => product * part, 1) ** (1 / parts.length);
      return value >= 0.75 ? 'A' : value >= 0.5 ? 'B' : value >= 0.3 ? 'C' : 'D';
    };
    expect(all.map(({ confidenceGrade }) => confidenceGrade)).toEqual(cellsOf('MEX').slice(0, 500).map(grade));
    for (const least of ['A', 'B', 'C', 'D']) {
      const expected = cellsOf('MEX').filter((cell) => grade(cell) <= least);
      expect(keys(await items(`/v1/opportunities?exporter=MEX&limit=500&minConfidence=${least}`))).toEqual(
        keysOf(expected).slice(0, 500),
      );
    }
    expect(new Set(all.map(({ confidenceGrade }) => confidenceGrade)).size).toBeGreaterThan(1);
    expect((await service.ask('/v1/opportunities?exporter=MEX&minConfidence=E')).status).toBe(400);
  });

  it.each([
    ['-potentialUsd', (a: PlainCell, b: PlainCell) => b.potential - a.potential],
    ['potentialUsd', (a: PlainCell, b: PlainCell) => a.potential - b.potential],
    ['-actualUsd', (a: PlainCell, b: PlainCell) => b.actual - a.actual],
    ['-unrealisedRawUsd', (a: PlainCell, b: PlainCell) => b.potential - b.actual - (a.potential - a.actual)],
  ])('sorts by %s, and puts cells without the amount last', async (sort, order) => {
    const found = await items(`/v1/opportunities?exporter=MEX&limit=500&sort=${sort}`);
    const cells = cellsOf('MEX');
    const name = sort.replace('-', '');
    const priced = cells.filter(({ potential }) => !Number.isNaN(potential)).sort(order);
    if (sort !== '-actualUsd') {
      expect(keys(found.slice(0, priced.length))).toEqual(keysOf(priced));
      expect(found.slice(priced.length).every((item) => item[name as keyof Opportunity] === null)).toBe(true);
    } else {
      const values = found.map((item) => item.actualUsd);
      expect(values).toEqual([...values].sort((a, b) => b - a));
    }
    expect(found).toHaveLength(cells.length);
  });

  it('pages through everything once, whatever the page size', async () => {
    for (const filter of ['', '&importer=USA', '&sort=-potentialUsd', '&product=87&basis=newMarket']) {
      const whole = keys(await items(`/v1/opportunities?exporter=MEX&limit=500${filter}`));
      const parts: string[] = [];
      let next: string | undefined = `/v1/opportunities?exporter=MEX&limit=37${filter}`;
      while (next) {
        const reply = await service.ask(next);
        const body = reply.json();
        parts.push(...keys(body.items));
        next = body.next;
        expect(reply.headers.link).toBe(next && `<${next}>; rel="next"`);
      }
      expect(parts).toEqual(whole);
    }
  });

  it('lets the page size and the presentation change between pages', async () => {
    const { next } = (await service.ask('/v1/opportunities?exporter=MEX&limit=3')).json();
    const reply = await service.ask(`${next}&format=csv&fields=product`.replace('limit=3', 'limit=2'));
    expect(reply.status).toBe(200);
    expect(reply.text.trim().split('\r\n')).toEqual([
      'product,run',
      ...cellsOf('MEX')
        .slice(3, 5)
        .map((cell) => `${product(cell)},r1`),
    ]);
  });

  it('takes small letters for codes', async () => {
    expect(await items('/v1/opportunities?exporter=mex&importer=usa')).toEqual(
      await items('/v1/opportunities?exporter=MEX&importer=USA'),
    );
  });

  it.each([
    ['an exporter that exports nothing', 'exporter=VAT', 'NO_TRADE', /Holy See exports nothing/],
    ['a pair that does not trade', 'exporter=ARG&importer=AUS', 'NO_TRADE', /Argentina sells nothing to Australia/],
    ['a country and itself', 'exporter=MEX&importer=MEX', 'NO_TRADE', /Mexico is no export market of its own/],
    [
      'filters that nothing passes',
      'exporter=MEX&minPotentialUsd=1e15',
      'BELOW_THRESHOLD',
      /None of the \d+ opportunities/,
    ],
  ])('says why there is nothing: %s', async (_, query, code, detail) => {
    const reply = await service.ask(`/v1/opportunities?${query}`);
    expect(reply.status).toBe(200);
    expect(reply.json()).toMatchObject({ items: [], reason: { code, detail: expect.stringMatching(detail) } });
    expect(reply.headers['x-reason']).toBe(code);
    const csv = await service.ask(`/v1/opportunities?${query}&format=csv`);
    expect(csv.text).toMatch(/^exporter,exporterName,[\w,]+,run\r\n$/);
  });

  it('marks an invented world in every form of the answer', async () => {
    const invented = api();
    await publish(invented, world, { run: 'r9', slot: 0, at: AT, synthetic: true });
    const reply = await invented.ask('/v1/opportunities?exporter=MEX&limit=1');
    expect(reply.json()).toMatchObject({ synthetic: true, notice: expect.stringContaining('invented') });
    expect(reply.headers['x-synthetic']).toBe('true');
    const csv = await invented.ask('/v1/opportunities?exporter=MEX&limit=1&format=csv');
    expect(csv.text.split('\r\n')[0]).toMatch(/,run,synthetic$/);
    expect(csv.headers['content-disposition']).toBe(
      'attachment; filename="portolan-SYNTHETIC-opportunities-MEX-r9.csv"',
    );
    const lines = (await invented.ask('/v1/opportunities?exporter=MEX&limit=2&format=ndjson')).text.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).synthetic)).toEqual([true, true]);
  });
});

describe('GET /v1/opportunities of an exporter with more than the ranked list holds', () => {
  let deep: ScoredWorld;
  let large: ReturnType<typeof api>;
  beforeAll(async () => {
    deep = scoredWorld(DEEP);
    large = api();
    await publish(large, deep, { run: 'r1', slot: 0, at: AT });
  });
  const all = async (url: string) => {
    const found: Opportunity[] = [];
    for (let next: string | undefined = url; ; ) {
      const last: Body = (await large.ask(next)).json();
      found.push(...last.items);
      if (last.next === undefined) return { found, last };
      next = last.next;
    }
  };

  it('ends after the best 1,000 of each basis, and says how to go on', async () => {
    const { found, last } = await all('/v1/opportunities?exporter=CXX&limit=500');
    expect(found.filter(({ basis }) => basis === 'newMarket')).toHaveLength(1000);
    expect(found.filter(({ basis }) => basis === 'newProduct')).toHaveLength(1000);
    expect(last).toMatchObject({ truncated: true, hint: expect.stringContaining('name an importer') });
  });

  it('says nothing of the kind while there is a next page, or when the least score is above what was left out', async () => {
    expect((await large.ask('/v1/opportunities?exporter=CXX&limit=10')).json()).not.toHaveProperty('truncated');
    const { found, last } = await all('/v1/opportunities?exporter=CXX&limit=500&minScore=95');
    expect(last).not.toHaveProperty('truncated');
    expect(found).toHaveLength(deep.cellsE[2]!.filter(({ score }) => Math.fround(score) >= 95).length);
  });

  it('says so when a filter goes through the whole list and finds less than was asked for', async () => {
    const { found, last } = await all('/v1/opportunities?exporter=CXX&limit=500&basis=newMarket&without=lumpy');
    const unseen = deep.cellsE[2]!.filter((cell) => cell.basis === 0 && flagsOf(cell) % 2 === 0).length - found.length;
    expect(unseen).toBeGreaterThan(0);
    expect(last).toMatchObject({ truncated: true });
    // also where other bases follow, and there is a next page
    const beyond: Body = (await large.ask('/v1/opportunities?exporter=CXX&limit=500&without=lumpy,passedOn')).json();
    expect(beyond.items.some(({ basis }) => basis !== 'newMarket')).toBe(true);
    expect(beyond).toMatchObject({ truncated: true });
    // not where the least score ends within the list
    const { last: high } = await all('/v1/opportunities?exporter=CXX&limit=500&without=lumpy&minScore=95');
    expect(high).not.toHaveProperty('truncated');
  });

  it('reads all of them for another order, beyond the ranked list', async () => {
    const { found, last } = await all('/v1/opportunities?exporter=CXX&limit=500&sort=-potentialUsd&basis=newMarket');
    const expected = deep.cellsE[2]!.filter(({ basis }) => basis === 0).map(({ potential }) => potential);
    expect(found).toHaveLength(expected.length);
    expect(found.length).toBeGreaterThan(1000);
    expect(found[0]!.potentialUsd! / Math.max(...expected)).toBeCloseTo(1, 6);
    expect(last).not.toHaveProperty('truncated');
  });

  it('goes through all of one importer, over several pages of the store', async () => {
    const { found, last } = await all('/v1/opportunities?exporter=CXX&importer=AXX&limit=500');
    expect(found).toHaveLength(deep.cellsE[2]!.filter((cell) => cell.importer === 0).length);
    expect(found.length).toBeGreaterThan(1100);
    expect(last).not.toHaveProperty('truncated');
  });
});
