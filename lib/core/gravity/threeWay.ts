import { type Matrix, matrix } from '../matrix.ts';
import { actualOf } from '../trade/actualOf.ts';
import type { Flows } from '../trade/flows.ts';
import { anderson } from './anderson.ts';
import { decidedCells } from './forced.ts';
import { marginErrors, type ThreeWayMargins } from './marginErrors.ts';
import { MOST_AT_ONCE, stragglers } from './stragglers.ts';
import { type Cell, type Support, support } from './support.ts';
import { MARGIN_TOLERANCE, type Sweeps, sweeps } from './sweeps.ts';

/**
 * Sweeps between two looks at the slowest factors, and after how many, or below which error, the first is. (Measured on the worlds of
 * tests/bench/threeWay.ts: 5 and 20 take more sweeps.) A world whose factors can all be solved for at once is looked at from the start.
 */
const STRAGGLERS_EVERY = 10;
const STRAGGLERS_FROM = 40;
const STRAGGLERS_BELOW = 1e-7;
/** A fall of the likelihood by less than this share of V is rounding. */
const ROUNDING = 1e-14;

export interface ThreeWayOptions {
  /** Σ|error| / V at which each family of margins counts as reproduced */
  readonly tolerance?: number;
  /** how far every margin above 10,000 USD may be off, relative */
  readonly marginTolerance?: number;
  readonly maxSweeps?: number;
  /**
   * factors on the axes of the flows where to begin, 0 where nothing is known (`startFrom` makes them of an earlier fit). The potential is the
   * same to the tolerance, not to the last digit
   */
  readonly start?: { readonly b: Matrix; readonly c: Matrix };
}

/** What is known about a fit beside its factors; all of it survives JSON. Cells are positions on the axes of the flows. */
export interface ThreeWayFacts {
  /** cells that a margin decides by itself: fixed at their value, and left out of the factors */
  readonly forced: readonly (Cell & { readonly value: number })[];
  /** empty cells that are 0 in every fit that keeps the totals, although A·B·C is positive there */
  readonly zeros: readonly Cell[];
  readonly converged: boolean;
  readonly sweeps: number;
  /** Σ v ln mu − mu over the support, USD */
  readonly loglik: number;
  readonly margins: ThreeWayMargins;
  /** error (Σ|error| / V) and rise of the likelihood (USD; null: not comparable) of each sweep; a rejected one has rejected: true */
  readonly progress: readonly { readonly error: number; readonly gain: number | null; readonly rejected: boolean }[];
}

/** mu_ijk = a[i,k]·b[j,k]·c[i,j], but for the cells listed in `forced` and `zeros` (`potentialOf`). */
export interface ThreeWayFit extends ThreeWayFacts {
  /** exporters × products, importers × products, exporters × importers; 0 outside the support. Only their product has a meaning. */
  readonly a: Matrix;
  readonly b: Matrix;
  readonly c: Matrix;
}

/**
 * The three-way potential: what each exporter would sell of each product to each importer if only the three pairwise totals mattered.
 *
 *     mu_ijk = A_ik B_jk C_ij   with   Σ_j mu = v_ik ,  Σ_i mu = v_jk ,  Σ_k mu = v_ij
 *
 * This is the Poisson maximum-likelihood fit of ln mu = a_ik + b_jk + c_ij on the cells whose three totals are positive. mu is unique, the
 * factors are not: (A f_i g_k, B h_j / g_k, C / (f_i h_j)) is the same fit, so nothing shown may depend on them alone.
 *
 * Converged: in each family Σ|error| / V is at most the tolerance, and every margin above 10,000 USD is within the other, 1e-6.
 *
 * @param flows v, USD
 * @returns factors, and what is known about the fit. When it has not converged the margins say where.
 * @source METHODS 1.2c and 1.3a; Deming and Stephan (1940) for the sweeps. decisions/0010
 */
export function threeWayFit(flows: Flows, options: ThreeWayOptions = {}): ThreeWayFit {
  const { tolerance = 1e-9, marginTolerance = MARGIN_TOLERANCE, maxSweeps = 1_000, start } = options;

  // what the totals decide by themselves
  const { forcedN, zeros: decided } = decidedCells(flows);
  const margins = support(flows, new Set(forcedN));
  const zeros = [...decided];
  const actual = actualOf(flows);
  const isPositive = (cell: Cell) => actual(cell) > 0;

  let state = sweeps(margins, zeros, start && packFactors(margins, start), marginTolerance);
  let slowest = stragglers(state, isPositive);
  const mixing = anderson(state.totalN);
  const progress: { error: number; gain: number | null; rejected: boolean }[] = [];

  const factors = () => unpackFactors(state, margins);
  const certificate = () => marginErrors(flows, factors(), forcedN, zeros);
  let certified: ThreeWayMargins | null = null;
  let target = tolerance / 2;
  let nextIsPlain = false;
  const isSmall = state.aS.length + state.factorN.length <= MOST_AT_ONCE;
  while (margins.world > 0 && progress.length < maxSweeps) {
    const fit = state.sweep();
    const rejected = fit.gain !== null && fit.gain < -ROUNDING * margins.world;
    progress.push({ error: fit.error, gain: fit.gain, rejected });
    if (rejected) {
      state.undo();
      mixing.forget();
      continue;
    }

    // good enough by the sweep's own account: add everything up
    if (fit.error <= target && fit.failing === 0) {
      const added = certificate();
      if (reproduced(added, tolerance, marginTolerance)) {
        certified = added;
        break;
      }
      target /= 2;
    }

    // after two plain sweeps in a row: the factors that creep
    if (nextIsPlain) {
      nextIsPlain = false;
      const found = slowest.solve();
      if (found.length > 0) {
        zeros.push(...found);
        state = sweeps(margins, zeros, state.factorN, marginTolerance);
        slowest = stragglers(state, isPositive);
        mixing.forget();
      } else {
        state.moved();
        mixing.interrupt();
      }
      continue;
    }
    state.keep();
    const due = isSmall || progress.length >= STRAGGLERS_FROM || fit.error < STRAGGLERS_BELOW;
    if (due && progress.length % (isSmall ? 4 : STRAGGLERS_EVERY) === 2) {
      nextIsPlain = true;
      mixing.interrupt();
      continue;
    }
    mixing.extrapolate(state.driftN, state.factorN);
  }

  const errors = certified ?? certificate();
  return {
    ...factors(),
    forced: forcedN.map((n) => ({
      ...{ exporter: flows.exporterN[n]!, importer: flows.importerN[n]!, product: flows.productN[n]! },
      value: flows.valueN[n]!,
    })),
    zeros,
    converged: reproduced(errors, tolerance, marginTolerance),
    sweeps: progress.length,
    loglik: logLikelihood(state, margins),
    margins: errors,
    progress,
  };
}

const reproduced = (margins: ThreeWayMargins, tolerance: number, marginTolerance: number) =>
  [margins.exporterProduct, margins.importerProduct, margins.pair].every(
    (family) => family.sumAbsErrorOverTotal <= tolerance && family.worstRelativeAbove10kUsd <= marginTolerance,
  );

/** B and C of an earlier fit in the order of the lists. */
function packFactors(margins: Support, start: { readonly b: Matrix; readonly c: Matrix }): Float64Array {
  const { startDP, importerD, startLE, importerL } = margins;
  const packed = new Float64Array(importerD.length + importerL.length);
  for (let p = 0; p < startDP.length - 1; p++)
    for (let d = startDP[p]!; d < startDP[p + 1]!; d++) packed[d] = start.b.data[importerD[d]! * start.b.cols + p]!;
  for (let e = 0; e < startLE.length - 1; e++)
    for (let l = startLE[e]!; l < startLE[e + 1]!; l++)
      packed[importerD.length + l] = start.c.data[e * start.c.cols + importerL[l]!]!;
  return packed;
}

/** The factors as matrices on the axes. */
function unpackFactors({ aS, bD, cL }: Sweeps, margins: Support): { a: Matrix; b: Matrix; c: Matrix } {
  const { countries, products, startSP, exporterS, startDP, importerD, startLE, importerL } = margins;
  const nCountries = countries.codes.length;
  const nProducts = products.codes.length;
  const a = matrix(nCountries, nProducts);
  const b = matrix(nCountries, nProducts);
  const c = matrix(nCountries, nCountries);
  for (let p = 0; p < nProducts; p++) {
    for (let s = startSP[p]!; s < startSP[p + 1]!; s++)
      if (exporterS[s]! < nCountries) a.data[exporterS[s]! * nProducts + p] = aS[s]!;
    for (let d = startDP[p]!; d < startDP[p + 1]!; d++) b.data[importerD[d]! * nProducts + p] = bD[d]!;
  }
  for (let e = 0; e < nCountries; e++)
    for (let l = startLE[e]!; l < startLE[e + 1]!; l++) c.data[e * nCountries + importerL[l]!] = cL[l]!;
  return { a, b, c };
}

/** Σ v ln mu − Σ mu: linear in the logarithms of the factors, since their margins are those of the data. */
function logLikelihood({ aS, factorN, totalN }: Sweeps, { totalS, world }: Support): number {
  let sum = -world;
  for (let s = 0; s < aS.length; s++) if (totalS[s]! > 0) sum += totalS[s]! * Math.log(aS[s]!);
  for (let n = 0; n < factorN.length; n++) sum += totalN[n]! * Math.log(factorN[n]!);
  return sum;
}
