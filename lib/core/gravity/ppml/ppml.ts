import type { Certificate } from './certificate.ts';
import { collinear } from './collinear.ts';
import type { Fitted } from './covariance.ts';
import { dropByEffects, type LevelDrop, ROW, type RowStatus } from './drops.ts';
import type { FirstOrder } from './firstOrder.ts';
import { CONTROLS, type Controls, type Iterated, irls } from './irls.ts';
import { type LinearForm, lessColumn, linearForm } from './linearForm.ts';
import { checkModel, type Model } from './model.ts';
import { effectsOf, type Panel, type PanelColumn, panelOf, pick } from './panel.ts';
import { separationSearch } from './separation.ts';

export interface PpmlOptions extends Partial<Controls> {
  /** whether rows that are alone in a level are dropped (default) or kept: coefficients are the same, counts are not */
  readonly singletons?: 'drop' | 'keep';
}

/** What a reader of the result has to know before using it. */
export type Warning =
  /** no row was left to estimate from */
  | { readonly kind: 'noRows' }
  | { readonly kind: 'notConverged'; readonly why: 'iterations' | 'noDescent' | 'singular' }
  /** some fitted means of zeros keep falling, and neither existence nor separation could be shown */
  | { readonly kind: 'existenceUnproved'; readonly rows: number }
  /** rows were dropped because their means vanish, without a certificate */
  | { readonly kind: 'separatedByMu'; readonly rows: number }
  /** the information matrix is close to singular: some combination of coefficients is hardly identified */
  | { readonly kind: 'illConditioned'; readonly smallestPivot: number };

export interface Coefficient {
  readonly name: string;
  readonly estimate: number;
}

/** What proves that the separated rows are: numbers of `Certificate`, and z as a form over the model. */
export interface SeparationProof {
  readonly by: Certificate['by'];
  readonly rows: number;
  readonly direction: LinearForm;
  readonly onPositive: number;
  readonly lowest: number;
  readonly smallestSeparated: number;
}

export interface PpmlFit {
  /** in the order of the model's columns, collinear ones left out */
  readonly coefficients: readonly Coefficient[];
  /** rows used */
  readonly observations: number;
  readonly dropped: {
    readonly separated: number;
    readonly separatedBy: { readonly effect: number; readonly certificate: number; readonly mu: number };
    readonly singletons: number;
    /** names of columns that effects and earlier columns explain */
    readonly collinear: readonly string[];
  };
  /** 2 Σ w (y ln(y/μ) - y + μ) over the rows used */
  readonly deviance: number;
  /** false means: do not use the numbers. `warnings` says why */
  readonly converged: boolean;
  /** Newton iterations, and conjugate-gradient iterations inside them, over all rounds of dropping and refitting */
  readonly iterations: number;
  readonly innerIterations: number;
  readonly firstOrder: FirstOrder;
  readonly warnings: readonly Warning[];
  /** what became of each row of the model (drops.ts) */
  readonly status: Uint8Array;
  /** μ by row of the model: 0 where separated, NaN where a singleton was dropped */
  readonly fittedN: Float64Array;
  /** levels and directions along which the fit does not exist or says nothing, in the order in which they were found and dropped */
  readonly history: readonly (LevelDrop | SeparationProof)[];
  /** ln μ less the offset as a form over the model; null when no row was left */
  readonly predictor: LinearForm | null;
  /** forms that are zero on every used row: along them a prediction is not determined (columns that were dropped as collinear) */
  readonly dependencies: readonly LinearForm[];
  /** what `covariance` needs; null when no row was left */
  readonly fitted: Fitted | null;
  readonly model: Model;
}

/** Pivots below this leave fewer than about four correct digits. */
const ILL_CONDITIONED = 1e-12;

/**
 * Poisson pseudo-maximum likelihood with any number of fixed effects, offset and weights.
 *
 *     E[y[n]] = exp(offset[n] + Σ_k β[k] x[n,k] + Σ_effects α[level of n])
 *
 * Rows that effects alone decide are dropped first, columns that are combinations of others next; then the fit, and if zeros still
 * fall when all else has settled, separated rows are looked for, dropped, and everything starts anew. SEPARATION.md tells the story.
 *
 * @returns the estimate, or with `converged: false` an explained failure; wrong or unidentified numbers are never returned as normal
 * @throws RangeError where the model breaks its contract (lengths, infinite values, negative outcomes)
 * @source Santos Silva and Tenreyro (2006); Correia, Guimaraes and Zylkin (2020), Stata Journal 20:95
 */
export function ppml(model: Model, options: PpmlOptions = {}): PpmlFit {
  checkModel(model, 0);
  const status = new Uint8Array(model.yN.length);
  const history: (LevelDrop | SeparationProof)[] = [];
  let warmN: Float64Array | null = null;
  const spent = { iterations: 0, innerIterations: 0 };
  const controls = { ...CONTROLS, ...options };
  for (;;) {
    const drops = dropByEffects(model.yN, effectsOf(model), status, { dropSingletons: options.singletons !== 'keep' });
    for (const drop of drops) history.push(drop);
    const panel = panelOf(model, status);
    if (panel === null) return withoutRows(model, status, history);
    const { kept, dropped } = collinear(panel);
    const search = separationSearch(panel, kept);
    const fit = irls(panel, kept, search, warmN && pick(warmN, panel.rowN), controls);
    spent.iterations += fit.iterations;
    spent.innerIterations += fit.innerIterations;
    // what did not settle may be separated too
    const unsettled = fit.stopped !== null && fit.stopped !== 'separated';
    const { falls, separated } = unsettled && fit.lastNewton ? search(fit, fit.lastNewton, false, true) : fit.found;
    if (separated === null) {
      const dependencies = dropped.map(({ column, ofK, effects }) =>
        lessColumn(linearForm(model, panel, ofK, effects), column),
      );
      return finished(model, status, history, { panel, kept, fit, spent, dependencies, falls });
    }
    const { positions, status: reason, certificate } = separated;
    for (const at of positions) status[panel.rowN[at]!] = reason;
    // without them a fit that had settled goes on where it was
    warmN = unsettled ? null : new Float64Array(status.length);
    if (warmN) for (let at = 0; at < panel.n; at++) warmN[panel.rowN[at]!] = fit.muN[at]!;
    if (certificate) {
      const { by, terms, effects, onPositive, lowest, smallestSeparated } = certificate;
      const direction = linearForm(model, panel, terms, effects);
      history.push({ by, rows: positions.length, direction, onPositive, lowest, smallestSeparated });
    }
  }
}

interface Ended {
  readonly panel: Panel;
  readonly kept: readonly PanelColumn[];
  readonly fit: Iterated;
  readonly spent: { readonly iterations: number; readonly innerIterations: number };
  readonly dependencies: readonly LinearForm[];
  readonly falls: number;
}

function finished(
  model: Model,
  status: Uint8Array,
  history: PpmlFit['history'],
  { panel, kept, fit, spent, dependencies, falls }: Ended,
): PpmlFit {
  const { muN, deviance, firstOrder, smallestPivot } = fit;
  const dropped = droppedRows(model, status, kept);
  const warnings: Warning[] = [];
  if (fit.stopped !== null && fit.stopped !== 'separated') warnings.push({ kind: 'notConverged', why: fit.stopped });
  if (falls > 0) warnings.push({ kind: 'existenceUnproved', rows: falls });
  if (dropped.separatedBy.mu > 0) warnings.push({ kind: 'separatedByMu', rows: dropped.separatedBy.mu });
  if (smallestPivot < ILL_CONDITIONED) warnings.push({ kind: 'illConditioned', smallestPivot });

  const { weightN, yN, rowN, n } = panel;
  const fittedN = new Float64Array(status.length);
  for (let row = 0; row < status.length; row++) if (status[row] === ROW.singleton) fittedN[row] = Number.NaN;
  for (let at = 0; at < n; at++) fittedN[rowN[at]!] = muN[at]!;
  const scoreN = yN.map((y, at) => (weightN?.[at] ?? 1) * (y - muN[at]!));
  return {
    coefficients: kept.map(({ name, sd }, k) => ({ name, estimate: fit.betaK[k]! / sd })),
    observations: n,
    dropped,
    deviance,
    converged: fit.converged && smallestPivot >= ILL_CONDITIONED,
    ...spent,
    firstOrder,
    warnings,
    status,
    fittedN,
    history,
    predictor: linearForm(
      model,
      panel,
      kept.map((column, k) => ({ column, times: fit.betaK[k]! })),
      fit.effects,
    ),
    dependencies,
    fitted: { panel, columns: kept, informationN: fit.weights.weightN, scoreN, dispersion: 1 },
    model,
  };
}

function withoutRows(model: Model, status: Uint8Array, history: PpmlFit['history']): PpmlFit {
  const fittedN = new Float64Array(status.length);
  for (let row = 0; row < status.length; row++) if (status[row] === ROW.singleton) fittedN[row] = Number.NaN;
  return {
    coefficients: [],
    observations: 0,
    dropped: droppedRows(model, status, []),
    deviance: 0,
    converged: false,
    iterations: 0,
    innerIterations: 0,
    firstOrder: { regressors: Number.NaN, margins: Number.NaN },
    warnings: [{ kind: 'noRows' }],
    status,
    fittedN,
    history,
    predictor: null,
    dependencies: [],
    fitted: null,
    model,
  };
}

function droppedRows({ columns }: Model, status: Uint8Array, kept: readonly PanelColumn[]): PpmlFit['dropped'] {
  const count = (reason: RowStatus) => status.reduce((sum, value) => sum + (value === reason ? 1 : 0), 0);
  const separatedBy = {
    effect: count(ROW.separatedByEffect),
    certificate: count(ROW.separatedByCertificate),
    mu: count(ROW.separatedByMu),
  };
  const names = new Set(kept.map(({ name }) => name));
  return {
    separated: separatedBy.effect + separatedBy.certificate + separatedBy.mu,
    separatedBy,
    singletons: count(ROW.singleton),
    collinear: columns.map(({ name }) => name).filter((name) => !names.has(name)),
  };
}
