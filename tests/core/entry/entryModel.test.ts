import { describe, expect, it } from 'vitest';
import { averagePrecision } from '../../../lib/core/backtest/averagePrecision.ts';
import { entryCandidates, valueAfter } from '../../../lib/core/backtest/entryCandidates.ts';
import { rankedList } from '../../../lib/core/backtest/rankedList.ts';
import { presence } from '../../../lib/core/complexity/presence.ts';
import { proximity } from '../../../lib/core/complexity/proximity.ts';
import { contributions } from '../../../lib/core/entry/additive.ts';
import { probabilityOf } from '../../../lib/core/entry/calibration.ts';
import { type EntryContext, entryContext, prepareEntries } from '../../../lib/core/entry/entryContext.ts';
import { entryCovariates } from '../../../lib/core/entry/entryCovariates.ts';
import {
  ALL_ENTRY_TERMS,
  COVARIATE_TERMS,
  ENTRY_TERMS,
  entryFeatures,
  featureAt,
  termsOf,
} from '../../../lib/core/entry/entryFeatures.ts';
import { scorer } from '../../../lib/core/entry/scorer.ts';
import { shippedEntryModel } from '../../../lib/core/entry/shippedEntryModel.ts';
import { probabilityOfRows, trainEntryModel, trainingRows } from '../../../lib/core/entry/trainEntryModel.ts';
import { pseudoRandom } from '../../../lib/core/gravity/ppml/approximateCholesky.ts';
import { axis } from '../../../lib/core/labels.ts';
import { matrix } from '../../../lib/core/matrix.ts';
import { exporterSimilarity, importerSimilarity } from '../../../lib/core/relatedness/similarity.ts';
import { type Flows, sortFlows } from '../../../lib/core/trade/flows.ts';
import { totals } from '../../../lib/core/trade/totals.ts';

const [COUNTRIES, PRODUCTS] = [14, 24];

/** A world in which sizes and a hidden likeness of countries decide who sells what to whom. */
function world(seed: number, countries = COUNTRIES, products = PRODUCTS): Flows {
  const random = pseudoRandom(seed);
  const size = Array.from({ length: countries }, () => Math.exp(2 * random()));
  const taste = Array.from({ length: products }, () => random());
  const kind = Array.from({ length: countries }, () => random());
  const rows: number[][] = [];
  for (let e = 0; e < countries; e++)
    for (let m = 0; m < countries; m++)
      for (let p = 0; p < products; p++) {
        const fit = Math.exp(-8 * Math.abs(kind[e]! - taste[p]!));
        if (e !== m && random() < Math.min(0.9, 0.12 * size[e]! * size[m]! * fit))
          rows.push([e, m, p, Math.exp(9 + 4 * random()) * size[e]! * size[m]!]);
      }
  const column = (at: number) => rows.map((row) => row[at]!);
  const codes = (letter: string, length: number, from = 0) =>
    axis(Array.from({ length }, (_, at) => letter + String(from + at).padStart(4, '0')));
  return sortFlows(codes('C', countries), codes('', products, 101), {
    exporterN: column(0),
    importerN: column(1),
    productN: column(2),
    valueN: column(3),
  });
}

/** Distances and what else gravity wants, of a world on a line. */
function pairsOf(nCountries: number) {
  const pair = (of: (i: number, j: number) => number) =>
    Float64Array.from({ length: nCountries ** 2 }, (_, at) => {
      const [i, j] = [Math.floor(at / nCountries), at % nCountries];
      return i === j ? Number.NaN : of(i, j);
    });
  return {
    distanceKmIJ: pair((i, j) => 300 * Math.abs(i - j) + 17 * ((i + j) % 3)),
    contigIJ: pair((i, j) => Number(Math.abs(i - j) === 1)),
    comlangIJ: pair((i, j) => Number((i * j) % 3 === 1)),
    colonyIJ: pair((i, j) => Number((i + 2 * j) % 7 === 0)),
    rtaIJ: pair((i, j) => Number((i + j) % 4 === 0)),
  };
}

const contextOf = (flows: Flows, covariates: EntryContext['covariates'] = null): EntryContext => {
  const random = pseudoRandom(77);
  const { countries, products } = flows;
  const density = matrix(countries.codes.length, products.codes.length);
  const prepared = { ...prepareEntries(flows), density: { ...density, data: density.data.map(() => random()) } };
  return entryContext(flows, { prepared, covariates });
};

describe('features of entries', () => {
  const flows = world(1);
  const context = contextOf(flows);
  const { exporterProduct, importerProduct, productP } = totals(flows);
  const values = new Map(
    Array.from(flows.valueN, (v, n) => [`${flows.exporterN[n]} ${flows.importerN[n]} ${flows.productN[n]}`, v]),
  );
  const value = (i: number, j: number, k: number) => values.get(`${i} ${j} ${k}`) ?? 0;
  const weights = (similarity: Float64Array, of: number) => {
    const powers = Array.from({ length: COUNTRIES }, (_, c) =>
      c === of || !(similarity[of * COUNTRIES + c]! > 0) ? 0 : similarity[of * COUNTRIES + c]! ** 4,
    );
    const sum = powers.reduce((total, each) => total + each, 0);
    return powers.map((each) => (sum > 0 ? each / sum : 0));
  };
  const similarE = exporterSimilarity(exporterProduct).data;
  const similarM = importerSimilarity(importerProduct).data;
  const phi = proximity(presence(exporterProduct), { diagonal: 0 }).data;
  const of = entryFeatures(context);
  const countries = Array.from({ length: COUNTRIES }, (_, c) => c);
  const products = Array.from({ length: PRODUCTS }, (_, p) => p);

  it.each([0, 5, 13])('of exporter %i are their definitions, written slowly', (i) => {
    const features = of(i);
    const exporterWeights = weights(similarE, i);
    for (const j of countries) {
      if (j === i) continue;
      const importerWeights = weights(similarM, j);
      for (const k of products) {
        const phiK = products.map((q) => phi[k * PRODUCTS + q]!);
        const allPhi = phiK.reduce((sum, each) => sum + each, 0); // fewer products than relatives: all count
        const related = (least: number) =>
          products.reduce((sum, q) => sum + (value(i, j, q) >= least ? phiK[q]! : 0), 0) / (allPhi || 1);
        const exporters = (least: number) =>
          countries.reduce((sum, e) => sum + (value(e, j, k) >= least ? exporterWeights[e]! : 0), 0);
        const importers = (least: number) =>
          countries.reduce((sum, m) => sum + (value(i, m, k) >= least ? importerWeights[m]! : 0), 0);
        const expected: Record<string, number> = {
          size: (exporterProduct.data[i * PRODUCTS + k]! * importerProduct.data[j * PRODUCTS + k]!) / productP[k]!,
          supply: exporterProduct.data[i * PRODUCTS + k]!,
          demand: importerProduct.data[j * PRODUCTS + k]!,
          productFlows: flows.productN.filter((p) => p === k).length,
          reverseFlow: value(j, i, k),
          density: context.density.data[i * PRODUCTS + k]!,
          relatedProducts: related(Number.MIN_VALUE),
          relatedProductsLarge: related(100_000),
          similarExporters: exporters(Number.MIN_VALUE),
          similarExportersLarge: exporters(100_000),
          similarImporters: importers(Number.MIN_VALUE),
          similarImportersLarge: importers(100_000),
        };
        for (const term of ENTRY_TERMS) {
          const is = featureAt(features, term, j, k);
          const should = expected[term.term];
          expect(Number.isFinite(is) && is >= 0).toBe(true);
          if (should !== undefined) expect(is / (should || 1), term.term).toBeCloseTo(should === 0 ? 0 : 1, 5);
        }
      }
    }
  });

  it('do not depend on how factors are scaled, nor on the order of countries', () => {
    const scaled = { ...context, fits: { ...context.fits, threeWay: rescaled(context.fits.threeWay) } };
    expect(entryFeatures(scaled)(3).threeWay.map(Math.fround)).toEqual(of(3).threeWay.map(Math.fround));
  });

  /** A · 2, B / 2: powers of two change no digit. */
  function rescaled({ a, b, ...rest }: EntryContext['fits']['threeWay']) {
    return {
      ...rest,
      a: { ...a, data: a.data.map((x) => 2 * x) },
      b: { ...b, data: b.data.map((x) => x / 2) },
    };
  }
});

describe('terms that need covariates', () => {
  const flows = world(1, 14, 24);
  const pairs = pairsOf(COUNTRIES);
  const { exporterProduct, importerProduct } = totals(flows);
  const groupP = Uint8Array.from({ length: PRODUCTS }, (_, p) => p % 2);
  const random = pseudoRandom(5);
  const numbers = (rows: number, cols: number) =>
    matrix(
      rows,
      cols,
      Float64Array.from({ length: rows * cols }, () => random()),
    );
  const effects = {
    a: numbers(COUNTRIES, PRODUCTS),
    b: numbers(COUNTRIES, PRODUCTS),
    cG: [numbers(COUNTRIES, COUNTRIES), numbers(COUNTRIES, COUNTRIES)],
  };
  const zeros = [{ exporter: 5, importer: 3, product: 9 }];
  const covariates = entryCovariates(flows, pairs, { effects, groupP, zeros });
  const context = contextOf(flows, covariates);
  const of = entryFeatures(context);
  const value = (i: number, j: number, k: number) => {
    for (let n = 0; n < flows.valueN.length; n++)
      if (flows.exporterN[n] === i && flows.importerN[n] === j && flows.productN[n] === k) return flows.valueN[n]!;
    return 0;
  };
  const near = (similarity: Float64Array, of_: number) => {
    const weights = Array.from({ length: COUNTRIES }, (_, c) => {
      const like = Math.max(0, similarity[of_ * COUNTRIES + c]!);
      return c === of_ ? 0 : like / pairs.distanceKmIJ[of_ * COUNTRIES + c]!;
    });
    const sum = weights.reduce((total, each) => total + each, 0);
    return weights.map((each) => (sum > 0 ? each / sum : 0));
  };

  it('are there after the others, and only where something is known', () => {
    expect(termsOf(context).map(({ term }) => term)).toEqual(
      [...ENTRY_TERMS, ...COVARIATE_TERMS].map(({ term }) => term),
    );
    expect(termsOf(contextOf(flows))).toEqual(ENTRY_TERMS);
    expect(entryCovariates(flows, { ...pairs, distanceKmIJ: pairs.distanceKmIJ.map(() => Number.NaN) })).toBeNull();
  });

  it.each([0, 5, 13])('of exporter %i are their definitions, written slowly', (i) => {
    const features = of(i);
    const exporterWeights = near(exporterSimilarity(exporterProduct).data, i);
    let [some, all] = [0, 0];
    for (const j of [0, 3, 7, 12]) {
      if (j === i) continue;
      const importerWeights = near(importerSimilarity(importerProduct).data, j);
      for (const k of [0, 9, 23]) {
        const sum = (each: (c: number) => number) =>
          Array.from({ length: COUNTRIES }, (_, c) => each(c)).reduce((total, one) => total + one, 0);
        const sells = exporterProduct.data[i * PRODUCTS + k]!;
        const cell = [i, j, k].join() === '5,3,9' ? 0 : 1;
        const expected = {
          gravity:
            cell *
            effects.a.data[i * PRODUCTS + k]! *
            effects.b.data[j * PRODUCTS + k]! *
            effects.cG[k % 2]!.data[i * COUNTRIES + j]!,
          similarNearExporters: sum((e) => (value(e, j, k) > 0 ? exporterWeights[e]! : 0)),
          similarNearImporters: sum((m) => (value(i, m, k) > 0 ? importerWeights[m]! : 0)),
          similarShare: sells > 0 ? sum((m) => importerWeights[m]! * value(i, m, k)) / sells : 0,
        };
        for (const term of COVARIATE_TERMS) {
          const [is, should] = [featureAt(features, term, j, k), expected[term.term]];
          expect(is / (should || 1), term.term).toBeCloseTo(should === 0 ? 0 : 1, 5);
          all++;
          if (should > 0) some++;
        }
      }
    }
    expect(some).toBeGreaterThan(all / 2);
    for (const term of ENTRY_TERMS) expect(features[term.term]).toEqual(entryFeatures(contextOf(flows))(i)[term.term]);
  });

  it('are gravity by section where it is not at hand: what is expected of a product adds up to what is sold of it', () => {
    const fitted = entryFeatures(contextOf(flows, entryCovariates(flows, pairs)));
    for (const i of [1, 6]) {
      const gravity = fitted(i).gravity!;
      for (let p = 0; p < PRODUCTS; p++) {
        let sum = 0;
        for (let j = 0; j < COUNTRIES; j++) sum += gravity[j * PRODUCTS + p]!;
        const sells = exporterProduct.data[i * PRODUCTS + p]!;
        expect(sum / (sells || 1)).toBeCloseTo(sells > 0 ? 1 : 0, 4);
      }
    }
  });

  it('are refused where there are none', () => {
    const model = {
      intercept: -3,
      shapes: [
        { term: 'demand', edges: [1000], effects: [0, 1] },
        { term: 'gravity', edges: [0.25], effects: [-1, 2] },
      ],
    };
    const etaP = new Float64Array(PRODUCTS);
    scorer(model, PRODUCTS)(of(2))(4, etaP);
    for (let p = 0; p < PRODUCTS; p++) {
      const features = of(2);
      const [demand, gravity] = [features.demand[4 * PRODUCTS + p]!, features.gravity![4 * PRODUCTS + p]!];
      expect(etaP[p]).toBe(-3 + Number(demand > 1000) + (gravity > 0.25 ? 2 : -1));
    }
    const without = entryFeatures(contextOf(flows))(2);
    expect(() => scorer(model, PRODUCTS)(without)).toThrow(/term gravity needs covariates/);
    expect(() => featureAt(without, ALL_ENTRY_TERMS.at(-1)!, 0, 0)).toThrow(/term similarShare needs covariates/);
    expect(() => scorer({ intercept: 0, shapes: [{ ...model.shapes[0]!, term: 'luck' }] }, PRODUCTS)).toThrow(
      'no term luck',
    );
  });
});

describe('the shipped models', () => {
  it('name the terms that they use: without covariates those of trade, with them all', () => {
    const terms = (hasCovariates: boolean) => shippedEntryModel(hasCovariates).shapes.map(({ term }) => term);
    expect(terms(false)).toEqual(ENTRY_TERMS.map(({ term }) => term));
    expect(terms(true)).toEqual(ALL_ENTRY_TERMS.map(({ term }) => term));
    for (const has of [true, false]) {
      const { worth, shapes, trainedOn } = shippedEntryModel(has);
      expect(worth.shapes.map(({ term }) => term)).toEqual(shapes.map(({ term }) => term));
      for (const { edges, effects } of [...shapes, ...worth.shapes]) expect(effects).toHaveLength(edges.length + 1);
      expect(trainedOn).toMatchObject({ before: 2017, after: 2024, level: 4, exporters: 108 });
    }
  });
});

describe('the entry model', () => {
  const flows = world(2, 30, 60);
  const context = contextOf(flows);
  const exporterE = Uint16Array.from({ length: 30 }, (_, e) => e);
  const of = entryFeatures(context);
  const random = pseudoRandom(12);
  const nProducts = flows.products.codes.length;
  /** Entry by a rule: similar exporters, size, and luck. */
  const truth = (features: ReturnType<typeof of>, m: number, p: number) =>
    probabilityOf(
      -4 +
        25 * features.similarExporters[m * nProducts + p]! +
        3 * Math.min(1, features.size[m * nProducts + p]! / 1e6),
    );
  const outcomes = (chance: (features: ReturnType<typeof of>, m: number, p: number, e: number) => number): Flows => {
    const rows: number[][] = [];
    for (const e of exporterE) {
      const features = of(e);
      for (let m = 0; m < 30; m++)
        for (let p = 0; p < nProducts; p++)
          if (m !== e && random() < chance(features, m, p, e)) rows.push([e, m, p, 200_000]);
    }
    const column = (at: number) => rows.map((row) => row[at]!);
    return sortFlows(flows.countries, flows.products, {
      exporterN: column(0),
      importerN: column(1),
      productN: column(2),
      valueN: column(3),
    });
  };
  const train = (after: Flows) => {
    const rows = trainingRows(context, { after, exporterE, unknownPairs: new Set() }, 100_000);
    const countries = flows.countries.codes;
    return { rows, ...trainEntryModel(rows, { countries, exportsE: context.totals.exporterE, eventUsd: 100_000 }) };
  };
  const trained = train(outcomes(truth));
  /** Average precision over all candidates on outcomes that the model has not seen, over prevalence. */
  const liftOf = ({ model }: typeof trained, after: Flows) => {
    const { startE, importerN, productN, ...candidates } = entryCandidates(flows, exporterE);
    const positiveN = Uint8Array.from(valueAfter({ startE, importerN, productN, ...candidates }, after), (v) =>
      v > 0 ? 1 : 0,
    );
    const scoreN = new Float64Array(positiveN.length);
    const etaP = new Float64Array(nProducts);
    for (const e of exporterE) {
      const rowOf = scorer(model, nProducts)(of(e));
      for (let n = startE[e]!; n < startE[e + 1]!; n++) {
        rowOf(importerN[n]!, etaP);
        scoreN[n] = etaP[productN[n]!]!;
      }
    }
    const list = rankedList(scoreN, positiveN);
    return averagePrecision(list) / (list.positives / list.cells);
  };

  it('recovers what was planted: the term that matters bends most, and new outcomes of the same rule are ranked', () => {
    expect(trained.converged).toBe(true);
    const bend = (term: string) => {
      const { effects } = trained.model.shapes.find((shape) => shape.term === term)!;
      return Math.max(...effects) - Math.min(...effects);
    };
    expect(bend('similarExporters')).toBeGreaterThan(2 * bend('reverseFlow'));
    expect(bend('similarExporters')).toBeGreaterThan(2 * bend('density'));
    expect(liftOf(trained, outcomes(truth))).toBeGreaterThan(2);
  });

  it('promises every third of the exporters and every kind of entry what came, where small exporters enter less than terms say', () => {
    const { exporterE: exportsE } = context.totals;
    const bySize = [...exporterE].sort((a, b) => exportsE[a]! - exportsE[b]!);
    const thirdOf = (e: number) => Math.floor(bySize.indexOf(e) / 10);
    const shares = [0.25, 0.7, 1];
    const { rows, model, probabilityN } = train(
      outcomes((features, m, p, e) => shares[thirdOf(e)]! * truth(features, m, p)),
    );
    const { exporterN, basisN, outcomeN, weightN } = rows;
    const sumsBy = (labelN: ArrayLike<number>, valueN: ArrayLike<number>) => {
      const sums = [0, 0, 0];
      for (let n = 0; n < valueN.length; n++) sums[labelN[n]!]! += weightN[n]! * valueN[n]!;
      return sums;
    };
    for (const labelN of [basisN, Uint8Array.from(exporterN, thirdOf)]) {
      const entries = sumsBy(labelN, outcomeN);
      // a ridge of one entry leaves less than one
      for (const [at, sum] of sumsBy(labelN, probabilityN).entries())
        expect(Math.abs(sum - entries[at]!)).toBeLessThan(1);
      // the model that is kept has seen the cells: near, not equal
      for (const [at, sum] of sumsBy(labelN, probabilityOfRows(model, rows, exportsE)).entries())
        expect(Math.abs(sum / entries[at]! - 1)).toBeLessThan(0.15);
    }
  });

  it('finds nothing where outcomes are luck', () => {
    const luck = () => 0.05;
    const lift = liftOf(train(outcomes(luck)), outcomes(luck));
    expect(lift).toBeGreaterThan(0.8);
    expect(lift).toBeLessThan(1.25);
  });

  it('scores rows of cells as the sum of their contributions, and survives JSON', () => {
    const model = JSON.parse(JSON.stringify(trained.model));
    const features = of(4);
    const rowOf = scorer(model, nProducts)(features);
    const etaP = new Float64Array(nProducts);
    for (const m of [0, 11, 29]) {
      rowOf(m, etaP);
      for (let p = 0; p < nProducts; p++) {
        const values = ENTRY_TERMS.map((term) => featureAt(features, term, m, p));
        const sum = contributions(model, values).reduce((total, each) => total + each, model.intercept);
        expect(etaP[p]!).toBeCloseTo(sum, 10);
      }
    }
  });

  it('trains on entered cells and a share of the others that counts for all, never on what is traded or unknown', () => {
    const { rows } = trained;
    const weight = rows.weightN.reduce((sum, each) => sum + each, 0);
    let cells = 0;
    const bought = totals(flows).importerProduct.data;
    const traded = new Set(
      Array.from(
        flows.valueN,
        (_, n) => (flows.exporterN[n]! * 30 + flows.importerN[n]!) * nProducts + flows.productN[n]!,
      ),
    );
    for (let e = 0; e < 30; e++)
      for (let m = 0; m < 30; m++)
        for (let p = 0; p < nProducts; p++)
          if (e !== m && bought[m * nProducts + p]! > 0 && !traded.has((e * 30 + m) * nProducts + p)) cells++;
    expect(weight / cells).toBeGreaterThan(0.9);
    expect(weight / cells).toBeLessThan(1.1);
    const unknownPairs = new Set([4 * 30 + 7]);
    const without = trainingRows(context, { after: outcomes(truth), exporterE, unknownPairs }, 100_000);
    expect(without.exporterN.some((e, n) => e === 4 && without.importerN[n] === 7)).toBe(false);
  });
});
