import { describe, expect, it } from 'vitest';
import { contributions } from '../../../lib/core/entry/additive.ts';
import { entryContext, prepareEntries } from '../../../lib/core/entry/entryContext.ts';
import { entryFeatures } from '../../../lib/core/entry/entryFeatures.ts';
import { pseudoRandom } from '../../../lib/core/gravity/ppml/approximateCholesky.ts';
import { GROWTH_TERMS, growthTerms } from '../../../lib/core/growth/growthFeatures.ts';
import { growthScorer } from '../../../lib/core/growth/growthScorer.ts';
import { expectedGain, growthRows, growthScore, trainGrowthModel } from '../../../lib/core/growth/trainGrowthModel.ts';
import { axis } from '../../../lib/core/labels.ts';
import { matrix } from '../../../lib/core/matrix.ts';
import { type Flows, sortFlows } from '../../../lib/core/trade/flows.ts';

const [COUNTRIES, PRODUCTS] = [25, 30];
const random = pseudoRandom(3);
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const codes = (length: number) => axis(Array.from({ length }, (_, at) => String(at).padStart(4, '0')));
const flowsOf = (rows: readonly number[][]): Flows =>
  sortFlows(codes(COUNTRIES), codes(PRODUCTS), {
    exporterN: rows.map(([e]) => e!),
    importerN: rows.map(([, m]) => m!),
    productN: rows.map(([, , p]) => p!),
    valueN: rows.map(([, , , value]) => value!),
  });
const size = Array.from({ length: COUNTRIES }, () => Math.exp(normal()));
const before: number[][] = [];
for (let e = 0; e < COUNTRIES; e++)
  for (let m = 0; m < COUNTRIES; m++)
    for (let p = 0; p < PRODUCTS; p++)
      if (e !== m && random() < 0.6) before.push([e, m, p, 1e5 * size[e]! * size[m]! * Math.exp(normal())]);
const flows = flowsOf(before);
const context = entryContext(flows, { prepared: { ...prepareEntries(flows), density: matrix(COUNTRIES, PRODUCTS) } });
const exporterE = Uint16Array.from({ length: COUNTRIES }, (_, e) => e);

/** Flows return half of the way to what size alone would have, with luck. */
const outcome = (pull: number): Flows =>
  flowsOf(
    before
      .filter(() => random() < 0.9)
      .map(([e, m, p, value]) => {
        const usual = 1e5 * size[e!]! * size[m!]!;
        return [e!, m!, p!, value! * (usual / value!) ** pull * Math.exp(0.5 * normal())];
      }),
  );
const train = (later: Flows) => {
  const rows = growthRows(context, { after: later, exporterE, unknownPairs: new Set() });
  return { rows, ...trainGrowthModel(rows, flows.countries.codes) };
};
const correlation = (x: ArrayLike<number>, y: ArrayLike<number>) => {
  const mean = (of: ArrayLike<number>) =>
    Array.prototype.reduce.call(of, (a, b) => (a as number) + (b as number), 0) as number;
  const [mx, my] = [mean(x) / x.length, mean(y) / y.length];
  let [xy, xx, yy] = [0, 0, 0];
  for (let n = 0; n < x.length; n++) {
    xy += (x[n]! - mx) * (y[n]! - my);
    xx += (x[n]! - mx) ** 2;
    yy += (y[n]! - my) ** 2;
  }
  return xy / Math.sqrt(xx * yy);
};

describe('the growth model', () => {
  const trained = train(outcome(0.5));
  const scores = ({ rows, model }: Pick<typeof trained, 'rows' | 'model'>) =>
    Float64Array.from(rows.beforeN, (_, n) =>
      growthScore(
        model,
        rows.valueTN.map((valueN) => valueN[n]!),
      ),
    );

  it('trains on flows that exist before and after, and on nothing else', () => {
    const later = outcome(0.5);
    const { exporterN, importerN, productN, beforeN, afterN } = growthRows(context, {
      after: later,
      exporterE: Uint16Array.of(3),
      unknownPairs: new Set([3 * COUNTRIES + 5]),
    });
    expect(new Set(exporterN)).toEqual(new Set([3]));
    expect(importerN.includes(5)).toBe(false);
    const cell = (of: Flows, m: number, p: number) =>
      of.valueN.find((_, n) => of.exporterN[n] === 3 && of.importerN[n] === m && of.productN[n] === p);
    for (const n of [0, 7, beforeN.length - 1]) {
      expect(beforeN[n]).toBe(cell(flows, importerN[n]!, productN[n]!));
      expect(afterN[n]).toBe(cell(later, importerN[n]!, productN[n]!));
    }
  });

  it('recovers planted growth, and expects gains that add up', () => {
    expect(trained.converged).toBe(true);
    const fresh = {
      rows: growthRows(context, { after: outcome(0.5), exporterE, unknownPairs: new Set() }),
      model: trained.model,
    };
    const growthN = fresh.rows.beforeN.map((value, n) => Math.log(fresh.rows.afterN[n]! / value));
    const scoreN = scores(fresh);
    // luck has a standard deviation of 0.5, the pull of about 0.5 · 1
    expect(correlation(scoreN, growthN)).toBeGreaterThan(0.6);
    let [expected, gained] = [0, 0];
    for (const [n, value] of fresh.rows.beforeN.entries()) {
      expected += expectedGain(trained.model, scoreN[n]!, value);
      gained += Math.max(fresh.rows.afterN[n]! - value, 0);
    }
    expect(expected / gained).toBeGreaterThan(0.85);
    expect(expected / gained).toBeLessThan(1.15);
  });

  it('finds nothing in growth that is luck', () => {
    const luck = train(outcome(0));
    const fresh = growthRows(context, { after: outcome(0), exporterE, unknownPairs: new Set() });
    const growthN = fresh.beforeN.map((value, n) => Math.log(fresh.afterN[n]! / value));
    expect(Math.abs(correlation(scores({ ...luck, rows: fresh }), growthN))).toBeLessThan(0.06);
  });

  it('scores all flows of an exporter as one by one', () => {
    const scoresOf = growthScorer(trained.model);
    const featuresOf = entryFeatures(context);
    for (const exporter of [0, 7]) {
      const features = featuresOf(exporter);
      const [from, end] = [context.startE[exporter]!, context.startE[exporter + 1]!];
      const scoreN = scoresOf(features, flows, from, end);
      expect(scoreN).toHaveLength(end - from);
      for (let n = from; n < end; n++) {
        const terms = growthTerms(features, flows.importerN[n]!, flows.productN[n]!, flows.valueN[n]!);
        expect(scoreN[n - from]).toBeCloseTo(growthScore(trained.model, terms), 12);
      }
    }
  });

  it('is a sum of named terms, each at its definition, and survives JSON', () => {
    const model = JSON.parse(JSON.stringify(trained.model));
    const features = entryFeatures(context)(4);
    const terms = growthTerms(features, 9, 2, 5_000);
    const parts = contributions(model, terms);
    expect(parts).toHaveLength(GROWTH_TERMS.length);
    expect(growthScore(model, terms)).toBeCloseTo(
      parts.reduce((sum, part) => sum + part, model.intercept),
      12,
    );
    const at = 9 * PRODUCTS + 2;
    const of = (term: string) => terms[GROWTH_TERMS.findIndex((each) => each.term === term)]!;
    expect(of('threeWayRatio')).toBeCloseTo(features.threeWay[at]! / 5_000, 4);
    expect(of('fourthRootsRatio') / (features.threeWayOfFourthRoots[at]! ** 4 / 5_000)).toBeCloseTo(1, 5);
    expect(of('importShare')).toBeCloseTo(5_000 / features.demand[at]!, 8);
    expect(of('exportShare')).toBeCloseTo(5_000 / features.supply[2]!, 8);
  });
});
