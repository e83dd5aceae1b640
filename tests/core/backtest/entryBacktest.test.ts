import { describe, expect, it } from 'vitest';
import { BASELINES } from '../../../lib/core/backtest/baselines.ts';
import { entryBacktest } from '../../../lib/core/backtest/entryBacktest.ts';
import type { Covariates } from '../../../lib/core/covariates/covariates.ts';
import { pseudoRandom } from '../../../lib/core/gravity/ppml/approximateCholesky.ts';
import { axis } from '../../../lib/core/labels.ts';
import { type Flows, sortFlows } from '../../../lib/core/trade/flows.ts';
import { onAxes } from '../../../lib/core/trade/onAxes.ts';

type Row = readonly [exporter: number, importer: number, product: number, value: number];
const flowsOf = (countries: readonly string[], products: readonly string[], rows: readonly Row[]): Flows =>
  sortFlows(axis([...countries]), axis([...products]), {
    exporterN: rows.map(([e]) => e),
    importerN: rows.map(([, m]) => m),
    productN: rows.map(([, , p]) => p),
    valueN: rows.map(([, , , value]) => value),
  });

const COUNTRIES = ['BEL', 'MEX', 'PER', 'USA'];
const PRODUCTS = ['0101', '8703'];
const question = (after: readonly Row[], between: readonly (readonly Row[])[] = []) => ({
  // BEL and MEX sell 0101 to PER and USA sells 8703 to everybody; what MEX sells to USA is empty
  before: flowsOf(COUNTRIES, PRODUCTS, [
    [0, 2, 0, 50],
    [1, 2, 0, 10],
    [1, 0, 0, 10],
    [3, 0, 1, 90],
    [3, 1, 1, 90],
    [3, 2, 1, 90],
    [0, 3, 0, 1],
  ]),
  after: flowsOf(COUNTRIES, PRODUCTS, after),
  exporterE: Uint16Array.of(0, 1),
  unknownPairs: new Set<number>(),
  eventUsd: 100,
  between: between.map((rows) => flowsOf(COUNTRIES, PRODUCTS, rows)),
  regionOf: (code: string) => (code === 'USA' ? 'north' : 'elsewhere'),
  draws: 50,
  seed: 1,
});

describe('a back-test of entries', () => {
  // candidates of BEL: 8703 to MEX and PER. Of MEX: 0101 to USA, 8703 to BEL and PER
  const entered: Row[] = [
    [1, 3, 0, 100],
    [0, 1, 1, 400],
    [0, 2, 1, 99],
  ];

  it('judges every empty cell that could fill, and knows which did', () => {
    const test = entryBacktest(question(entered));
    expect(test.universe()).toEqual({
      exporters: 2,
      cells: 5,
      positives: 2,
      prevalence: 0.4,
      exportersAt20: 0,
      unknownPairs: 0,
      late: null,
    });
    const knows = test.judge('truth', '', Float64Array.from(test.positiveN));
    expect([knows.metrics.auc.value, knows.metrics.averagePrecision.value]).toEqual([1, 1]);
    expect(knows.metrics.auc.over).toBeNull();
    // twenty places hold every cell of an exporter, so all that came into being is found
    expect(knows.captured.share).toBe(1);
  });

  it('compares with the first score: knowing nothing is worth prevalence, and the difference says so', () => {
    const test = entryBacktest(question(entered));
    test.judge('truth', '', Float64Array.from(test.positiveN));
    const nothing = test.judge('nothing', '', new Float64Array(5));
    expect(nothing.metrics.auc.value).toBeCloseTo(0.5, 12);
    expect(nothing.metrics.auc.over?.difference).toBeCloseTo(-0.5, 12);
    // AP of five cells in random order with two positives: Σ_s (2/5) (1 + (s − 1) / 4) / s / 2
    const byHand = [1, 2, 3, 4, 5].reduce((sum, s) => sum + (0.2 * (1 + (s - 1) / 4)) / s, 0);
    expect(nothing.metrics.averagePrecision.value).toBeCloseTo(byHand, 12);
  });

  it('takes parts by basis, region, section, without hubs', () => {
    const test = entryBacktest(question(entered));
    const { parts } = test.judge('truth', '', Float64Array.from(test.positiveN));
    expect(parts.map(({ by, part, cells, positives }) => [by, part, cells, positives])).toEqual([
      ['basis', 'newPair', 1, 1],
      ['basis', 'newProduct', 4, 1],
      ['region', 'elsewhere', 4, 1],
      ['region', 'north', 1, 1],
      ['section', '1', 1, 1],
      ['section', '17', 4, 1],
      ['hubs left out', 'all other exporters', 3, 1],
    ]);
  });

  it('judges entries that no year between knows apart, against all cells that stayed empty', () => {
    const test = entryBacktest(question(entered, [[[1, 3, 0, 100]]]));
    expect(test.universe().late).toBe(1);
    const { parts } = test.judge('truth', '', Float64Array.from(test.positiveN));
    expect(parts.at(-1)).toMatchObject({ by: 'late entries', cells: 4, positives: 1 });
  });

  it('leaves out pairs that were not reported, and refuses when nothing happened', () => {
    const unknown = entryBacktest({ ...question(entered), unknownPairs: new Set([1 * 4 + 0]) });
    expect(unknown.universe().cells).toBe(4);
    expect(() => entryBacktest(question([[1, 3, 0, 99]]))).toThrow('of 5 empty cells none reaches 100 USD');
  });
});

describe('baselines', () => {
  const random = pseudoRandom(5);
  const countries = Array.from({ length: 8 }, (_, c) => `C${c}`);
  const products = ['0101', '0901', '2709', '6109', '8703', '9403'];
  const rows: Row[] = [];
  for (let e = 0; e < 8; e++)
    for (let m = 0; m < 8; m++)
      for (let p = 0; p < 6; p++) if (e !== m && random() < 0.4) rows.push([e, m, p, Math.exp(8 * random())]);
  const flows = flowsOf(countries, products, rows);
  const pair = (value: (e: number, m: number) => number) =>
    Float64Array.from({ length: 64 }, (_, at) => (at % 9 === 0 ? Number.NaN : value(Math.floor(at / 8), at % 8)));
  const unknown = new Float64Array(8).fill(Number.NaN);
  const covariates: Covariates = {
    distanceKmIJ: pair((e, m) => 100 + 50 * Math.abs(e - m) + 10 * ((e * m) % 3)),
    contigIJ: pair((e, m) => (Math.abs(e - m) === 1 ? 1 : 0)),
    comlangIJ: pair((e, m) => (e + m) % 2),
    colonyIJ: pair((e, m) => (e * m === 6 ? 1 : 0)),
    rtaIJ: pair((e, m) => ((e + m) % 3 === 0 ? 1 : 0)),
    gdpE: unknown,
    populationE: unknown,
    gdpGrowthE: unknown,
    populationGrowthE: unknown,
  };
  const scores = (of: (typeof BASELINES)[number]['of'], year: Parameters<typeof of>[0]) => {
    const scoreOf = of(year)!;
    return countries.flatMap((_, e) => {
      const score = scoreOf(e);
      return countries.flatMap((_m, m) => products.map((_p, p) => (e === m ? 0 : score(m, p))));
    });
  };

  it.each(BASELINES.map(({ name, of }) => ({ name, of })))(
    '$name: a number for every cell, whose order no unit changes',
    ({ of }) => {
      const plain = scores(of, { flows, covariates });
      expect(plain.every((score) => Number.isFinite(score) && score >= 0)).toBe(true);
      expect(new Set(plain).size).toBeGreaterThan(5);
      const inCents = scores(of, { flows: { ...flows, valueN: flows.valueN.map((value) => value * 128) }, covariates });
      const scale = Math.max(...inCents) / Math.max(...plain);
      for (const [n, score] of plain.entries())
        expect(inCents[n]! / scale).toBeCloseTo(score, 6 - Math.ceil(Math.log10(1 + Math.abs(score))));
    },
  );

  it('say when they need covariates', () => {
    const without = BASELINES.filter(({ of }) => of({ flows, covariates: null }) === null).map(({ name }) => name);
    expect(without).toEqual([
      'gravity by section',
      'importer relatedness',
      'exporter relatedness',
      'importer relatedness as a share',
      'exporter relatedness as a share',
    ]);
    // a file of agreements alone brings no distance
    const noDistance = { ...covariates, distanceKmIJ: pair(() => Number.NaN) };
    expect(BASELINES.filter(({ of }) => of({ flows, covariates: noDistance }) === null)).toHaveLength(5);
  });

  it('size and the static index are their formulas', () => {
    const of = (name: string) => BASELINES.find((baseline) => baseline.name === name)!.of({ flows, covariates: null })!;
    const sum = (which: (row: Row) => boolean) => rows.filter(which).reduce((total, [, , , value]) => total + value, 0);
    const [e, m, p] = [2, 5, 3];
    const size = (product: number) =>
      (sum(([i, , k]) => i === e && k === product) * sum(([, j, k]) => j === m && k === product)) /
      sum(([, , k]) => k === product);
    expect(of('size')(e)(m, p)).toBeCloseTo(size(p), 8);
    const exposure = products.reduce((total, _, product) => total + size(product), 0);
    const trade = sum(([i, j]) => i === e && j === m);
    expect(of('static index')(e)(m, p)).toBeCloseTo((size(p) * trade) / exposure, 8);
  });
});

describe('flows on other axes', () => {
  it('keep what both have, in the order of the new axes, and count the rest', () => {
    const flows = flowsOf(
      ['AAA', 'BBB', 'CCC'],
      ['1', '2'],
      [
        [0, 1, 0, 5],
        [1, 0, 1, 7],
        [2, 0, 0, 9],
      ],
    );
    const { flows: moved, left } = onAxes(flows, axis(['AAA', 'BBB', 'DDD']), axis(['0', '1', '2']));
    expect(left).toBe(1);
    expect([...moved.exporterN, ...moved.importerN, ...moved.productN, ...moved.valueN]).toEqual([
      0, 1, 1, 0, 1, 2, 5, 7,
    ]);
  });
});
