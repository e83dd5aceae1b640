import { addEffects, noEffects } from './absorbed.ts';
import { collinear } from './collinear.ts';
import type { Fitted } from './covariance.ts';
import { demean } from './demean.ts';
import { dropByEffects, ROW } from './drops.ts';
import { crossProducts, dot, inverseOf, times } from './gram.ts';
import { type LinearForm, linearForm } from './linearForm.ts';
import { checkModel, type Model } from './model.ts';
import { partialOut } from './newton.ts';
import { effectsOf, panelOf } from './panel.ts';
import type { Coefficient } from './ppml.ts';
import { weighted } from './reduced.ts';

export interface OlsFit {
  readonly coefficients: readonly Coefficient[];
  readonly observations: number;
  readonly dropped: { readonly singletons: number; readonly collinear: readonly string[] };
  /** 1 - Σ w e² / Σ w (y - mean y)², and the same after the effects are taken out of y; NaN without variation */
  readonly r2: number;
  readonly withinR2: number;
  /** fitted value by row of the model, NaN where the row was dropped */
  readonly fittedN: Float64Array;
  /** y less the offset as a form over the model; null when nothing is left to estimate from */
  readonly predictor: LinearForm | null;
  readonly fitted: Fitted | null;
}

const FINE = { absolute: 1e-11, relative: 0 };

/**
 * Weighted least squares with any number of fixed effects: with y = ln(trade) of positive flows, the log-linear baseline that PPML
 * is compared with. It leaves zeros out and is biased when the variance of trade depends on the regressors.
 *
 *     y[n] = offset[n] + Σ_k β[k] x[n,k] + Σ_effects α[level of n] + e[n]
 *
 * @param model yN may be negative; everything else as for PPML
 * @param singletons 'keep' counts rows that are alone in a level among the observations, as fixest does
 * @source Santos Silva and Tenreyro (2006), The log of gravity, Review of Economics and Statistics 88:641, on the bias
 */
export function ols(model: Model, { singletons = 'drop' }: { singletons?: 'drop' | 'keep' } = {}): OlsFit {
  checkModel(model, -Infinity);
  const status = new Uint8Array(model.yN.length);
  dropByEffects(model.yN, effectsOf(model), status, { dropSingletons: singletons === 'drop', zeros: false });
  const fittedN = new Float64Array(status.length).fill(Number.NaN);
  const dropped = {
    singletons: status.reduce((sum, reason) => sum + (reason === ROW.singleton ? 1 : 0), 0),
    collinear: model.columns.map(({ name }) => name),
  };
  const panel = panelOf(model, status);
  if (panel === null)
    return {
      coefficients: [],
      observations: 0,
      dropped,
      r2: Number.NaN,
      withinR2: Number.NaN,
      fittedN,
      predictor: null,
      fitted: null,
    };

  // partial the effects out of regressors and outcome
  const { n, absorbed, rowN, offsetN } = panel;
  const weightN = panel.weightN ?? new Float64Array(n).fill(1);
  const weights = weighted(absorbed, weightN);
  const { kept, dropped: combined } = collinear(panel);
  partialOut(panel, kept, weights, FINE);
  const yN = panel.yN.map((y, at) => y - (offsetN?.[at] ?? 0));
  const restN = yN.slice();
  const effects = noEffects(absorbed);
  // the outcome has any scale: exact relative to its own spread
  const spread = deviation(yN, weightN);
  if (spread > 0) demean(absorbed, weights, restN, effects, { absolute: spread * FINE.absolute, relative: 0 });
  else demean(absorbed, weights, restN, effects, { absolute: 0, relative: 1e-15 });

  // least squares on what is left
  const restsKN = kept.map((column) => column.restN);
  const inverse = inverseOf(crossProducts(restsKN, weightN))!.inverse; // collinear columns are gone: every pivot is positive
  const scoresK = restsKN.map((xN) => dot(xN, restN, weightN));
  const betaK = times(inverse, scoresK);
  const within = dot(restN, restN, weightN);
  for (let k = 0; k < kept.length; k++) {
    for (let at = 0; at < n; at++) restN[at]! -= betaK[k]! * restsKN[k]![at]!;
    addEffects(effects, -betaK[k]!, kept[k]!.taken);
  }
  const squares = dot(restN, restN, weightN);
  for (let at = 0; at < n; at++) fittedN[rowN[at]!] = panel.yN[at]! - restN[at]!;
  return {
    coefficients: kept.map(({ name, sd }, k) => ({ name, estimate: betaK[k]! / sd })),
    observations: n,
    dropped: { ...dropped, collinear: combined.map(({ column }) => column.name) },
    r2: 1 - squares / (deviation(panel.yN, weightN) ** 2 * weightN.reduce((sum, weight) => sum + weight, 0)),
    withinR2: 1 - squares / within,
    fittedN,
    predictor: linearForm(
      model,
      panel,
      kept.map((column, k) => ({ column, times: betaK[k]! })),
      effects,
    ),
    fitted: {
      panel,
      columns: kept,
      informationN: weightN,
      scoreN: restN.map((rest, at) => weightN[at]! * rest),
      dispersion: squares / (n - 1),
    },
  };
}

/** Weighted standard deviation. */
function deviation(valueN: Float64Array, weightN: Float64Array): number {
  let total = 0;
  let sum = 0;
  for (let n = 0; n < valueN.length; n++) {
    total += weightN[n]!;
    sum += weightN[n]! * valueN[n]!;
  }
  let squares = 0;
  for (let n = 0; n < valueN.length; n++) squares += weightN[n]! * (valueN[n]! - sum / total) ** 2;
  return Math.sqrt(squares / total);
}
