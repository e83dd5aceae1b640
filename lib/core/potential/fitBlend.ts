import { exposure } from '../scoring/staticIndex.ts';
import type { Flows } from '../trade/flows.ts';
import type { Totals } from '../trade/totals.ts';
import { type Blend, modelsIn, ofGroup, type PatternBlend, unlearned } from './blend.ts';
import { MODELS, type Models } from './modelEffects.ts';
import { potentialCells } from './potentialCells.ts';
import { simplexWeights } from './simplexWeights.ts';

/** A cell that makes up more than this of one of its totals was fitted to itself: leaving it out leaves too little. */
const MOST_SHARE = 0.5;
/** A pattern of which fewer cells trade teaches nothing. */
const FEWEST_TRADING = 30;

export interface BlendOptions {
  /** weights are fitted to cells of which a model says at least so much, USD */
  readonly fromUsd?: number;
}

/**
 * Fits a blend: for each pattern of models that speak of a cell, weights of a geometric mean, and a scale.
 *
 *     P = s · Π_m P_m^w_m,   w ≥ 0, Σ w = 1  minimising the Poisson deviance with each cell left out;     s = Σ v / Σ Π P_m^w_m
 *
 * The models were fitted to the very cells, the three-way fit the closest, having an effect for each pair: compared as they are, closeness would pass for
 * truth. So each model is judged without the cell's own value in the totals that it keeps, which is one scaling of each total to what
 * is left, for a total t and an expectation μ of the cell in it:
 *
 *     μ(without v) = μ Π_t (t - v) / (t - μ)
 *
 * On data that a model gives exactly, v = μ, that is μ itself, and the deviance of that model is 0: it gets all the weight. The scale makes up for what
 * averaging loses, over all cells of the pattern, empty ones included, of the models as they are. Of pairs that never traded Σ v is 0 and says nothing of
 * what they would trade: gravity speaks there, as it is.
 *
 * @source METHODS 9.5; one step without the cell and the scale are our choice, decisions/0084
 */
export function fitBlend(
  flows: Flows,
  totals: Totals,
  startE: Uint32Array,
  models: Models,
  { fromUsd = 100_000 }: BlendOptions = {},
): Blend {
  const samples = collect(flows, totals, startE, models, fromUsd);
  const patterns: PatternBlend[] = [];
  for (const [pattern, sample] of samples.entries()) {
    if (!sample || sample.cells === 0) continue;
    const own = modelsIn(pattern);
    const { cells, trading, valueUsd, valueN, logNM } = sample;
    const counts = { cells, trading, valueUsd };
    if (valueN.filter((value) => value > 0).length < FEWEST_TRADING) {
      patterns.push({ ...unlearned(pattern), ...counts });
      continue;
    }
    const fit = simplexWeights(Float64Array.from(valueN), Float64Array.from(logNM), own.length);
    const weights = { threeWay: 0, gravity: 0, index: 0 };
    const alone: Record<string, number> = {};
    for (const [m, model] of own.entries()) {
      weights[model] = fit.weightM[m]!;
      alone[model] = fit.devianceM[m]!;
    }
    patterns.push({
      models: own,
      weights,
      scale: 1,
      learned: true,
      ...counts,
      fit: { cells: valueN.length, deviance: fit.deviance, alone },
    });
  }
  return scaled(flows, startE, models, { patterns });
}

/** The scale of each pattern, over all of its cells. */
function scaled(flows: Flows, startE: Uint32Array, models: Models, blend: Blend): Blend {
  const sums = new Float64Array(1 << MODELS.length);
  const walk = potentialCells(flows, startE, models, blend);
  for (let e = 0; e < startE.length - 1; e++)
    walk(e, Number.MIN_VALUE, (_m, _p, potential, _actual, pattern) => {
      sums[pattern]! += potential;
    });
  return {
    patterns: blend.patterns.map((of) => {
      const bits = of.models.reduce((all, model) => all | (1 << MODELS.indexOf(model)), 0);
      return of.learned ? { ...of, scale: of.valueUsd / sums[bits]! } : of;
    }),
  };
}

/** The cells of one pattern: all of them counted, and of those to be fitted the values and the logarithms of the models without them. */
interface Sample {
  cells: number;
  trading: number;
  valueUsd: number;
  readonly valueN: number[];
  readonly logNM: number[];
}

function collect(
  flows: Flows,
  totals: Totals,
  startE: Uint32Array,
  models: Models,
  fromUsd: number,
): (Sample | undefined)[] {
  const { exporterProduct, importerProduct, pair, productP } = totals;
  const nCountries = pair.cols;
  const nProducts = exporterProduct.cols;
  const samples: (Sample | undefined)[] = [];
  const walk = potentialCells(flows, startE, models, { patterns: [] });
  const { threeWay, gravity, index, groupP } = models;
  for (let e = 0; e < nCountries; e++) {
    const exposureM = exposure(totals, e);
    walk(e, Number.MIN_VALUE, (m, p, _potential, v, pattern) => {
      samples[pattern] ??= { cells: 0, trading: 0, valueUsd: 0, valueN: [], logNM: [] };
      const sample = samples[pattern];
      sample.cells++;
      if (v > 0) sample.trading++;
      sample.valueUsd += v;

      const [ep, mp, em] = [e * nProducts + p, m * nProducts + p, e * nCountries + m];
      const [sold, bought, between] = [exporterProduct.data[ep]!, importerProduct.data[mp]!, pair.data[em]!];
      const worth = ({ a, b }: { a: typeof exporterProduct; b: typeof exporterProduct }, c: number) =>
        a.data[ep]! * b.data[mp]! * c;
      const fitted = pattern & 1 ? worth(threeWay, threeWay.cG[0]!.data[em]!) : 0;
      const expected = pattern & 2 ? worth(gravity!, ofGroup(gravity!, groupP[p]!).data[em]!) : 0;
      const indexed = pattern & 4 ? worth(index, index.cG[0]!.data[em]!) : 0;
      if (!(Math.max(fitted, expected, indexed) >= fromUsd)) return;
      // cells that are too much of their own totals say nothing
      const size = (sold * bought) / productP[p]!;
      const most = Math.max(fitted, expected);
      if (most > MOST_SHARE * sold || most > MOST_SHARE * bought) return;
      if (fitted > MOST_SHARE * between || (pattern & 4 && size > MOST_SHARE * exposureM[m]!)) return;

      const without = (mu: number, total: number) => (total - v) / (total - mu);
      const soldElse = sold - v;
      const boughtElse = bought - v;
      const left = [
        fitted * without(fitted, sold) * without(fitted, bought) * without(fitted, between),
        expected * without(expected, sold) * without(expected, bought),
        ((soldElse * boughtElse) / (productP[p]! - v)) * ((between - v) / (exposureM[m]! - size)),
      ];
      const logs: number[] = [];
      for (const [bit, value] of left.entries()) if (pattern & (1 << bit)) logs.push(Math.log(value));
      // without the cell nothing is left of a total, and a model falls silent: the cell is of another pattern then
      if (!logs.every(Number.isFinite)) return;
      sample.valueN.push(v);
      sample.logNM.push(...logs);
    });
  }
  return samples;
}
